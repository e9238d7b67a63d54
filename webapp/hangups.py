"""What a request costs, and the end of its questions when its client hangs up.

A browser that cancels, or a program that is killed, closes its connection, and nobody will read the answer: without a
watch, ClickHouse would work on for as long as a question may take. The request's own thread waits for ClickHouse, so
another one looks after the connections of all requests that have asked something.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog
from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from webapp.errors import HedgerowError
from webapp.store.asker import Asker, set_asker

if TYPE_CHECKING:
    from webapp.store.store import Store

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.2


class Watch:
    """Looks after the connections of a process's requests, from a thread that begins with the first of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.renew()
        _watches.add(self)

    def renew(self) -> None:
        """Watch nothing; a forked child has no thread that does."""
        self._watched: dict[Asker, socket.socket] = {}
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, asker: Asker, connection: socket.socket) -> None:
        """Stop what runs for this one as soon as its client hangs up."""
        with self._lock:
            self._watched[asker] = connection
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hang-ups", daemon=True)
                self._thread.start()
        self._wanted.set()

    def end(self, asker: Asker) -> None:
        """Stop watching; the connection may be another request's next."""
        with self._lock:
            self._watched.pop(asker, None)
            if not self._watched:
                self._wanted.clear()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Look at each connection once."""
        with self._lock:
            for asker, connection in self._watched.items():
                if asker.running and not asker.has_left:
                    asker.has_left = has_hung_up(connection)
            gone = [asker.running for asker in self._watched if asker.has_left]
        for query_id in filter(None, gone):
            self._stop(query_id)  # every time until it ends: ClickHouse may not have known the question yet

    def _stop(self, query_id: str) -> None:
        try:
            self._store.cancel(query_id)
            log.info("stopped a query, because its client has hung up", query_id=query_id)
        except HedgerowError as error:
            log.warning("cannot stop a query whose client has hung up", query_id=query_id, error=error.detail)


_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


def _renew_watches() -> None:
    for watch in _watches:
        watch.renew()


os.register_at_fork(after_in_child=_renew_watches)


def has_hung_up(connection: socket.socket) -> bool:
    """Whether the other end has closed the connection. What it has sent meanwhile, another request, stays unread."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:  # reset, or closed on this side
        return True


def watch_client() -> None:
    """Ask from now on for the client of the present request, and watch its connection.

    What streams an answer does so once more when it begins: Flask takes its request for over by then.
    """
    g.asker = Asker()
    set_asker(g.asker)
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        _watch().begin(g.asker, connection)


def _watch() -> Watch:
    watch: Watch = current_app.extensions["hedgerow_watch"]
    return watch


def while_sending(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Watch the client of a response that is made as it is sent, as one that waits is watched.

    The request is over when its response begins to be sent. Each piece is made with the application at hand; when the
    client hangs up, the question that runs for the next piece is stopped, and no other is asked.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    connection = request.environ.get("gunicorn.socket")
    return _send(pieces, app, connection)


def _send(pieces: Iterator[bytes], app: Flask, connection: socket.socket | None) -> Iterator[bytes]:
    watch: Watch = app.extensions["hedgerow_watch"]
    asker = Asker()
    if connection is not None:
        watch.begin(asker, connection)
    try:
        while True:
            with app.app_context():
                set_asker(asker)
                try:
                    piece = next(pieces, None)
                finally:
                    set_asker(None)
            if piece is None:
                return
            yield piece
    except HedgerowError as error:
        if not asker.has_left:
            log.warning("a response ends before its end", code=error.code, detail=error.detail)
        raise  # the server closes the connection: the client sees that something is missing
    finally:
        watch.end(asker)


def init_app(app: Flask) -> None:
    """Watch the connection of every request that gunicorn brings, and say at the end what ClickHouse did for it."""
    app.extensions["hedgerow_watch"] = Watch(app.extensions["hedgerow_store"])
    app.before_request(watch_client)

    @app.after_request
    def say_cost(response: Response) -> Response:
        asker: Asker | None = g.get("asker")
        if asker is not None and asker.queries:
            response.headers["Server-Timing"] = (
                f"clickhouse;dur={asker.elapsed_ms:.1f};queries={asker.queries}"
                f";rows={asker.rows_read};bytes={asker.bytes_read}"
            )
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        set_asker(None)
        if "asker" in g:
            _watch().end(g.asker)
