"""The live tail: what has arrived since a moment, so that whoever asks again misses nothing and sees nothing twice.

A row becomes visible when its insertion ends, which may be long after it was observed and after later rows. So a tail
goes on from a checkpoint: a moment up to which every row was visible when the page was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.extensions import store
from webapp.queries.arrivals import arrivals
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


def _settled_ns(since_ns: int, after: Cursor | None) -> int:
    """Return the moment that was settled when the first page of a tail was read, never before the tail's own."""
    if after is not None:
        return max(since_ns, after.checkpoint_ns or since_ns)
    return max(since_ns, store.settled_until_ns())


def open_ended(scope: Scope) -> Scope:
    """Take the end from a scope: rows of senders whose clocks are ahead are shown when they arrive, or never."""
    return replace(scope, time=replace(scope.time, end_ns=END_OF_TIME_NS))
