"""The live tail of the page: the events that its stream is made of.

Every event carries a mark as its ``id``: where to go on from, also after a broken connection or on another web process.

========  =====================================================================================================
begin     the list anew: the latest rows of the search, or none yet if its range ``is_over``; ``is_cut`` if rows
          before them are left out; a ``note`` for people
rows      rows that have come since: ``count`` is how many, ``one_in`` for how many of them each row here stands
error     what went wrong (``detail``); the stream ends, asking again may help
end       why nothing more will come (``detail``)
========  =====================================================================================================
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import json, render_template

from webapp.errors import HedgerowError
from webapp.pages.logs.blocks import NOWHERE, PAGE_ROWS, block_of, custom_columns
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.times import SECOND_NS, at, range_label
from webapp.pages.logs.view import Explorer
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_tail as tailing
from webapp.services import logs
from webapp.services.log_tail import Look

# Four looks a second at most; one that was dear is followed by a rest, so that a tail takes a fifth of a thread's time.
LOOK_EVERY_S = 0.25
REST = 4
BEAT_EVERY_S = 5.0  # the page takes a silence of 15 s for a broken connection
LIFE_S = 300.0  # then the page asks anew, perhaps another web process
# More than that cannot be read as they come; what has gathered meanwhile may fill the list, which keeps 500 rows.
ROWS_PER_S = 400
LEAST_ROWS, MOST_ROWS = 100, 500
LONGEST_GAP_NS = 600 * SECOND_NS  # what is left behind for longer is left out: nobody reads it in a live list
AHEAD_NS = 60 * SECOND_NS  # of rows by clocks that are ahead of ours, those that belong to the begin
LATE_NS = 3600 * SECOND_NS  # of a range that is over: how old rows may be that come from now on
HELLO = ": hedgerow\n\n"

_MARK = re.compile(r"(\d{1,19})-(\d{1,12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a tail has come: the checkpoint of its last look, and how many rows after it are counted already."""

    since_ns: int
    counted: int

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """Read a mark; what is none begins anew."""
        found = _MARK.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found and int(found[1]) < 2**63 else None

    def __str__(self) -> str:
        return f"{self.since_ns}-{self.counted}"


