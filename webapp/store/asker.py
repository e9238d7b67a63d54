"""Who waits for the answers: what was read for them so far, and whether they are still there.

A web request has one asker. Its thread asks one question after the other; another thread, which watches the client's
connection, may see that nobody waits any more. Jobs and commands have none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from webapp.store.errors import QueryCancelled


@dataclass(slots=True, eq=False)
class Asker:
    """One who waits.

    Attributes:
        running: the id of the question that ClickHouse works on at the moment, or "".
        has_left: nobody waits any more: what runs is to be stopped, and nothing more is to be asked.
    """

    queries: int = 0
    elapsed_ms: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0
    running: str = ""
    has_left: bool = False


_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


def set_asker(asker: Asker | None) -> None:
    """Say for whom this thread asks from now on."""
    _asker.set(asker)


@contextmanager
def asking(query_id: str) -> Iterator[Asker]:
    """Count a question, and let it be found while it runs; the caller adds what was read.

    Raises:
        QueryCancelled: nobody waits for the answer.
    """
    asker = _asker.get() or Asker()
    if asker.has_left:
        raise QueryCancelled("The query was cancelled, because nobody waits for its answer any more.")
    asker.queries += 1
    asker.running = query_id
    started_at = time.perf_counter()
    try:
        yield asker
    finally:
        asker.running = ""
        asker.elapsed_ms += (time.perf_counter() - started_at) * 1000
