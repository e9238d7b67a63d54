"""OTLP requests in protobuf, as columns.

This is the loop that limits how many rows a second one core takes: attributes are read without ``WhichOneof``
while they are strings, and a resource's map is built once for all of its records.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from webapp.errors import InvalidRequest
from webapp.ingest.batch import Batch, Origin
from webapp.ingest.envelope import LevelEnvelope, RequestEnvelope, parse_or_mend
from webapp.ingest.values import (
    MAX_DEPTH,
    Plain,
    RecordRefused,
    as_text,
    flatten,
    plain_float,
    too_deep,
)


def decode_protobuf(body: bytes, batch: Batch) -> None:
    """Add every record of an ``ExportLogsServiceRequest`` to the batch.

    Raises:
        InvalidRequest: the bytes are not such a request.
        PayloadTooLarge: it holds more records than one insert should.
    """
    try:
        resources = RequestEnvelope.FromString(body).items
        if body and not resources:
            raise InvalidRequest("The protobuf message has no resource_logs: it is not an ExportLogsServiceRequest.")
        batch.expect_parts(len(resources))
        for index, raw in enumerate(resources):
            _decode_resource(raw, f"resource_logs[{index}]", batch)
    except DecodeError:
        like_json = body.lstrip().startswith((b"{", b"["))
        hint = " It begins like JSON: send it with Content-Type: application/json." if like_json else ""
        raise InvalidRequest(f"The body is not a protobuf ExportLogsServiceRequest.{hint}") from None
    except RecordRefused as refusal:
        raise InvalidRequest(f"The resource's {refusal.field or 'value'} {refusal.problem}.") from None


def _decode_resource(raw: bytes, path: str, batch: Batch) -> None:
    level = LevelEnvelope.FromString(raw)
    batch.expect_parts(len(level.items))
    resource = parse_or_mend(Resource, level.shared)
    batch.expect_attributes(len(resource.attributes))
    origin = Origin.of(read_attributes(resource.attributes))
    for index, scope_raw in enumerate(level.items):
        scope_level = LevelEnvelope.FromString(scope_raw)
        batch.expect_parts(len(scope_level.items))
        scope = parse_or_mend(InstrumentationScope, scope_level.shared)
        _decode_records(scope_level.items, f"{path}.scope_logs[{index}]", batch)
        batch.close_scope(origin, scope.name, scope.version)


def _decode_records(records: Iterable[bytes], path: str, batch: Batch) -> None:
    parse = LogRecord.FromString
    for index, raw in enumerate(records):
        try:
            try:
                record = parse(raw)
            except DecodeError:
                record = parse_or_mend(LogRecord, raw)
            body, attributes = record.body, record.attributes
            batch.expect_attributes(len(attributes))
            batch.add(
                record.time_unix_nano,
                record.observed_time_unix_nano,
                record.severity_number,
                record.severity_text,
                body.string_value or _body_text(body),
                read_attributes(attributes),
                record.trace_id,
                record.span_id,
                record.flags,
                record.event_name,
            )
        except DecodeError:
            problem = f"cannot be decoded: it is damaged, or nested deeper than {MAX_DEPTH} levels"
            batch.refuse(f"{path}.log_records[{index}]", RecordRefused("", problem))
        except RecordRefused as refusal:
            batch.refuse(f"{path}.log_records[{index}]", refusal)


def read_attributes(pairs: Iterable[KeyValue]) -> dict[str, str]:
    """Return the attributes as a flat map of strings; of a key that comes twice, the last one counts.

    Raises:
        RecordRefused: maps among them have too many entries, or are nested too deeply.
    """
    attributes: dict[str, str] = {}
    for pair in pairs:
        value = pair.value
        text = value.string_value
        if text:
            attributes[pair.key] = text
            continue
        kind = value.WhichOneof("value")
        if kind == "int_value":  # the other frequent kind: counts, durations, status codes
            attributes[pair.key] = str(value.int_value)
        elif kind is None and not pair.HasField("value"):
            attributes[pair.key] = ""
        else:
            flatten(attributes, pair.key, read_value(value, 1))
    return attributes


def read_value(value: AnyValue, depth: int) -> Plain:
    """Return the Python value that an AnyValue means."""
    if depth > MAX_DEPTH:
        raise too_deep()
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [read_value(item, depth + 1) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: read_value(pair.value, depth + 1) for pair in value.kvlist_value.values}
    if kind == "double_value":
        return plain_float(value.double_value)
    if kind is None:
        return None
    scalar: str | bool | int | bytes = getattr(value, kind)
    return scalar


def _body_text(body: AnyValue) -> str:
    value = read_value(body, 1)
    return "" if value is None else as_text(value)
