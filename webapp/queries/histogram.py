"""How many rows of each level in each interval."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.queries.base import TABLE
from webapp.queries.minutes import MINUTE_S, stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import SECOND_NS, Scope, TimeRange


@dataclass(frozen=True, slots=True)
class Grid:
    """Buckets of one length, aligned to the interval in UTC, that cover a range."""

    start_s: int
    interval_s: int
    buckets: int

    @classmethod
    def over(cls, time: TimeRange, interval_s: int) -> Grid:
        """Return the grid of a range: its first and last bucket may stick out."""
        interval_ns = interval_s * SECOND_NS
        first = time.first_ns // interval_ns
        return cls(first * interval_s, interval_s, -(-time.stop_ns // interval_ns) - first)


def histogram(scope: Scope, grid: Grid) -> Query:
    """Ask for (bucket, level, count) where count is not 0; the buckets are numbered from 0."""
    parameters = Parameters()
    start, interval = parameters.add(grid.start_s, "Int64"), parameters.add(grid.interval_s, "Int64")
    # A minute must not lie in two buckets: the grid is aligned to its interval, so whole minutes are enough.
    parts = stretches(scope, parameters, by_minute=grid.interval_s % MINUTE_S == 0)
    counts = " UNION ALL ".join(
        f"SELECT intDiv({part.second} - {start}, {interval}) AS bucket, severity_text AS level, count() AS n"
        f" FROM {TABLE} WHERE {part.condition} GROUP BY bucket, level"
        for part in parts
    )
    sql = f"SELECT bucket, level, sum(n) FROM ({counts}) GROUP BY bucket, level ORDER BY bucket, level"
    return Query("histogram", sql, parameters.values, scope.project_id)
