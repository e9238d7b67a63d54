"""Rows over time by level or service, for a small chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.extensions import store
from webapp.queries.scope import SECOND_NS, Scope
from webapp.queries.sparkline import NAMED, nearest_grid
from webapp.queries.sparkline import sparkline as sparkline_query
from webapp.services.log_search import from_first_row

NO_VALUE = "(no value)"
OTHER = "$$_posthog_breakdown_other_$$"  # the name that clients of the API know


@dataclass(frozen=True, slots=True)
class Point:
    """The rows of one value in the interval from ``start_ns`` on."""

    start_ns: int
    value: str
    count: int
    size_bytes: int


def sparkline(scope: Scope, *, breakdown: str = "severity", rank: str = "count") -> list[Point]:
    """Return a point for each interval of the range and each value that occurs in it, in order of time, then rank.

    The counts add up to ``count`` of the same scope. Where nothing occurs, each interval has one point of nothing.
    """
    scope = from_first_row(scope)
    grid = nearest_grid(scope.time)
    answer = store.read(sparkline_query(scope, grid, breakdown=breakdown, rank=rank))
    names = {place: OTHER if place > NAMED else value or NO_VALUE for _, place, value, _, _ in answer.rows}
    found = {(bucket, place): (count, size) for bucket, place, _, count, size in answer.rows}
    values = dict(sorted(names.items())) or {0: NO_VALUE}

    def points() -> Iterator[Point]:
        for bucket in range(grid.buckets):
            start_ns = (grid.start_s + bucket * grid.interval_s) * SECOND_NS
            for place, value in values.items():
                yield Point(start_ns, value, *found.get((bucket, place), (0, 0)))

    return list(points())
