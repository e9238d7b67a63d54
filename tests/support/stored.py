"""What is in the table of logs, read past the application."""

from __future__ import annotations

from typing import Any

from clickhouse_driver import Client

COLUMNS = """
project_id, toUnixTimestamp64Nano(timestamp) AS timestamp,
toUnixTimestamp64Nano(observed_timestamp) AS observed_timestamp, uuid, lower(hex(trace_id)) AS trace_id,
lower(hex(span_id)) AS span_id, trace_flags, severity_text, severity_number, service_name, body, attributes,
resource_attributes, resource_fingerprint, scope_name, scope_version, event_name, expires_on
"""


def rows(url: str, where: str = "1") -> list[dict[str, Any]]:
    """Return the rows in the order of the table."""
    with Client.from_url(url) as client:
        found, columns = client.execute(
            f"SELECT {COLUMNS} FROM logs WHERE {where} ORDER BY logs.timestamp, uuid", with_column_types=True
        )
    return [dict(zip((name for name, _ in columns), row, strict=True)) for row in found]


def bodies(url: str) -> list[str]:
    """Return the bodies in the order of the table."""
    return [row["body"] for row in rows(url)]


def count(url: str) -> int:
    """Return how many rows there are."""
    with Client.from_url(url) as client:
        return int(client.execute("SELECT count() FROM logs")[0][0])
