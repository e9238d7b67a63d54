"""How many rows, and how large, of each level or service in each interval; few of them by name."""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.histogram import Grid
from webapp.queries.intervals import INTERVALS_S
from webapp.queries.minutes import MINUTE_S, stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import SECOND_NS, Scope, TimeRange

BREAKDOWNS = {"severity": "severity_text", "service": "service_name"}
RANKS = {"count": "n", "bytes": "size"}
# How many values keep their names; the others are one.
NAMED = 10
# Of a usual range, and of one of years, which is cut into as many whole days as it takes.
USUAL_BUCKETS = 50
MAX_BUCKETS = 1000
_DAY_S = INTERVALS_S[-1]


def nearest_grid(time: TimeRange, buckets: int = USUAL_BUCKETS) -> Grid:
    """Return the grid whose interval is nearest to so many buckets; of two as near, the shorter."""
    length_s = (time.stop_ns - time.first_ns) / SECOND_NS
    interval_s = min(INTERVALS_S, key=lambda interval: abs(interval - length_s / buckets))
    if length_s > MAX_BUCKETS * _DAY_S:
        interval_s = -(-int(length_s) // (MAX_BUCKETS * _DAY_S)) * _DAY_S
    return Grid.over(time, interval_s)


def sparkline(scope: Scope, grid: Grid, *, breakdown: str, rank: str) -> Query:
    """Ask for (bucket, place, value, count, bytes) where count is not 0.

    The buckets are numbered from 0, and the places of the values from 1; all values after the last named place share
    the place after it, under any of their names.
    """
    parameters = Parameters()
    start, interval = parameters.add(grid.start_s, "Int64"), parameters.add(grid.interval_s, "Int64")
    value, measure = BREAKDOWNS[breakdown], RANKS[rank]
    parts = stretches(scope, parameters, by_minute=grid.interval_s % MINUTE_S == 0)
    counts = " UNION ALL ".join(
        f"SELECT intDiv({part.second} - {start}, {interval}) AS bucket, {value} AS value,"
        f" count() AS row_count, sum(size_bytes) AS byte_count"
        f" FROM {TABLE} WHERE {part.condition} GROUP BY bucket, value"
        for part in parts
    )
    totals = (
        "SELECT bucket, value, sum(row_count) AS n, sum(byte_count) AS size,"
        f" sum({measure}) OVER (PARTITION BY value) AS total FROM ({counts}) GROUP BY bucket, value"
    )
    ranked = f"SELECT *, dense_rank() OVER (ORDER BY total DESC, value) AS rank FROM ({totals})"
    sql = (
        f"SELECT bucket, least(rank, {NAMED + 1}) AS place, any(value), sum(n), sum(size) FROM ({ranked})"
        " GROUP BY bucket, place ORDER BY bucket, place"
    )
    return Query("sparkline", sql, parameters.values, scope.project_id)
