"""The same request gives the same rows, in whichever encoding it comes."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.support.otlp import NOW_NS, as_json, decode, decode_text, record, request
from webapp.ingest.batch import Batch

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), TEXT, st.binary(max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
TIMES = st.just(0) | st.integers(NOW_NS - 10**15, NOW_NS + 10**15) | st.integers(0, 2**64 - 1)
RECORDS = st.builds(
    record,
    VALUES,
    st.dictionaries(TEXT, VALUES, max_size=4),
    time_unix_nano=TIMES,
    observed_time_unix_nano=TIMES,
    severity_number=st.integers(0, 24),
    severity_text=st.sampled_from(["", "Warning", "crit", "loud"]),
    trace_id=st.binary(max_size=17),
    span_id=st.binary(min_size=8, max_size=8) | st.binary(max_size=9),
    flags=st.integers(0, 2**32 - 1),
    event_name=TEXT,
)
REQUESTS = st.builds(
    lambda records, resource, scope: request(*records, resource=resource, scope=scope),
    st.lists(RECORDS, max_size=3),
    st.dictionaries(TEXT, VALUES, max_size=3),
    st.tuples(TEXT, TEXT),
)


def rows(batch: Batch) -> tuple[dict[str, list[Any]], int]:
    columns = batch.columns()
    columns.pop("uuid")
    return columns, batch.refused


@settings(max_examples=200)
@given(REQUESTS)
def test_protobuf_and_json_give_the_same_columns(message: ExportLogsServiceRequest) -> None:
    expected = rows(decode(message.SerializeToString()))
    assert rows(decode_text(as_json(message))) == expected
    assert rows(decode_text(as_json(message, snake_case=True))) == expected
