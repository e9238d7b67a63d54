"""A page of logs, searched from the end of the range where it begins, for as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.errors import QueryTimeout, QueryTooLarge
from webapp.extensions import settings, store
from webapp.queries import first_row
from webapp.queries import rows as listing
from webapp.queries.cursor import Cursor
from webapp.queries.custom_columns import CustomColumn
from webapp.queries.scope import Scope, TimeRange
from webapp.queries.windows import windows
from webapp.services.log_pace import Pace
from webapp.services.log_pages import read_page, sized
from webapp.services.log_rows import LogRow, log_row
from webapp.services.log_stats import Stats


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows in order.

    Attributes:
        next_cursor: the place where the next page begins, if there may be one.
        searched_to_ns: how far the search came, if its time was over before the page was full.
    """

    rows: list[LogRow]
    has_more: bool
    next_cursor: Cursor | None
    stats: Stats
    searched_to_ns: int | None = None


def search(
    scope: Scope,
    *,
    latest_first: bool = True,
    limit: int = 100,
    after: Cursor | None = None,
    with_attributes: bool = True,
    custom: Sequence[CustomColumn] = (),
) -> LogPage:
    """Return one page of rows in the order (timestamp, uuid).

    Looks in growing windows from the end where the page begins and stops when it is full, so that a long range costs
    no more than the part of it that has the rows. If the time of ``search_budget_s`` is over before, the page has what
    was found, and the next one goes on from there; the first window has all of a query's time, so that every page gets
    on. A page also has fewer rows than the limit if they are very large.

    Raises:
        QueryTimeout: not even the first window could be searched.
    """

    def read(rows: int, is_limited: bool) -> LogPage:
        return _search(scope, latest_first, rows, after, with_attributes, custom, is_limited)

    return read_page(read, limit)


def _search(
    scope: Scope,
    latest_first: bool,
    limit: int,
    after: Cursor | None,
    with_attributes: bool,
    custom: Sequence[CustomColumn],
    is_limited: bool,
) -> LogPage:
    if not latest_first:
        scope = from_first_row(scope)
    pace = Pace(settings.search_budget_s, time.perf_counter())
    found, stats, edge_ns = list[LogRow](), Stats(), None
    left = _from_cursor(scope.time, after, latest_first)
    for window in windows(left, latest_first=latest_first, longest_ns=lambda: pace.longest_ns(time.perf_counter())):
        begun_at = time.perf_counter()
        if edge_ns is not None and pace.is_over(begun_at):
            return _unfinished(found, edge_ns, latest_first, stats)
        query = listing.rows(
            replace(scope, time=window),
            latest_first=latest_first,
            limit=limit + 1 - len(found),  # one more tells whether there are more
            after=after,
            with_attributes=with_attributes,
            custom=custom,
        )
        try:
            answer = store.read(
                sized(query, is_limited=is_limited), timeout_s=None if edge_ns is None else pace.left_s(begun_at)
            )
        except QueryTooLarge:
            raise
        except QueryTimeout:
            if edge_ns is None:
                raise
            return _unfinished(found, edge_ns, latest_first, stats)
        pace.note(window.stop_ns - window.first_ns, time.perf_counter() - begun_at)
        stats = stats.plus(answer)
        found.extend(log_row(values, len(custom)) for values in answer.rows)
        if len(found) > limit:
            last = found[limit - 1]
            return LogPage(found[:limit], True, Cursor(last.timestamp_ns, last.uuid), stats)
        edge_ns = window.first_ns if latest_first else window.stop_ns
    return LogPage(found, False, None, stats)


def _unfinished(found: list[LogRow], edge_ns: int, latest_first: bool, stats: Stats) -> LogPage:
    return LogPage(found, True, Cursor.at_edge(edge_ns, latest_first=latest_first), stats, edge_ns)


def from_first_row(scope: Scope) -> Scope:
    """Let a scope that begins with all of time begin with the project's first row: the same rows, fewer windows."""
    if scope.time.first_ns > 0:
        return scope
    found = store.read(first_row.first_row(scope.project_id)).rows
    first_ns = found[0][0] if found else scope.time.stop_ns
    return replace(scope, time=replace(scope.time, start_ns=min(first_ns, scope.time.end_ns)))


def _from_cursor(time: TimeRange, after: Cursor | None, latest_first: bool) -> TimeRange:
    """Return the part of a range that can hold rows after the cursor, its own moment included."""
    if after is None:
        return time
    if latest_first:
        return TimeRange(time.first_ns, min(time.stop_ns, after.timestamp_ns + 1))
    return TimeRange(max(time.first_ns, after.timestamp_ns), time.stop_ns)
