"""Some rows of a scope from all over its time: a few from each slice, so that nothing has to be read as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from webapp.queries.base import TABLE, rows_condition
from webapp.queries.histogram import Grid
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import SECOND_NS, Scope, TimeRange

_GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Probe:
    """The first rows from a moment on, as many as the limit, within a slice of the time.

    Attributes:
        bucket: the number of the slice.
        time: from where to where; a later part of the slice, if not all of its rows are wanted.
        slice_ns: how long the whole slice is.
    """

    bucket: int
    time: TimeRange
    limit: int
    slice_ns: int

    def estimate(self, found: int, last_ns: int) -> int:
        """Return how many rows the slice has if all of it is as dense as what was read, up to the last row."""
        is_full = found >= self.limit
        read_ns = last_ns + 1 - self.time.first_ns if is_full else self.time.stop_ns - self.time.first_ns
        return found * self.slice_ns // max(read_ns, 1)


def fair_share(counts: Sequence[int], rows: int) -> int:
    """Return how many rows may be read of each slice, so that they are so many together.

    What a slice has less than its share is left to the others.
    """
    ascending = sorted(filter(None, counts))
    for index, count in enumerate(ascending):
        share = rows // (len(ascending) - index)
        if count > share:
            return share
        rows -= count
    return max(counts, default=0)


def probes(time: TimeRange, grid: Grid, counts: Sequence[int] | None, rows: int) -> list[Probe]:
    """Return a probe for each slice of a range that has rows; together they read at most so many.

    Where a slice has more than its share, the probe begins at a place that differs from slice to slice: slices begin
    with whole minutes and hours, and so do many jobs, which would otherwise be most of what is seen.

    Args:
        counts: the rows of each bucket of the grid; None, if they are not known.
    """
    share = fair_share(counts, rows) if counts is not None else rows // max(grid.buckets, 1)
    found = []
    for bucket in range(grid.buckets):
        start_ns = (grid.start_s + bucket * grid.interval_s) * SECOND_NS
        first_ns = max(start_ns, time.first_ns)
        stop_ns = min(start_ns + grid.interval_s * SECOND_NS, time.stop_ns)
        count = counts[bucket] if counts is not None else 2 * share
        if count and first_ns < stop_ns:
            unread = max(count - share, 0) / count
            skipped_ns = int((stop_ns - first_ns) * unread * (bucket * _GOLDEN % 1))
            span = TimeRange(first_ns + skipped_ns, stop_ns)
            found.append(Probe(bucket, span, max(share, 1), stop_ns - first_ns))
    return found


def rounds(all_probes: Sequence[Probe], number: int) -> list[Sequence[Probe]]:
    """Deal the probes out to so many rounds, each over the whole time; together the first few are even, too."""
    order = sorted(range(number), key=lambda turn: f"{turn:064b}"[::-1])
    return [dealt for turn in order if (dealt := all_probes[turn::number])]


def sample(scope: Scope, wanted: Sequence[Probe], *, characters: int) -> Query:
    """Ask for (bucket, timestamp, level, service, begin of the body) of the rows of probes, in no order.

    Each probe reads in the order of the sorting key and stops at its limit. Of a body that is longer than so many
    characters one more is told, so that it can be told from one that is not.
    """
    parameters = Parameters()
    length = parameters.add(characters + 1, "UInt32")
    parts = [
        f"SELECT {parameters.add(probe.bucket, 'UInt32')} AS bucket, toUnixTimestamp64Nano(timestamp) AS moment,"
        f" severity_text, service_name, substringUTF8(body, 1, {length}) AS line FROM {TABLE}"
        f" WHERE {rows_condition(scope, probe.time.first_ns, probe.time.stop_ns, parameters)}"
        f" ORDER BY timestamp, uuid LIMIT {parameters.add(probe.limit, 'UInt64')}"
        for probe in wanted
    ]
    sql = " UNION ALL ".join(f"SELECT * FROM ({part})" for part in parts)
    return Query("sample", sql, parameters.values, scope.project_id)
