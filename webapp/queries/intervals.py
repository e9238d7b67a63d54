"""Lengths of a bucket."""

from __future__ import annotations

from itertools import chain, count

from webapp.queries.histogram import Grid
from webapp.queries.scope import TimeRange

_MINUTE = 60
_DAY = 24 * 60 * _MINUTE
INTERVALS_S = (1, 5, 10, *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440)))


def finest_grid(time: TimeRange, max_buckets: int) -> Grid:
    """Return the grid with the shortest interval that covers a range in at most so many buckets.

    Where a bucket of one day is too short still, it has two days, three, and so on.
    """
    lengths = chain(INTERVALS_S, (days * _DAY for days in count(2)))
    least_s = (time.stop_ns - time.first_ns) / 1e9 / max_buckets
    return next(
        grid
        for grid in (Grid.over(time, length) for length in lengths if length >= least_s)
        if grid.buckets <= max_buckets
    )
