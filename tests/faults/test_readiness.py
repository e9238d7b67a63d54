"""``/readyz`` while a server hangs: told in time, and asked once for everybody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest
from flask import Flask

from tests.support.api import Reply, SeparateClient
from tests.support.instance import wait_for
from webapp import create_app
from webapp.services.probes import Shared, ask_all
from webapp.settings import Settings

CALLERS = 8


class Silent:
    """A server that takes every connection and never says a word."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            self.connections.append(connection)
            if self.stopping:
                return

    stopping = False

    def close(self) -> None:
        self.stopping = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join()
        for connection in (self.listener, *self.connections):
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_a_server_that_hangs_is_told_and_asked_once_by_any_number_of_callers(
    app: Flask, settings: Settings, silent: Silent
) -> None:
    hanging = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{silent.port}/0"))
    hanging.test_client_class = SeparateClient

    def ask() -> Reply:
        return cast(Reply, hanging.test_client().get("/readyz"))

    with ThreadPoolExecutor(CALLERS) as pool:
        first = pool.submit(ask)
        wait_for(lambda: silent.connections, "the server to be asked")
        others = [pool.submit(ask) for _ in range(CALLERS - 1)]
        replies = [future.result() for future in (first, *others)]
    for reply in replies:
        assert reply.status_code == 503
        checks = reply.json["checks"]
        assert [name for name, check in checks.items() if not check["ok"]] == ["redis"]
        assert checks["redis"]["reason"] == "Redis (REDIS_URL) does not answer."
    assert len(silent.connections) == 1


def test_what_takes_too_long_is_left_behind_and_the_others_answer(app: Flask) -> None:
    release = threading.Event()
    answers = ask_all(app, {"slow": release.wait, "quick": lambda: 7, "broken": lambda: 1 // 0}, timeout_s=0.3)
    release.set()
    assert isinstance(answers["slow"], TimeoutError)
    assert answers["quick"] == 7
    assert isinstance(answers["broken"], ZeroDivisionError)


def test_an_error_reaches_all_who_wait_and_the_next_one_works_anew() -> None:
    shared: Shared[int] = Shared()
    begun, release = threading.Event(), threading.Event()

    def fail() -> int:
        begun.set()
        release.wait()
        raise ValueError("no")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.result_of, fail)
        begun.wait()
        second = pool.submit(shared.result_of, lambda: 2)
        release.set()
        for future in (first, second):
            # The second may have come when the first was through.
            assert future.exception() is not None or future.result() == 2
        assert isinstance(first.exception(), ValueError)
    assert shared.result_of(lambda: 3) == 3
