"""Rows in the order (timestamp, uuid), a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.queries.base import TABLE, scope_condition
from webapp.queries.cursor import Cursor
from webapp.queries.custom_columns import CustomColumn
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope

# The driver rounds DateTime64(9) to microseconds, so moments are read as whole nanoseconds.
COLUMNS = (
    "uuid",
    "toUnixTimestamp64Nano(timestamp)",
    "toUnixTimestamp64Nano(observed_timestamp)",
    "body",
    "severity_text",
    "severity_number",
    "service_name",
    "hex(trace_id)",
    "hex(span_id)",
    "trace_flags",
    "event_name",
    "scope_name",
    "scope_version",
    "resource_fingerprint",
)
MAPS = ("attributes", "resource_attributes")


def rows(
    scope: Scope,
    *,
    latest_first: bool,
    limit: int,
    after: Cursor | None = None,
    with_attributes: bool = True,
    custom: Sequence[CustomColumn] = (),
) -> Query:
    """Ask for the first rows of the scope, or the first after a cursor.

    The order is that of the sorting key, so ClickHouse reads from the end of each part and stops when it has enough;
    all columns but those of the key and the filter are fetched for the rows of the page alone (lazy materialization).
    """
    parameters = Parameters()
    conditions = [scope_condition(scope, parameters)]
    if after is not None:
        conditions.append(_beyond(after, latest_first, parameters))
    direction = "DESC" if latest_first else "ASC"
    sql = (
        f"SELECT {select_list(parameters, with_attributes, custom)} FROM {TABLE} WHERE {' AND '.join(conditions)}"
        f" ORDER BY timestamp {direction}, uuid {direction} LIMIT {parameters.add(limit, 'UInt64')}"
    )
    return Query("rows", sql, parameters.values, scope.project_id)


def select_list(parameters: Parameters, with_attributes: bool, custom: Sequence[CustomColumn]) -> str:
    """Return the columns of a log: the fixed ones, both maps if they are wanted, then those that the caller named."""
    named = [column.select(parameters) for column in custom]
    return ", ".join([*COLUMNS, *(MAPS if with_attributes else ()), *named])


def _beyond(after: Cursor, latest_first: bool, parameters: Parameters) -> str:
    """Return the condition for what follows the cursor: the first half uses the key, the second is exact."""
    sign = "<" if latest_first else ">"
    moment, uuid = parameters.moment(after.timestamp_ns), parameters.add(str(after.uuid), "UUID")
    return f"timestamp {sign}= {moment} AND (timestamp, uuid) {sign} ({moment}, {uuid})"
