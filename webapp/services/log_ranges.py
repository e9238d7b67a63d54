"""Stretches of a range with the rows in each: where in a long time the logs are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from webapp.extensions import store
from webapp.queries.histogram import histogram
from webapp.queries.scope import SECOND_NS, Scope
from webapp.queries.sparkline import nearest_grid
from webapp.services.log_search import from_first_row


@dataclass(frozen=True, slots=True)
class CountedRange:
    """The rows from ``start_ns`` up to ``stop_ns``."""

    start_ns: int
    stop_ns: int
    rows: int


@dataclass(frozen=True, slots=True)
class CountedRanges:
    """The stretches that have rows, in order; each but the first and the last is ``interval_s`` long."""

    ranges: list[CountedRange]
    interval_s: int


def count_ranges(scope: Scope, buckets: int) -> CountedRanges:
    """Cut the scope's range in about so many stretches, aligned in UTC, and count their rows.

    The first and the last end where the range does, so that asking about any of them finds the rows it says.
    """
    scope = from_first_row(scope)
    grid = nearest_grid(scope.time, buckets)
    rows = Counter[int]()
    for bucket, _, n in store.read(histogram(scope, grid)).rows:
        rows[bucket] += n
    first_ns, stop_ns, interval_ns = scope.time.first_ns, scope.time.stop_ns, grid.interval_s * SECOND_NS
    starts = {bucket: grid.start_s * SECOND_NS + bucket * interval_ns for bucket in sorted(rows)}
    ranges = [
        CountedRange(max(start, first_ns), min(start + interval_ns, stop_ns), rows[bucket])
        for bucket, start in starts.items()
    ]
    return CountedRanges(ranges, grid.interval_s)
