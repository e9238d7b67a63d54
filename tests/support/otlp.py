"""Builders of OTLP requests, and what they become."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from webapp.ingest.batch import Batch
from webapp.ingest.otlp_json import decode_json
from webapp.ingest.otlp_protobuf import decode_protobuf

NOW_NS = 1_790_000_000_123_456_789


@dataclass(frozen=True)
class Target:
    project_id: int = 7
    retention_days: int = 30


def any_value(value: Any) -> AnyValue:
    """Return the AnyValue that means a Python value; None is the empty one."""
    if value is None:
        return AnyValue()
    if isinstance(value, list):
        made = AnyValue()
        made.array_value.values.extend(any_value(item) for item in value)
        made.array_value.SetInParent()
        return made
    if isinstance(value, dict):
        made = AnyValue()
        made.kvlist_value.values.extend(pairs(value))
        made.kvlist_value.SetInParent()
        return made
    kinds = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value", bytes: "bytes_value"}
    return AnyValue(**{kinds[type(value)]: value})


def pairs(values: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def record(body: Any = "hello", attributes: Mapping[str, Any] | None = None, **fields: Any) -> LogRecord:
    made = LogRecord(**{"time_unix_nano": NOW_NS, **fields})
    made.body.CopyFrom(any_value(body))
    made.attributes.extend(pairs(attributes or {}))
    return made


def request(
    *records: LogRecord, resource: Mapping[str, Any] | None = None, scope: tuple[str, str] = ("", "")
) -> ExportLogsServiceRequest:
    made = ExportLogsServiceRequest()
    resource_logs = made.resource_logs.add()
    resource_logs.resource.attributes.extend(pairs(resource or {}))
    scope_logs = resource_logs.scope_logs.add()
    scope_logs.scope.name, scope_logs.scope.version = scope
    scope_logs.log_records.extend(records)
    return made


def as_json(message: ExportLogsServiceRequest, *, snake_case: bool = False) -> bytes:
    """Write a request as OTLP's JSON has it: protobuf's, but ids are hexadecimal."""
    fields = MessageToDict(message, preserving_proto_field_name=snake_case)
    _with_hexadecimal_ids(fields)
    return json.dumps(fields).encode()


def _with_hexadecimal_ids(value: Any) -> None:
    items: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        _with_hexadecimal_ids(item)
    if isinstance(value, dict):
        for name in ("traceId", "spanId", "trace_id", "span_id"):
            if name in value:
                value[name] = b64decode(value[name]).hex()


def decode(body: bytes, *, target: Target | None = None, now_ns: int = NOW_NS) -> Batch:
    """Decode a protobuf request."""
    batch = Batch(target or Target(), now_ns)
    decode_protobuf(body, batch)
    return batch


def decode_text(body: bytes, *, target: Target | None = None, now_ns: int = NOW_NS) -> Batch:
    """Decode a JSON request."""
    batch = Batch(target or Target(), now_ns)
    decode_json(body, batch)
    return batch


def only_row(batch: Batch) -> dict[str, Any]:
    """Return the batch's only row, by column."""
    assert (len(batch), batch.refused) == (1, 0), batch.reason
    return {name: column[0] for name, column in batch.columns().items()}


def json_record(**fields: Any) -> bytes:
    """Write a JSON request with one record, its fields given as they are on the wire."""
    resource_logs = {"scopeLogs": [{"logRecords": [fields]}]}
    return json.dumps({"resourceLogs": [resource_logs]}).encode()
