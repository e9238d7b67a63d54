"""Rows from all over a scope, and for how many rows each of them stands."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from webapp.errors import QueryTimeout
from webapp.extensions import settings, store
from webapp.language.tree import EVERYTHING
from webapp.queries.histogram import Grid, histogram
from webapp.queries.intervals import finest_grid
from webapp.queries.sample import Probe, probes, rounds, sample
from webapp.queries.scope import SECOND_NS, Scope
from webapp.services.log_pace import LEAST_S, Pace
from webapp.services.log_rows import readable
from webapp.services.log_search import from_first_row

SLICES = 64
ROUNDS = 8
ROWS = 10_000  # an hour's worth of a busy service; its lines are compared in half a second
# A round may take LEAST_S longer than is left when it begins, so the last begins after a second at the latest.
BUDGET_S = 2.0


@dataclass(frozen=True, slots=True)
class SampledRow:
    """A row, with the begin of its body."""

    bucket: int
    timestamp_ns: int
    severity_text: str
    service_name: str
    body: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a scope.

    Attributes:
        grid: the slices of the time, and buckets of a sparkline.
        weights: for how many rows each row of a bucket stands; 1 if everything was read.
        unread: buckets that there was no time for; others without rows have none.
        total: how many rows the scope has.
        is_complete: the rows are all that the scope has.
        total_is_estimate: the rows could not be counted in time.
    """

    grid: Grid
    rows: list[SampledRow]
    weights: dict[int, float]
    total: int
    is_complete: bool
    total_is_estimate: bool
    unread: frozenset[int] = frozenset()


def take_sample(scope: Scope, *, characters: int, max_rows: int = ROWS, budget_s: float = BUDGET_S) -> Sample:
    """Read all rows of a scope, or if there are more than ``max_rows`` a few of each slice of its time.

    Slices are read in rounds, each over the whole time, for as long as there is time: ``budget_s``, or
    ``search_budget_s`` if that is less. The first round has all of a query's time.

    Raises:
        QueryTimeout: not even the first round could be read.
    """
    scope = from_first_row(scope)
    grid = finest_grid(scope.time, SLICES)
    pace = Pace(min(settings.search_budget_s, budget_s), time.perf_counter())
    counts = _counts(scope, grid, pace.left_s(time.perf_counter()) / 2)
    if counts is not None and sum(counts) <= max_rows:
        length_ns = scope.time.stop_ns - scope.time.first_ns
        rows = _read(scope, [Probe(0, scope.time, max_rows, length_ns)], characters, None)
        located = [replace(row, bucket=_bucket(grid, row.timestamp_ns)) for row in rows]
        return Sample(grid, located, dict.fromkeys(range(grid.buckets), 1.0), len(rows), True, False)
    wanted = probes(scope.time, grid, counts, max_rows)
    rows, done = _read_slices(scope, wanted, characters, pace)
    sizes = _estimates(scope, grid, rows, done) if counts is None else dict(enumerate(counts))
    total = sum(sizes.values())
    if counts is None:
        length_ns = scope.time.stop_ns - scope.time.first_ns
        total = max(len(rows), round(total * length_ns / sum(probe.slice_ns for probe in done)))
    unread = frozenset(probe.bucket for probe in wanted) - {probe.bucket for probe in done}
    return Sample(grid, rows, _weights(rows, sizes, total), total, False, counts is None, unread)


def _counts(scope: Scope, grid: Grid, timeout_s: float) -> list[int] | None:
    """Count the rows of each slice; None if it takes too long."""
    counts = [0] * grid.buckets
    try:
        answer = store.read(histogram(scope, grid), timeout_s=timeout_s)
    except QueryTimeout:
        return None
    for bucket, _, n in answer.rows:
        counts[bucket] += n
    return counts


def _read_slices(
    scope: Scope, wanted: list[Probe], characters: int, pace: Pace
) -> tuple[list[SampledRow], list[Probe]]:
    """Return the rows that could be read in time, and the probes that they are from."""
    rows: list[SampledRow] = []
    done: list[Probe] = []
    for batch in rounds(wanted, ROUNDS):
        now = time.perf_counter()
        if done and pace.is_over(now):
            break
        try:
            rows += _read(scope, list(batch), characters, pace.left_s(now) if done else None)
        except QueryTimeout:
            if not done:
                raise
            break
        done += batch
    return rows, done


def _read(scope: Scope, batch: list[Probe], characters: int, timeout_s: float | None) -> list[SampledRow]:
    answer = store.read(sample(scope, batch, characters=characters), timeout_s=timeout_s)
    return [
        SampledRow(bucket, moment, readable(level), readable(service), readable(body))
        for bucket, moment, level, service, body in answer.rows
    ]


def _estimates(scope: Scope, grid: Grid, rows: list[SampledRow], done: list[Probe]) -> dict[int, int]:
    """Estimate the rows of the slices that were read from how dense they lie there.

    A burst in the place that was read would pass for the whole slice, so no slice has more than it has without the
    filter, which counts by minute tell.
    """
    most = _counts(replace(scope, where=EVERYTHING), grid, LEAST_S)
    moments = defaultdict[int, list[int]](list)
    for row in rows:
        moments[row.bucket].append(row.timestamp_ns)
    return {
        probe.bucket: max(len(found), min(probe.estimate(len(found), max(found)), most[probe.bucket]))
        if most is not None
        else probe.estimate(len(found), max(found))
        for probe in done
        if (found := moments[probe.bucket])
    }


def _weights(rows: list[SampledRow], sizes: dict[int, int], total: int) -> dict[int, float]:
    """Return for how many rows each row of a bucket stands. Those that were read stand for the other slices, too."""
    read = Counter(row.bucket for row in rows)
    known = sum(sizes[bucket] for bucket in read)
    return {bucket: max(sizes[bucket] / n * total / known, 1.0) for bucket, n in read.items()}


def _bucket(grid: Grid, timestamp_ns: int) -> int:
    return (timestamp_ns // SECOND_NS - grid.start_s) // grid.interval_s
