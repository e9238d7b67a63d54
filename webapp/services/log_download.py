"""The rows of a search for a file, read as the file is taken, and how many such files there may be at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flask import current_app

from webapp.errors import Throttled, Unavailable
from webapp.extensions import store
from webapp.queries import size as sizes
from webapp.queries.cursor import Cursor
from webapp.queries.scope import Scope
from webapp.services.log_rows import LogRow
from webapp.services.log_search import search

MOST_ROWS = 100_000  # of one file: ten seconds of a web thread, and as many more as the client takes
FIRST_ROWS = 100  # so that the file begins at once
PAGE_ROWS = 2_000
# Of a web process: each holds one of its 32 threads for as long as the client takes.
OF_A_PROJECT = 2
OF_ALL = 8
WAIT_S = 10


@dataclass(slots=True)
class Download:
    """Rows in the order of the page, at most ``MOST_ROWS``, to be read once.

    Attributes:
        is_cut: whether there are more rows than that; known at the end.
    """

    scope: Scope
    latest_first: bool
    is_cut: bool = False

    def pages(self) -> Iterator[list[LogRow]]:
        """Read page after page, each when it is asked for.

        Pages grow while they come back full, and stay short where rows are so large that they came back shorter.

        Raises:
            HedgerowError: the log store is away or at a limit, be it in the middle.
        """
        after: Cursor | None = None
        left, size = MOST_ROWS, FIRST_ROWS
        while left:
            page = search(self.scope, latest_first=self.latest_first, limit=min(size, left), after=after)
            after = page.next_cursor
            left -= len(page.rows)
            size = min(PAGE_ROWS, 2 * max(len(page.rows), 1))
            yield page.rows
            del page  # one page at a time, beside the one that is still being written
            if after is None:
                return
        self.is_cut = True


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a search has, and the bytes of their texts."""

    rows: int
    text_bytes: int


def size_of(scope: Scope) -> Size:
    """Count the rows of a search and what is in them."""
    ((rows, text_bytes),) = store.read(sizes.size(scope)).rows
    return Size(rows, text_bytes)


@dataclass
class _Turns:
    """The files that are under way in this process."""

    of_projects: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def take_turn(project_id: int) -> Callable[[], None]:
    """Let one more file of a project begin; what is returned ends its turn, however often it is called.

    Raises:
        Throttled: so many files of the project are under way already.
        Unavailable: so many of all projects are.
    """
    turns: _Turns = current_app.extensions.setdefault("hedgerow_downloads", _Turns())
    with turns.lock:
        if turns.of_projects[project_id] >= OF_A_PROJECT:
            sentence = f"{OF_A_PROJECT} downloads of this project are under way. Wait until one of them has ended."
            raise Throttled(sentence, retry_after_s=WAIT_S)
        if turns.of_projects.total() >= OF_ALL:
            sentence = f"{OF_ALL} downloads are under way. Try again in a few seconds."
            raise Unavailable(sentence, retry_after_s=WAIT_S)
        turns.of_projects[project_id] += 1
    ended = threading.Event()

    def end() -> None:
        with turns.lock:
            if not ended.is_set():
                ended.set()
                turns.of_projects[project_id] -= 1

    return end
