"""How many rows each service has, of which level, and when; counts by minute answer where they know the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from webapp.language.tree import SERVICE, And, Match, Operator
from webapp.queries.base import TABLE
from webapp.queries.histogram import Grid
from webapp.queries.minutes import MINUTE_S, stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope

MOST_SERVICES = 1000


def services(scope: Scope, *, text: str = "") -> Query:
    """Ask for (service, rows, of level trace or debug, info, warn, error or fatal), the largest first.

    The last two columns are the same in each row: how many services there are, and how many rows of all of them.

    Args:
        text: only services with this in their name, whatever the case.
    """
    if text:
        scope = replace(scope, where=And((scope.where, Match(SERVICE, Operator.CONTAINS, (text,)))))
    parameters = Parameters()
    counts = " UNION ALL ".join(
        f"SELECT service_name, severity_text, count() AS n FROM {TABLE} WHERE {part.condition}"
        " GROUP BY service_name, severity_text"
        for part in stretches(scope, parameters, by_minute=True)
    )
    totals = (
        "SELECT toString(service_name) AS name, sum(n) AS total,"
        " sumIf(n, severity_text IN ('trace', 'debug')) AS debug, sumIf(n, severity_text = 'info') AS info,"
        " sumIf(n, severity_text = 'warn') AS warn, sumIf(n, severity_text IN ('error', 'fatal')) AS error"
        f" FROM ({counts}) GROUP BY name"
    )
    sql = (
        f"SELECT *, count() OVER () AS services, sum(total) OVER () AS whole FROM ({totals})"
        f" ORDER BY total DESC, name LIMIT {MOST_SERVICES}"
    )
    return Query("services", sql, parameters.values, scope.project_id)


def service_buckets(scope: Scope, grid: Grid, names: Sequence[str]) -> Query:
    """Ask for (bucket, service, rows) of these services where rows is not 0; the buckets are numbered from 0."""
    parameters = Parameters()
    start, interval = parameters.add(grid.start_s, "Int64"), parameters.add(grid.interval_s, "Int64")
    scope = replace(scope, where=And((scope.where, Match(SERVICE, Operator.EQUALS, tuple(names)))))
    counts = " UNION ALL ".join(
        f"SELECT intDiv({part.second} - {start}, {interval}) AS bucket, service_name, count() AS n"
        f" FROM {TABLE} WHERE {part.condition} GROUP BY bucket, service_name"
        for part in stretches(scope, parameters, by_minute=grid.interval_s % MINUTE_S == 0)
    )
    sql = f"SELECT bucket, toString(service_name) AS name, sum(n) FROM ({counts}) GROUP BY bucket, name"
    return Query("service_buckets", sql, parameters.values, scope.project_id)