class LiveTail:
    """The tail of a page's search, from one look to the next.

    A range that ends now goes on; one that ends later is shown to its end. Of one that is over, what comes from now on
    is shown.
    """

    def __init__(self, view: Explorer, mark: Mark | None) -> None:
        self._view, self.mark = view, mark
        now_ns = int(view.now.timestamp() * SECOND_NS)
        start_ns, end_ns = view.state.time.resolve(view.now, view.reading.zone) if view.state.time else (0, 0)
        self._is_over = end_ns < now_ns - SECOND_NS
        start_ns = now_ns - LATE_NS if self._is_over else start_ns
        self._has_end = end_ns > now_ns + SECOND_NS
        view.window = TimeRange(start_ns, end_ns if self._has_end else now_ns + AHEAD_NS)
        scope = scope_of(view.project.id, view.reading, view.window)
        self._scope = scope if self._has_end else tailing.open_ended(scope)
        self._day = at(mark.since_ns if mark else now_ns, view.reading.zone).date()
        self._known: frozenset[UUID] = frozenset()  # rows of the last look, which the next one may have again

    def next(self) -> str:
        """Return the event of one look; without anything new only where to go on from, as soon as there is a reason.

        Raises:
            HedgerowError: the log store is away or at a limit.
        """
        if self.mark is None or time.time_ns() - self.mark.since_ns > LONGEST_GAP_NS:
            return self._begin(self.mark)
        return self._look(self.mark)

    def beat(self) -> str:
        """Return a sign of life, which says where to go on from."""
        return f"id: {self.mark}\n\n" if self.mark else HELLO

    def _begin(self, left_at: Mark | None) -> str:
        view, since_ns = self._view, tailing.start()
        scope = Scope(view.project.id, view.window, self._scope.where)
        page = (
            None
            if self._is_over
            else logs.search(scope, limit=PAGE_ROWS, with_attributes=False, custom=custom_columns(view))
        )
        rows = page.rows if page else []
        latest_first = view.state.sort != "asc"
        has_more = page is not None and page.has_more and page.next_cursor is not None
        view.blocks = block_of(
            view,
            rows if latest_first else rows[::-1],
            below={"after": page.next_cursor.encode()} if latest_first and page and page.next_cursor else NOWHERE,
            end_text="Rows appear here as they come.",
        )
        view.is_live = True
        self._known = frozenset(row.uuid for row in rows)
        self.mark = Mark(since_ns, sum(row.observed_timestamp_ns >= since_ns for row in rows))
        return self._event(
            "begin",
            html=render_template("logs/_list.html", view=view),
            is_cut=has_more and not latest_first,
            is_over=self._is_over,
            note=self._note(left_at, since_ns),
        )

    def _note(self, left_at: Mark | None, since_ns: int) -> str:
        if left_at:
            zone = self._view.reading.zone
            return f"What came between {range_label(left_at.since_ns, since_ns, zone)} is left out."
        return "This range is over: live shows what comes from now on." if self._is_over else ""

    def _look(self, mark: Mark) -> str:
        elapsed_s = (time.time_ns() - mark.since_ns) / SECOND_NS
        look = tailing.look(
            self._scope,
            since_ns=mark.since_ns,
            latest_first=self._view.state.sort != "asc",
            custom=custom_columns(self._view),
            most=min(max(int(elapsed_s * ROWS_PER_S), LEAST_ROWS), MOST_ROWS),
        )
        self.mark = Mark(look.checkpoint_ns, look.unsettled)
        known, self._known = self._known, frozenset(row.uuid for row in look.rows)
        count = look.total - mark.counted
        if count <= 0:
            return ""
        if self._is_another_day(look):
            return self._begin(None)
        block = block_of(self._view, [row for row in look.rows if row.uuid not in known])
        return self._event("rows", html=render_template("logs/_rows.html", page=block), count=count, one_in=look.one_in)

    def _is_another_day(self, look: Look) -> bool:
        """Whether midnight has passed: the dates between the rows come with the list as a whole."""
        zone, before = self._view.reading.zone, self._day
        past = [row.timestamp_ns for row in look.rows if row.timestamp_ns <= look.checkpoint_ns]
        self._day = max([before, *(at(timestamp_ns, zone).date() for timestamp_ns in past)])
        return self._day > before and not self._is_over

    def _event(self, kind: str, **data: Any) -> str:
        return f"event: {kind}\nid: {self.mark}\ndata: {json.dumps(data)}\n\n"


def told(kind: str, detail: str) -> str:
    """Return an event without rows."""
    return f"event: {kind}\ndata: {json.dumps({'detail': detail})}\n\n"


def events(tail: LiveTail, *, may_stay: Callable[[], bool], is_over: Callable[[], bool]) -> Iterator[str]:
    """Yield the events of a stream until it has lived long enough, or one of these says so.

    Args:
        may_stay: whether the person may still see the project; asked before each look.
        is_over: whether nobody listens any more, or the server is to stop; asked more often than there are looks.
    """
    yield HELLO
    ends_at = time.monotonic() + LIFE_S
    said_at = time.monotonic()
    while not is_over():
        begun_at = time.monotonic()
        try:
            if not may_stay():
                yield told("end", "You are no longer signed in here, or no longer a member of this project.")
                return
            event = tail.next()
        except HedgerowError as error:
            yield told("error", error.detail)
            return
        now = time.monotonic()
        if not event and now - said_at >= BEAT_EVERY_S:
            event = tail.beat()
        if event:
            yield event
            said_at = now
        if now > ends_at:
            return
        _rest(max(LOOK_EVERY_S, (now - begun_at) * REST), is_over)


def _rest(duration_s: float, is_over: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + duration_s
    while not is_over() and (left_s := ends_at - time.monotonic()) > 0:
        time.sleep(min(left_s, LOOK_EVERY_S))
