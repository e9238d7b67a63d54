"""Questions about logs: the use cases that the API and the page share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from webapp.extensions import store
from webapp.language.tree import LEVELS
from webapp.queries import count as counting
from webapp.queries import has_logs as presence
from webapp.queries import histogram as histograms
from webapp.queries import row as single
from webapp.queries import rows as listing
from webapp.queries.cursor import Cursor
from webapp.queries.intervals import finest_grid
from webapp.queries.scope import SECOND_NS, Scope, TimeRange
from webapp.queries.windows import windows
from webapp.services.log_rows import LogRow, log_row
from webapp.store.store import Answer

__all__ = ["Bucket", "Counted", "Cursor", "Histogram", "LogPage", "LogRow", "Stats"]

MAX_BUCKETS = 120


@dataclass(frozen=True, slots=True)
class Stats:
    """What an answer cost; the sum, if it took several queries."""

    elapsed_ms: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0

    def plus(self, answer: Answer) -> Stats:
        """Return the sum with the cost of one more answer."""
        return Stats(
            self.elapsed_ms + answer.elapsed_ms,
            self.rows_read + answer.rows_read,
            self.bytes_read + answer.bytes_read,
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows in order. ``next_cursor`` is the place after the last of them, if there are more."""

    rows: list[LogRow]
    has_more: bool
    next_cursor: Cursor | None
    stats: Stats


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of rows."""

    count: int
    stats: Stats


@dataclass(frozen=True, slots=True)
class Bucket:
    """Rows by level from ``start_ns`` on, for one interval; levels without rows are left out."""

    start_ns: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Every bucket of a range, empty ones included, aligned in UTC: the first and last may stick out of the range."""

    start_ns: int
    interval_s: int
    buckets: list[Bucket]
    totals: dict[str, int]
    stats: Stats


def search(
    scope: Scope,
    *,
    latest_first: bool = True,
    limit: int = 100,
    after: Cursor | None = None,
    with_attributes: bool = True,
) -> LogPage:
    """Return one page of rows in the order (timestamp, uuid).

    Looks in growing windows from the end where the page begins and stops when it is full, so that a long range costs
    no more than the part of it that has the rows.
    """
    found: list[LogRow] = []
    stats = Stats()
    for window in windows(_from_cursor(scope.time, after, latest_first), latest_first=latest_first):
        query = listing.rows(
            replace(scope, time=window),
            latest_first=latest_first,
            limit=limit + 1 - len(found),  # one more tells whether there are more
            after=after,
            with_attributes=with_attributes,
        )
        answer = store.read(query)
        stats = stats.plus(answer)
        found.extend(map(log_row, answer.rows))
        if len(found) > limit:
            break
    rows = found[:limit]
    has_more = len(found) > limit
    last = Cursor(rows[-1].timestamp_ns, rows[-1].uuid) if has_more and rows else None
    return LogPage(rows, has_more, last, stats)


def _from_cursor(time: TimeRange, after: Cursor | None, latest_first: bool) -> TimeRange:
    """Return the part of a range that can hold rows after the cursor, its own moment included."""
    if after is None:
        return time
    if latest_first:
        return TimeRange(time.first_ns, min(time.stop_ns, after.timestamp_ns + 1))
    return TimeRange(max(time.first_ns, after.timestamp_ns), time.stop_ns)


def count(scope: Scope) -> Counted:
    """Return the number of rows in the scope."""
    answer = store.read(counting.count(scope))
    return Counted(answer.rows[0][0], Stats().plus(answer))


def histogram(scope: Scope, *, max_buckets: int = MAX_BUCKETS) -> Histogram:
    """Return the rows by level over time; the counts add up to ``count`` of the same scope."""
    grid = finest_grid(scope.time, max_buckets)
    answer = store.read(histograms.histogram(scope, grid))
    interval_ns = grid.interval_s * SECOND_NS
    start_ns = grid.start_s * SECOND_NS
    buckets = [Bucket(start_ns + index * interval_ns, {}) for index in range(grid.buckets)]
    for index, level, n in answer.rows:
        buckets[index].counts[level] = n
    totals = _totals(bucket.counts for bucket in buckets)
    return Histogram(start_ns, grid.interval_s, buckets, totals, Stats().plus(answer))


def _totals(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = dict.fromkeys(LEVELS, 0)
    for by_level in counts:
        for level, n in by_level.items():
            totals[level] = totals.get(level, 0) + n
    return totals


def has_logs(project_id: int) -> bool:
    """Tell whether the project has any row."""
    return bool(store.read(presence.has_logs(project_id)).rows)


def find_row(project_id: int, timestamp_ns: int, uuid: UUID) -> LogRow | None:
    """Return one row with its maps; None if it is not there, or in another project."""
    rows = store.read(single.row(project_id, timestamp_ns, uuid)).rows
    return log_row(rows[0]) if rows else None
