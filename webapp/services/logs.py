"""Questions about logs: the use cases that the API and the page share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from webapp.extensions import store
from webapp.language.tree import LEVELS
from webapp.queries import count as counting
from webapp.queries import has_logs as presence
from webapp.queries import histogram as histograms
from webapp.queries import row as single
from webapp.queries.cursor import Cursor
from webapp.queries.intervals import finest_grid
from webapp.queries.scope import SECOND_NS, Scope
from webapp.services.log_rows import LogRow, log_row
from webapp.services.log_search import LogPage, search
from webapp.services.log_stats import Stats

__all__ = ["Bucket", "Counted", "Cursor", "Histogram", "LogPage", "LogRow", "Stats", "search"]

MAX_BUCKETS = 120


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
