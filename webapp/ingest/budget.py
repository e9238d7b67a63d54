"""How many bytes of requests one process holds at once, so that many large ones wait at the client and not here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.errors import Unavailable

RETRY_AFTER_S = 2


class Budget:
    """Bytes that are being received, inflated, decoded or stored.

    A request that is alone is always taken: its own limits hold for it.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._held_bytes = 0

    @contextmanager
    def hold(self) -> Iterator[Hold]:
        """Account for one request until it is answered."""
        hold = Hold(self)
        try:
            yield hold
        finally:
            with self._lock:
                self._held_bytes -= hold.size_bytes

    def take(self, hold: Hold, size_bytes: int) -> None:
        """Add to what a request holds.

        Raises:
            Unavailable: together with the others it is too much.
        """
        with self._lock:
            others_bytes = self._held_bytes - hold.size_bytes
            if others_bytes and self._held_bytes + size_bytes > self.limit_bytes:
                raise Unavailable(
                    "Too many large requests came in at once. Send the same request again in a few seconds.",
                    retry_after_s=RETRY_AFTER_S,
                )
            self._held_bytes += size_bytes
            hold.size_bytes += size_bytes


class Hold:
    """What one request holds."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.size_bytes = 0

    def take(self, size_bytes: int) -> None:
        """Ask for more.

        Raises:
            Unavailable: there is no room for it now.
        """
        self._budget.take(self, size_bytes)
