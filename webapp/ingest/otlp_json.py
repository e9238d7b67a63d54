"""OTLP requests in JSON, as columns.

OTLP's JSON is protobuf's JSON with exceptions: ids are hexadecimal and enums are numbers (names are taken too).
Integers come as numbers and as strings; fields come in lowerCamelCase and, from some writers, in snake_case;
unknown fields are ignored; ``null`` is a field's default.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from webapp.errors import InvalidRequest
from webapp.ingest.batch import Batch, Origin
from webapp.ingest.garbage import collector_paused
from webapp.ingest.json_fields import (
    MAX_UINT32,
    MAX_UINT64,
    as_object,
    name_type,
    read_id,
    read_list,
    read_object,
    read_severity_number,
    read_text,
    read_unsigned,
)
from webapp.ingest.json_text import load_json
from webapp.ingest.json_values import read_attributes, read_body
from webapp.ingest.values import RecordRefused


def decode_json(body: bytes, batch: Batch) -> None:
    """Add every record of a JSON ``ExportLogsServiceRequest`` to the batch.

    Raises:
        InvalidRequest: the body is not such a request.
        PayloadTooLarge: it holds more records than one insert should.
    """
    with collector_paused():
        _decode(load_json(body), batch)


def _decode(request: Any, batch: Batch) -> None:
    if not isinstance(request, dict):
        raise InvalidRequest(f"The body must be a JSON object with resourceLogs, not {name_type(request)}.")
    if request and "resourceLogs" not in request and "resource_logs" not in request:
        raise InvalidRequest("The JSON object has no resourceLogs: it is not an ExportLogsServiceRequest.")
    try:
        for path, resource_logs in _objects(request, "resourceLogs", "resource_logs", batch):
            with _named(path):
                _decode_resource(resource_logs, path, batch)
    except RecordRefused as refusal:
        raise InvalidRequest(f"{refusal.field} {refusal.problem}.") from None


def _decode_resource(resource_logs: dict[str, Any], path: str, batch: Batch) -> None:
    resource = read_object(resource_logs, "resource")
    with _named("resource"):
        origin = Origin.of(_attributes(resource, batch))
    for scope_path, scope_logs in _objects(resource_logs, "scopeLogs", "scope_logs", batch):
        with _named(scope_path):
            scope = read_object(scope_logs, "scope")
            with _named("scope"):
                name, version = read_text(scope, "name", "name"), read_text(scope, "version", "version")
            records = read_list(scope_logs, "logRecords", "log_records")
            batch.expect_parts(len(records))
            _decode_records(records, f"{path}.{scope_path}", batch)
        batch.close_scope(origin, name, version)


def _decode_records(records: list[Any], path: str, batch: Batch) -> None:
    for index, record in enumerate(records):
        try:
            fields = as_object("", record)
            batch.add(
                read_unsigned(fields, "timeUnixNano", "time_unix_nano", MAX_UINT64),
                read_unsigned(fields, "observedTimeUnixNano", "observed_time_unix_nano", MAX_UINT64),
                read_severity_number(fields),
                read_text(fields, "severityText", "severity_text"),
                read_body(fields),
                _attributes(fields, batch),
                read_id(fields, "traceId", "trace_id", 16),
                read_id(fields, "spanId", "span_id", 8),
                read_unsigned(fields, "flags", "flags", MAX_UINT32),
                read_text(fields, "eventName", "event_name"),
            )
        except RecordRefused as refusal:
            batch.refuse(f"{path}.logRecords[{index}]", refusal)


def _attributes(fields: dict[str, Any], batch: Batch) -> dict[str, str]:
    pairs = read_list(fields, "attributes", "attributes")
    batch.expect_attributes(len(pairs))
    return read_attributes(pairs)


def _objects(fields: dict[str, Any], camel: str, snake: str, batch: Batch) -> Iterator[tuple[str, dict[str, Any]]]:
    items = read_list(fields, camel, snake)
    batch.expect_parts(len(items))
    for index, item in enumerate(items):
        yield f"{camel}[{index}]", as_object(f"{camel}[{index}]", item)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Say where in the request a refused value stands."""
    try:
        yield
    except RecordRefused as refusal:
        raise refusal.inside(path) from None
