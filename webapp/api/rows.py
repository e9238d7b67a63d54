"""Logs as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from webapp.services.logs import LogRow


def row_as_json(row: LogRow) -> dict[str, Any]:
    """Return one log in the shape of the Logs API."""
    return {
        "uuid": str(row.uuid),
        "timestamp": iso_microseconds(row.timestamp_ns),
        "observed_timestamp": iso_microseconds(row.observed_timestamp_ns),
        "body": row.body,
        "severity_text": row.severity_text,
        "severity_number": row.severity_number,
        "level": row.severity_text,
        "trace_id": row.trace_id,
        "span_id": row.span_id,
        "trace_flags": row.trace_flags,
        "attributes": row.attributes,
        "resource_attributes": row.resource_attributes,
        "event_name": row.event_name,
        "instrumentation_scope": instrumentation_scope(row.scope_name, row.scope_version),
        "service_name": row.service_name,
        "resource_fingerprint": str(row.resource_fingerprint),
        "live_logs_checkpoint": None,  # a moment for polling the tail, which is not offered yet
    }


def iso_microseconds(timestamp_ns: int) -> str:
    """Write a moment in UTC with six decimals, never rounded up."""
    seconds, rest = divmod(timestamp_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"


def instrumentation_scope(name: str, version: str) -> str:
    """Join name and version; nothing stays nothing."""
    return f"{name}@{version}" if name or version else ""
