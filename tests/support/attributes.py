"""The counts of keys and values: what the table has, and what it should have."""

from __future__ import annotations

from typing import Any

from clickhouse_driver import Client

from webapp.queries.attribute_counts import attribute_counts

Counts = dict[tuple[Any, ...], int]
_GROUPS = "project_id, toString(kind), key, hour, value, expires_on"
_FOREVER_NS = 2**63 - 1


def attributes(client: Client, hours: tuple[int, ...] = ()) -> Counts:
    """Return what the table ``logs_attributes`` counts, in these hours or in all."""
    found = client.execute(f"SELECT {_GROUPS}, sum(n) FROM logs_attributes WHERE {within('hour', hours)} GROUP BY ALL")
    return {tuple(row[:-1]): row[-1] for row in found}


def attributes_of_rows(client: Client, hours: tuple[int, ...] = ()) -> Counts:
    """Return what it should count: what the counting makes of the rows that are there now."""
    query = attribute_counts(-1, _FOREVER_NS)
    found = client.execute(
        f"SELECT {_GROUPS}, sum(n) FROM ({query.sql}) WHERE {within('hour', hours)} GROUP BY ALL",
        dict(query.params),
        settings={"server_side_params": True},
    )
    return {tuple(row[:-1]): row[-1] for row in found}


def within(column: str, hours: tuple[int, ...]) -> str:
    """Return the condition that a column is within one of the hours; of no hours, one that is always true."""
    ranges = (f"{column} >= toDateTime({hour}) AND {column} < toDateTime({hour + 3600})" for hour in hours)
    return f"({' OR '.join(f'({part})' for part in ranges)})" if hours else "1"
