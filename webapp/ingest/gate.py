"""Turning requests away at once while ClickHouse is known not to store anything.

Without it every thread of the web server would wait for a server that is away or hangs, the explorer's among them, and
the bodies would wait with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.errors import Unavailable
from webapp.store.errors import CONNECTION_ERRORS, Unreachable

STALLED_S = 5.0  # an insertion takes less than a second unless the machine is busy with something else
PROBE_AGAIN_S = 1.0


class Gate:
    """Knows how ClickHouse did of late. Open at first, and again after whatever succeeds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[object, float] = {}
        self._succeeded_at = float("-inf")
        self._is_away = False
        self._probe_at = 0.0

    def check(self) -> None:
        """Pass, or not.

        Raises:
            Unavailable: ClickHouse was away a moment ago, or is so slow that what came before still waits.
        """
        now = time.monotonic()
        with self._lock:
            oldest = min(self._running.values(), default=now)
            is_stalled = now - max(oldest, self._succeeded_at) > STALLED_S
            waits_for_probe = self._is_away and (bool(self._running) or now < self._probe_at)
        if is_stalled or waits_for_probe:
            raise Unavailable("ClickHouse does not store anything at the moment. Send the same request again later.")

    @contextmanager
    def passage(self) -> Iterator[None]:
        """Watch how one statement does."""
        mark = object()
        with self._lock:
            self._running[mark] = time.monotonic()
        try:
            yield
        except Unavailable as error:
            if isinstance(error, Unreachable) or isinstance(error.__cause__, CONNECTION_ERRORS):
                with self._lock:
                    self._is_away = True
                    self._probe_at = time.monotonic() + PROBE_AGAIN_S
            raise
        else:
            with self._lock:
                self._is_away = False
                self._succeeded_at = time.monotonic()
        finally:
            with self._lock:
                del self._running[mark]
