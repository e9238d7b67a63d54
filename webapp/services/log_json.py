"""Logs as the API and downloads show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from webapp.queries.cursor import iso_nanoseconds
from webapp.services.log_rows import LogRow


def row_as_json(row: LogRow, checkpoint: str | None = None, custom: Sequence[str] = ()) -> dict[str, Any]:
    """Return one log in the shape of the Logs API.

    Args:
        checkpoint: from where a live tail goes on; of all rows of an answer, the same.
        custom: the keys under which the columns stand that the caller named.
    """
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
        "live_logs_checkpoint": checkpoint,
        **dict(zip(custom, row.custom, strict=True)),
    }


def exact_row_as_json(row: LogRow) -> dict[str, Any]:
    """Return one log under the same names, with every nanosecond and without what only a tail needs."""
    exact = row_as_json(row)
    del exact["live_logs_checkpoint"]
    exact["timestamp"] = iso_nanoseconds(row.timestamp_ns)
    exact["observed_timestamp"] = iso_nanoseconds(row.observed_timestamp_ns)
    return exact


def iso_moment(at: datetime | None) -> str | None:
    """Write an aware moment of UTC with six decimals; none stays none."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at is not None else None


def iso_seconds(timestamp_ns: int) -> str:
    """Write a moment in UTC without decimals."""
    return f"{datetime.fromtimestamp(timestamp_ns // 1_000_000_000, UTC):%Y-%m-%dT%H:%M:%S}Z"


def iso_microseconds(timestamp_ns: int) -> str:
    """Write a moment in UTC with six decimals, never rounded up."""
    seconds, rest = divmod(timestamp_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest // 1000:06d}Z"  # twice as fast as strftime


def instrumentation_scope(name: str, version: str) -> str:
    """Join name and version; nothing stays nothing."""
    return f"{name}@{version}" if name or version else ""
