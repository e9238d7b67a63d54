"""What only protobuf can do: text that is not UTF-8, damaged records, other messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.otlp import decode, decode_text, only_row, record, request
from webapp.errors import InvalidRequest

CUT = b"caf\xc3"  # ends in the middle of a letter
PLACEHOLDER = b"SPOT"


def with_bytes(message: ExportLogsServiceRequest, raw: bytes = CUT) -> bytes:
    """Put bytes where a request says SPOT, as a client does that does not check its strings."""
    assert len(raw) == len(PLACEHOLDER)
    body = message.SerializeToString()
    assert PLACEHOLDER in body
    return body.replace(PLACEHOLDER, raw)


def test_text_that_is_not_utf8_is_mended_and_its_neighbours_are_untouched() -> None:
    batch = decode(with_bytes(request(record("before"), record("SPOT"), record("áfter"))))
    assert batch.refused == 0
    assert batch.columns()["body"] == ["before", "caf\ufffd", "áfter"]


def test_every_text_of_a_request_is_mended() -> None:
    message = request(
        record({"SPOT": ["SPOT"]}, {"SPOT": "SPOT", "m": {"SPOT": "SPOT"}}, event_name="SPOT", severity_text="SPOT"),
        resource={"service.name": "SPOT", "SPOT": 1},
        scope=("SPOT", "SPOT"),
    )
    row = only_row(decode(with_bytes(message)))
    assert row["body"] == '{"caf\ufffd":["caf\ufffd"]}'
    assert row["attributes"] == {"caf\ufffd": "caf\ufffd", "m.caf\ufffd": "caf\ufffd"}
    assert row["event_name"] == row["service_name"] == row["scope_name"] == row["scope_version"] == "caf\ufffd"
    assert row["resource_attributes"]["caf\ufffd"] == "1"


def test_bytes_beside_mended_text_stay_as_they_are() -> None:
    message = request(record("SPOT", {"raw": b"\xff\xfe"}, trace_id=b"\xff" * 16, span_id=b"\xfe" * 8))
    row = only_row(decode(with_bytes(message)))
    assert (row["trace_id"], row["span_id"], row["attributes"]) == (b"\xff" * 16, b"\xfe" * 8, {"raw": "//4="})


def test_damaged_record_is_refused_alone() -> None:
    damaged = record("damaged").SerializeToString()[:-3]
    intact = record("intact").SerializeToString()
    scope_logs = b"".join(b"\x12" + bytes([len(raw)]) + raw for raw in (intact, damaged, intact))
    resource_logs = b"\x12" + bytes([len(scope_logs)]) + scope_logs
    batch = decode(b"\n" + bytes([len(resource_logs)]) + resource_logs)
    assert batch.columns()["body"] == ["intact", "intact"]
    assert batch.refused == 1
    assert batch.reason.startswith("resource_logs[0].scope_logs[0].log_records[1] cannot be decoded")


@pytest.mark.parametrize("cut", [1, 10, 50])
def test_request_cut_short_is_refused_whole(cut: int) -> None:
    body = request(record("a" * 50), record("b" * 50)).SerializeToString()
    with pytest.raises(InvalidRequest, match="not a protobuf ExportLogsServiceRequest"):
        decode(body[:-cut])


def test_json_sent_as_protobuf_is_told_so() -> None:
    with pytest.raises(InvalidRequest, match="begins like JSON: send it with Content-Type: application/json"):
        decode(b' {"resourceLogs": []}')


def test_message_with_other_fields_alone_is_no_request() -> None:
    with pytest.raises(InvalidRequest, match="no resource_logs"):
        decode(b"\x10\x05")


def test_traces_are_not_stored_as_logs() -> None:
    message = ExportTraceServiceRequest()
    span = message.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = b"\1" * 16, b"\2" * 8, "GET /orders"
    batch = decode(message.SerializeToString())
    assert (len(batch), batch.refused) == (0, 1)


@given(st.binary(max_size=300))
def test_any_bytes_are_stored_or_refused_with_a_sentence(body: bytes) -> None:
    for decoder in (decode, decode_text):
        try:
            batch = decoder(body)
        except InvalidRequest as error:
            assert error.detail.endswith(".")
        else:
            lengths = {len(column) for column in batch.columns().values()}
            assert lengths == {len(batch)}


MESSAGES = st.builds(
    lambda body, key, value: request(record(body, {key: value}), resource={key: value}, scope=(key, key)),
    st.text(max_size=20),
    st.text(max_size=20),
    st.text(max_size=20),
)


@given(MESSAGES, st.integers(0, 200), st.binary(min_size=1, max_size=3))
def test_damage_anywhere_never_breaks_the_decoder(
    message: ExportLogsServiceRequest, position: int, damage: bytes
) -> None:
    body = bytearray(message.SerializeToString())
    position %= len(body)
    body[position : position + len(damage)] = damage
    try:
        batch = decode(bytes(body))
    except InvalidRequest:
        return
    for text in (*batch.columns()["body"], *batch.columns()["scope_name"]):
        text.encode()
