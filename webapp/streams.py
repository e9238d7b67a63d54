"""The threads that open streams hold: a bounded part of those of a web process, given back when it is asked to end.

A stream is a response that goes on for minutes. Each takes a thread of the web server for as long, so that beyond a
number of them the other requests would wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from webapp.errors import Unavailable


class Streams:
    """The places of one process. Nothing but the counting is shared between threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._places = threading.BoundedSemaphore(most)
        self._is_stopping: Callable[[], bool] = lambda: False

    def watch(self, is_stopping: Callable[[], bool]) -> None:
        """Learn how to see that the process is asked to end."""
        self._is_stopping = is_stopping

    @property
    def are_ending(self) -> bool:
        """Whether every stream is to end, because the process is asked to."""
        return self._is_stopping()

    def enter(self) -> None:
        """Take a thread for a stream, which is to ``leave`` however it ends.

        Raises:
            Unavailable: as many streams as may be are open.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable(f"{self.most} live tails are open in this web process already.", code="too_many_streams")

    def leave(self) -> None:
        """Give the thread back."""
        self._places.release()
