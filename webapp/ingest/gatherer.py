"""Small requests of all threads, stored together by one thread per process.

While one insertion is under way the requests that come in meanwhile wait for the next one: the busier the server, the
more of them share it.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable

import structlog

from webapp import observability
from webapp.errors import Unavailable
from webapp.ingest.arrival import Arrival
from webapp.ingest.flush import Flusher

log = structlog.get_logger(__name__)

BETWEEN_FLUSHES_S = 0.05  # at most 20 a second and process, however fast ClickHouse is
IDLE_S = 5.0  # then the thread ends; the next request starts another
STOP_GRACE_S = 2.5  # after which a request is told to come again, before the web server cuts it off


class Gatherer:
    """Takes small requests from many threads. Its thread starts with the first of them, so never before a fork."""

    def __init__(self, flusher: Flusher) -> None:
        self._flusher = flusher
        self._reset()
        _gatherers.add(self)

    def _reset(self) -> None:
        self._wake = threading.Condition()
        self._waiting: list[Arrival] = []
        self._in_flight: dict[int, Arrival] = {}
        self._thread: threading.Thread | None = None
        self._flushed_at = 0.0
        self._is_stopping: Callable[[], bool] = lambda: False
        self._stopping_since = 0.0

    forget = _reset

    def store(self, request: Arrival) -> None:
        """Return when the request's rows are durable; a copy of one that is under way waits for that one.

        Raises:
            Unavailable: they are not, or nobody knows yet; sent again, the request is stored once.
        """
        with self._wake:
            known = self._in_flight.setdefault(request.request_hash, request)
            if known is request:
                self._waiting.append(request)
                self._wake.notify()
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="gatherer", daemon=True)
                    self._thread.start()
        known.wait(self._is_out_of_time)

    def watch(self, is_stopping: Callable[[], bool]) -> None:
        """Learn how to see that the process is asked to end, so that those who wait get an answer before it does."""
        self._is_stopping = is_stopping

    def _is_out_of_time(self) -> bool:
        if not self._is_stopping():
            return False
        self._stopping_since = self._stopping_since or time.monotonic()
        return time.monotonic() > self._stopping_since + STOP_GRACE_S

    def _run(self) -> None:
        observability.set_unshipped(True)  # or storing our own lines would make lines to store
        while requests := self._take():
            self._flushed_at = time.monotonic()
            try:
                self._flusher.flush(requests)
            except Exception as error:
                log.exception("gathered requests could not be stored", error=repr(error))
            finally:
                with self._wake:
                    for request in requests:
                        request.finish(Unavailable("The logs could not be stored."))
                        del self._in_flight[request.request_hash]

    def _take(self) -> list[Arrival]:
        """Wait for requests and return all there are; none after a while without any, when the thread is to end."""
        with self._wake:
            if not self._wake.wait_for(lambda: self._waiting, IDLE_S):
                self._thread = None
                return []
        time.sleep(max(0.0, self._flushed_at + BETWEEN_FLUSHES_S - time.monotonic()))
        with self._wake:
            taken, self._waiting = self._waiting, []
            return taken


_gatherers: weakref.WeakSet[Gatherer] = weakref.WeakSet()


def _forget_threads() -> None:
    for gatherer in _gatherers:
        gatherer.forget()


os.register_at_fork(after_in_child=_forget_threads)
