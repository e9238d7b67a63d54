"""The live tail: what has arrived since a moment, so that whoever asks again misses nothing and sees nothing twice.

A row becomes visible when its insertion ends, which may be long after it was observed and after later rows. So a tail
goes on from a checkpoint: a moment up to which every row was visible when the page was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.extensions import store
from webapp.queries.arrivals import arrival_counts, arrivals
from webapp.queries.cursor import Cursor
from webapp.queries.custom_columns import CustomColumn
from webapp.queries.scope import END_OF_TIME_NS, Scope
from webapp.services.log_pages import read_page, sized
from webapp.services.log_rows import LogRow, log_row
from webapp.services.log_stats import Stats


@dataclass(frozen=True, slots=True)
class TailPage:
    """Rows in the order (timestamp, uuid), some of which the asker may know.

    Attributes:
        checkpoint_ns: where to go on from: every row that was observed before has been on this page or an earlier one.
        next_cursor: the place after this page, if there was more than it could hold.
    """

    rows: list[LogRow]
    checkpoint_ns: int
    next_cursor: Cursor | None
    stats: Stats


@dataclass(frozen=True, slots=True)
class Look:
    """What a tail that is looked at shows of the rows since its checkpoint: all of them, or a sample of too many.

    Attributes:
        total: the rows that were observed at the checkpoint or later, shown or not.
        unsettled: those of them that are so new that they are on the next look, too.
        one_in: how many rows there are for each that is shown.
        checkpoint_ns: where to go on from.
    """

    rows: list[LogRow]
    total: int
    unsettled: int
    one_in: int
    checkpoint_ns: int


def start() -> int:
    """Return the checkpoint of a search that is about to begin: a tail from there adds what the search cannot see."""
    return store.settled_until_ns()


def tail(
    scope: Scope,
    *,
    since_ns: int,
    latest_first: bool = True,
    limit: int = 100,
    after: Cursor | None = None,
    with_attributes: bool = True,
    custom: Sequence[CustomColumn] = (),
) -> TailPage:
    """Return the rows that were observed at ``since_ns`` or later.

    If there are more than the limit, those that arrived first: the rest comes from the page's checkpoint, or, without
    the rows that this page has, from its cursor. So it is if they are very large.
    """

    def read(rows: int, is_limited: bool) -> TailPage:
        return _tail(scope, since_ns, latest_first, rows, after, with_attributes, custom, is_limited)

    return read_page(read, limit)


def _tail(
    scope: Scope,
    since_ns: int,
    latest_first: bool,
    limit: int,
    after: Cursor | None,
    with_attributes: bool,
    custom: Sequence[CustomColumn],
    is_limited: bool,
) -> TailPage:
    # Before the rows are read: an insertion that ends in between is on the page or after the checkpoint.
    settled_ns = _settled_ns(since_ns, after)
    query = arrivals(
        scope,
        since_ns=since_ns,
        latest_first=latest_first,
        limit=limit + 1,
        after=after,
        with_attributes=with_attributes,
        custom=custom,
    )
    answer = store.read(sized(query, is_limited=is_limited))
    placed = {values[-1]: log_row(values[:-1], len(custom)) for values in answer.rows}
    stats = Stats().plus(answer)
    if len(placed) <= limit:
        return TailPage(list(placed.values()), settled_ns, None, stats)
    *_, last, beyond = sorted(placed)
    further = placed.pop(beyond)
    checkpoint_ns = max(since_ns, min(settled_ns, further.observed_timestamp_ns))
    end = placed[last]
    cursor = Cursor(end.observed_timestamp_ns, end.uuid, settled_ns)
    return TailPage(list(placed.values()), checkpoint_ns, cursor, stats)


def look(
    scope: Scope, *, since_ns: int, latest_first: bool = True, most: int = 100, custom: Sequence[CustomColumn] = ()
) -> Look:
    """Return the rows that were observed at ``since_ns`` or later, without their maps; of too many a uniform sample."""
    page = tail(scope, since_ns=since_ns, latest_first=latest_first, limit=most, with_attributes=False, custom=custom)
    if page.next_cursor is None:
        unsettled = sum(row.observed_timestamp_ns >= page.checkpoint_ns for row in page.rows)
        return Look(page.rows, len(page.rows), unsettled, 1, page.checkpoint_ns)
    settled_ns = page.next_cursor.checkpoint_ns or since_ns
    [(total, settled)] = store.read(arrival_counts(scope, since_ns=since_ns, settled_ns=settled_ns)).rows

    def read(rows: int, is_limited: bool) -> Look:
        one_in = 1 << max((total - 1) // rows, 0).bit_length()
        query = arrivals(
            scope,
            since_ns=since_ns,
            latest_first=latest_first,
            limit=2 * rows,  # about half of what is wanted comes, at chance; never more than this
            with_attributes=False,
            custom=custom,
            one_in=one_in,
        )
        answer = store.read(sized(query, is_limited=is_limited))
        shown = [log_row(values[:-1], len(custom)) for values in answer.rows]
        return Look(shown, total, total - settled, one_in, settled_ns)

    return read_page(read, most)


def _settled_ns(since_ns: int, after: Cursor | None) -> int:
    """Return the moment that was settled when the first page of a tail was read, never before the tail's own."""
    if after is not None:
        return max(since_ns, after.checkpoint_ns or since_ns)
    return max(since_ns, store.settled_until_ns())


def open_ended(scope: Scope) -> Scope:
    """Take the end from a scope: rows of senders whose clocks are ahead are shown when they arrive, or never."""
    return replace(scope, time=replace(scope.time, end_ns=END_OF_TIME_NS))
