"""Rows over time by the values of a field, and the same of the period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from webapp.extensions import store
from webapp.language.tree import LEVEL, Field
from webapp.queries.breakdown import OTHER, UNSET, breakdown
from webapp.queries.facets import COUNTED
from webapp.queries.histogram import Grid
from webapp.queries.histogram import histogram as histogram_query
from webapp.queries.intervals import finest_grid
from webapp.queries.scope import SECOND_NS, Scope
from webapp.services.log_fraction import read_fraction
from webapp.services.log_rows import readable
from webapp.services.log_search import from_first_row
from webapp.services.log_stats import Stats
from webapp.services.logs import MAX_BUCKETS, Bucket, Histogram, histogram
from webapp.store.store import Answer

OTHER_KEY, UNSET_KEY = "other", "unset"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A histogram by the values of a field.

    Attributes:
        field: what it is broken down by.
        histogram: its counts go by level, or by ``key_of`` the place of a value; ``OTHER_KEY`` are those of all other
            values, ``UNSET_KEY`` of rows that lack the field.
        values: the values in the order of their places, those with most rows of the whole range first; of levels none.
        approximate: how the rows of a bucket are split is estimated from a part of its time; how many they are is not.
    """

    field: Field
    histogram: Histogram
    values: list[str]
    approximate: bool

    @property
    def total(self) -> int:
        """The rows of the range."""
        return sum(self.histogram.totals.values())


def key_of(place: int) -> str:
    """Return the key under which the rows of a place are counted: ``v1`` for the first value."""
    return {UNSET: UNSET_KEY, OTHER: OTHER_KEY}.get(place, f"v{place}")


def break_down(scope: Scope, field: Field, *, max_buckets: int = MAX_BUCKETS) -> Breakdown:
    """Return the rows by a field over time; the counts add up to ``count`` of the same scope.

    Levels and services are counted exactly. Of many rows with other fields a part of the time of each bucket is read,
    as much as can be in a moment, and the rows of the bucket are split as that part is.

    Raises:
        QueryTimeout: it would take too long.
    """
    if field == LEVEL:
        return Breakdown(field, histogram(scope, max_buckets=max_buckets), [], approximate=False)
    grid = finest_grid(scope.time, max_buckets)
    answer, fraction = _ask(scope, grid, field, None)
    names = {place: readable(value) for _, place, value, _ in answer.rows if UNSET < place < OTHER}
    values = [names[place] for place in sorted(names)]
    return _breakdown(scope, field, grid, answer, fraction, values)


def break_down_before(scope: Scope, now: Breakdown) -> Breakdown:
    """Return the same of the range before that of the scope, by the same values, in buckets that stand for the same.

    Buckets stay aligned to their interval. Where the length of the range is no multiple of it, rows stand up to half a
    bucket from where they would, the outermost in the first and the last bucket.

    Raises:
        QueryTimeout: it would take too long.
    """
    interval_s, buckets = now.histogram.interval_s, len(now.histogram.buckets)
    shift = round((scope.time.stop_ns - scope.time.first_ns) / (interval_s * SECOND_NS))
    grid = Grid(now.histogram.start_ns // SECOND_NS - shift * interval_s, interval_s, buckets)
    earlier = replace(scope, time=scope.time.before)
    if now.field == LEVEL:
        answer = store.read(histogram_query(earlier, grid))
        found = _histogram(grid, _by_bucket(grid, answer.rows), answer)
        return Breakdown(LEVEL, found, [], approximate=False)
    answer, fraction = _ask(earlier, grid, now.field, now.values)
    return _breakdown(earlier, now.field, grid, answer, fraction, now.values)


def _ask(scope: Scope, grid: Grid, field: Field, named: Sequence[str] | None) -> tuple[Answer, float]:
    if field in COUNTED:
        return store.read(breakdown(scope, grid, field, named=named)), 1.0
    scope = from_first_row(scope)
    return read_fraction(
        scope,
        lambda part, timeout_s: store.read(
            breakdown(scope, grid, field, named=named, fraction=part), timeout_s=timeout_s
        ),
    )


def _breakdown(scope: Scope, field: Field, grid: Grid, answer: Answer, fraction: float, values: list[str]) -> Breakdown:
    counts = _by_bucket(grid, ((bucket, key_of(place), rows) for bucket, place, _, rows in answer.rows))
    if fraction < 1:
        whole = _by_bucket(grid, store.read(histogram_query(scope, grid)).rows)
        sampled = sum(counts, Counter[str]()) or Counter({OTHER_KEY: 1})
        counts = [
            _apportioned(sum(exact.values()), found or sampled) for exact, found in zip(whole, counts, strict=True)
        ]
    return Breakdown(field, _histogram(grid, counts, answer), values, fraction < 1)


def _apportioned(rows: int, parts: Counter[str]) -> Counter[str]:
    """Split rows in the ratio of the parts, to whole ones; those with the largest remainders get what is left."""
    whole = sum(parts.values())
    shares = Counter({key: rows * part // whole for key, part in parts.items()})
    left = rows - sum(shares.values())
    shares.update(sorted(parts, key=lambda key: (-(rows * parts[key] % whole), key))[:left])
    return +shares


def _by_bucket(grid: Grid, counts: Iterable[tuple[int, str, int]]) -> list[Counter[str]]:
    """Sort (bucket, key, rows) into the buckets; those outside of the grid into the outermost."""
    buckets = [Counter[str]() for _ in range(grid.buckets)]
    for bucket, key, rows in counts:
        buckets[min(max(bucket, 0), grid.buckets - 1)][key] += rows
    return buckets


def _histogram(grid: Grid, counts: list[Counter[str]], answer: Answer) -> Histogram:
    start_ns, interval_ns = grid.start_s * SECOND_NS, grid.interval_s * SECOND_NS
    return Histogram(
        start_ns,
        grid.interval_s,
        [Bucket(start_ns + index * interval_ns, dict(each)) for index, each in enumerate(counts)],
        dict(sum(counts, Counter[str]())),
        Stats().plus(answer),
    )
