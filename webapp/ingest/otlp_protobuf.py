"""OTLP requests in protobuf, as columns.

This is the loop that limits how many rows a second one core takes: attributes are read once for all records that have
the same, and a resource's map is built once for all of its records.
"""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from webapp.errors import InvalidRequest
from webapp.ingest.batch import Batch, Origin
from webapp.ingest.envelope import LevelEnvelope, RecordEnvelope, RequestEnvelope, parse_or_mend
from webapp.ingest.protobuf_attributes import AttributeReader, read_attributes, read_value
from webapp.ingest.values import MAX_DEPTH, RecordRefused, as_text


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
        reader = AttributeReader()
        for index, raw in enumerate(resources):
            _decode_resource(raw, f"resource_logs[{index}]", batch, reader)
    except DecodeError:
        like_json = body.lstrip().startswith((b"{", b"["))
        hint = " It begins like JSON: send it with Content-Type: application/json." if like_json else ""
        raise InvalidRequest(f"The body is not a protobuf ExportLogsServiceRequest.{hint}") from None
    except RecordRefused as refusal:
        raise InvalidRequest(f"The resource's {refusal.field or 'value'} {refusal.problem}.") from None


def _decode_resource(raw: bytes, path: str, batch: Batch, reader: AttributeReader) -> None:
    level = LevelEnvelope.FromString(raw)
    batch.expect_parts(len(level.items))
    resource = parse_or_mend(Resource, level.shared)
    batch.expect_attributes(len(resource.attributes))
    origin = Origin.of(read_attributes(resource.attributes))
    for index, scope_raw in enumerate(level.items):
        scope_level = LevelEnvelope.FromString(scope_raw)
        batch.expect_parts(len(scope_level.items))
        scope = parse_or_mend(InstrumentationScope, scope_level.shared)
        _decode_records(scope_level.items, f"{path}.scope_logs[{index}]", batch, reader)
        batch.close_scope(origin, scope.name, scope.version)


def _decode_records(records: Iterable[bytes], path: str, batch: Batch, reader: AttributeReader) -> None:
    parse, add = RecordEnvelope.FromString, batch.add
    for index, raw in enumerate(records):
        try:
            try:
                record = parse(raw)
            except DecodeError:
                record = parse_or_mend(RecordEnvelope, raw)
            body, pairs = record.body, record.attributes[:]
            batch.expect_attributes(len(pairs))
            add(
                record.time_unix_nano,
                record.observed_time_unix_nano,
                record.severity_number,
                record.severity_text,
                body.string_value or _body_text(body),
                reader.read(pairs),
                record.trace_id,
                record.span_id,
                record.flags,
                record.event_name,
                in_order=True,
            )
        except DecodeError:
            problem = f"cannot be decoded: it is damaged, or nested deeper than {MAX_DEPTH} levels"
            batch.refuse(f"{path}.log_records[{index}]", RecordRefused("", problem))
        except RecordRefused as refusal:
            batch.refuse(f"{path}.log_records[{index}]", refusal)


def _body_text(body: AnyValue) -> str:
    value = read_value(body, 1)
    return "" if value is None else as_text(value)
