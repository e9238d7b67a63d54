"""Requests that OTLP's endpoint cannot take: what is refused, with which words, and what is stored all the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from tests.support import stored
from tests.support.api import Api
from tests.support.otlp import as_json
from tests.support.otlp_http import COMPRESSIONS, JSON, PROTOBUF, changed, message, post
from webapp.settings import Settings


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b"{", {"Content_Type": JSON}, 400, "The body is not JSON"),
        (b"", {"Content_Type": JSON}, 400, "The body is not JSON"),
        (b"", {}, 400, "The body is not JSON"),
        (b"[]", {}, 400, "must be a JSON object with resourceLogs"),
        (b"{}", {"Content_Type": JSON, "Content_Encoding": "gzip"}, 400, "not gzip as it should be"),
        (b"{}", {"Content_Type": JSON, "Content_Encoding": "br"}, 415, "must be gzip, deflate, zstd or identity"),
        (gzip.compress(b"{}", mtime=0)[:-4], {"Content_Type": JSON}, 400, "it ends too early"),
    ],
)
def test_body_that_cannot_be_read_is_refused_with_a_sentence(
    api: Api, body: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    response = post(api, body, **headers)
    assert response.status_code == status
    assert words in json.loads(response.data)["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"{}", b"\n\x05hello", b"\x08\x01"])
def test_protobuf_that_cannot_be_read_is_refused_with_a_status(api: Api, body: bytes) -> None:
    response = post(api, body, Content_Type=PROTOBUF)
    assert (response.status_code, response.content_type) == (400, PROTOBUF)
    assert Status.FromString(response.data).code == 3
    assert "ExportLogsServiceRequest" in Status.FromString(response.data).message


def test_empty_request_in_protobuf_is_a_success(api: Api) -> None:
    assert post(api, b"", Content_Type=PROTOBUF).status_code == 200


def test_records_that_are_refused_are_counted_and_the_others_stored(api: Api, settings: Settings) -> None:
    fields = json.loads(as_json(message("one", "two", "three")))
    records = fields["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    records[1]["timeUnixNano"] = "yesterday"
    response = post(api, json.dumps(fields).encode(), Content_Type=JSON)
    assert response.status_code == 200
    partial = json.loads(response.data)["partialSuccess"]
    assert partial["rejectedLogRecords"] == "1"
    assert partial["errorMessage"].startswith("resourceLogs[0].scopeLogs[0].logRecords[1].timeUnixNano must be")
    assert stored.bodies(settings.clickhouse_url) == ["one", "three"]


def test_hostile_line_costs_nobody_elses_line(api: Api, settings: Settings) -> None:
    made = message("before", "CAFE", "after").SerializeToString().replace(b"CAFE", b"caf\xe9")
    response = post(api, made, Content_Type=PROTOBUF)
    assert response.status_code == 200
    assert ExportLogsServiceResponse.FromString(response.data) == ExportLogsServiceResponse()
    assert stored.bodies(settings.clickhouse_url) == ["before", "caf\ufffd", "after"]


# --- Limits --------------------------------------------------------------------------------------------------


@pytest.fixture
def small(api: Api, settings: Settings) -> Iterator[Api]:
    """The same instance with limits of 2,000 bytes received and 5,000 inflated."""
    with changed(api, settings, max_body_bytes=2_000, max_inflated_bytes=5_000) as other:
        yield other


def padded(size: int) -> bytes:
    body = as_json(message())
    return body + b" " * (size - len(body))


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (padded(2_000), 200, ""),
        (padded(2_001), 413, "larger than 2,000 bytes. Send it in smaller batches"),
        (gzip.compress(padded(5_000), mtime=0), 200, ""),
        (gzip.compress(padded(5_001), mtime=0), 413, "larger than 5,000 bytes when inflated"),
        (gzip.compress(bytes(1_000_000), mtime=0), 413, "larger than 5,000 bytes when inflated"),
    ],
    ids=["received at the limit", "received over it", "inflated at the limit", "inflated over it", "bomb"],
)
def test_limits_are_kept_and_named(small: Api, body: bytes, status: int, words: str) -> None:
    response = post(small, body, Content_Type=JSON)
    assert response.status_code == status
    if words:
        fields = json.loads(response.data)
        assert words in fields["detail"]
        assert (fields["type"], fields["code"]) == ("invalid_request", "payload_too_large")


# --- Anything at all -----------------------------------------------------------------------------------------


def damage(body: bytes, position: int, inserted: bytes) -> bytes:
    position %= len(body) + 1
    return body[:position] + inserted + body[position + len(inserted) :]


BASES = [as_json(message("fuzzed")), message("fuzzed").SerializeToString()]
DAMAGED = st.builds(damage, st.sampled_from(BASES), st.integers(0, 500), st.binary(max_size=4))
BODIES = st.binary(max_size=200) | DAMAGED


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BODIES, st.sampled_from(["", PROTOBUF, JSON, "x"]), st.sampled_from([None, *COMPRESSIONS]), st.booleans())
def test_any_bytes_are_stored_or_refused_and_never_break_the_server(
    api: Api, body: bytes, content_type: str, compression: str | None, packed: bool
) -> None:
    headers = {"Content_Type": content_type} | ({"Content_Encoding": compression} if compression else {})
    if packed and compression:
        body = COMPRESSIONS[compression](body)
    response = post(api, body, **headers)
    assert response.status_code in {200, 400}, response.data
    if response.content_type == JSON:
        answer = json.loads(response.data)
        assert response.status_code == 200 or answer["detail"].endswith(".")
    elif response.status_code == 400:
        assert Status.FromString(response.data).message.endswith(".")
    else:
        ExportLogsServiceResponse.FromString(response.data)
