"""Rows grouped by the values of up to four fields: how many, how many errors, and when the last was.

A row that lacks one of the fields is in no group; a column that is empty and an id of zeros count as lacking.
"""

from __future__ import annotations

from collections.abc import Sequence

from webapp.language.tree import (
    EVENT_NAME,
    INSTRUMENTATION_SCOPE,
    LEVEL,
    SERVICE,
    SPAN_ID,
    TRACE_ID,
    Field,
    Match,
    Operator,
)
from webapp.queries.base import TABLE, scope_condition
from webapp.queries.filters import condition
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope

ORDERS = ("log_count", "error_count", "last_seen")
MOST_KEYS = 4
_COLUMNS = {
    LEVEL: "severity_text",
    SERVICE: "service_name",
    EVENT_NAME: "event_name",
    INSTRUMENTATION_SCOPE: "concat(scope_name, '@', scope_version)",
    TRACE_ID: "hex(trace_id)",
    SPAN_ID: "hex(span_id)",
}
COLUMNS = tuple(_COLUMNS)
_MAPS = {"attribute": "attributes", "resource_attribute": "resource_attributes"}


def groups(scope: Scope, fields: Sequence[Field], *, order: str, limit: int) -> Query:
    """Ask for (values, rows, errors, moment of the last row in nanoseconds), in descending order, then by the values.

    The last two columns are the same in each row: how many groups there are, and how many rows in all of them.

    Raises:
        ValueError: there is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"Groups cannot be ordered by {order!r}.")
    parameters = Parameters()
    present = [condition(Match(field, Operator.EXISTS, ()), parameters) for field in fields]
    where = " AND ".join([scope_condition(scope, parameters), *present])
    names = [f"value_{number}" for number, _ in enumerate(fields, 1)]
    selected = ", ".join(f"{value_of(field, parameters)} AS {name}" for field, name in zip(fields, names, strict=True))
    grouped = (
        f"SELECT {selected}, count() AS log_count, countIf(severity_text IN ('error', 'fatal')) AS error_count,"
        f" toUnixTimestamp64Nano(max(timestamp)) AS last_seen FROM {TABLE} WHERE {where} GROUP BY {', '.join(names)}"
    )
    sql = (
        f"SELECT array({', '.join(names)}) AS shown, log_count, error_count, last_seen,"
        " count() OVER () AS all_groups, sum(log_count) OVER () AS all_rows"
        f" FROM ({grouped}) ORDER BY {order} DESC, {', '.join(names)}"
        f" LIMIT {parameters.add(limit, 'UInt64')}"
    )
    return Query("groups", sql, parameters.values, scope.project_id)


def value_of(field: Field, parameters: Parameters) -> str:
    """Return the expression for the value of a field; what it says of a row that lacks the field means nothing."""
    if field in _COLUMNS:
        return f"toString({_COLUMNS[field]})"
    return f"{_MAPS[field.kind]}[{parameters.text(field.name)}]"
