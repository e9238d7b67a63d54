"""Questions of clients that hang up are stopped: a real web server, real connections, a query without end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from clickhouse_driver import Client

from tests.support.api import Api
from tests.support.slow import endless_before
from tests.support.web import run_gunicorn
from webapp.extensions import db
from webapp.hangups import has_hung_up
from webapp.models import Project
from webapp.settings import Settings

# Far less than the 30 s after which the server would stop the query by itself.
WAIT_S = 15


@dataclass(frozen=True)
class Endless:
    """A web server on which every question about logs runs for ever."""

    address: tuple[str, int]
    api: Api
    owner: Client

    def ask(self, request: bytes) -> socket.socket:
        """Send a request and leave the connection open."""
        connection = socket.create_connection(self.address, timeout=WAIT_S)
        connection.sendall(request)
        return connection

    def running(self) -> int:
        """Return how many questions ClickHouse works on."""
        found = self.owner.execute("SELECT count() FROM system.processes WHERE user = 'reader'")
        return int(found[0][0])

    def await_running(self, expected: int) -> None:
        """Wait until so many questions run."""
        await_true(lambda: self.running() == expected)

    def count_request(self) -> bytes:
        """Return a request of the API."""
        body = json.dumps({"query": {"searchTerm": "here"}})
        path = f"/api/projects/{self.api.ada.project_id}/logs/count/"
        headers = {"Authorization": f"Bearer {self.api.ada.key}", "Content-Type": "application/json"}
        return http("POST", path, headers, body)


def http(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", body]).encode()


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def endless(settings: Settings, api: Api, tmp_path: Path) -> Iterator[Endless]:
    api.send({"body": "here"})
    with (
        Client.from_url(settings.clickhouse_url) as owner,
        endless_before(settings, time.time_ns()) as slow,
        run_gunicorn(slow, tmp_path / "web.log") as url,
    ):
        parts = urlsplit(url)
        assert parts.port is not None
        yield Endless(("127.0.0.1", parts.port), api, owner)


def test_a_program_that_is_killed_leaves_no_query_behind(endless: Endless) -> None:
    connection = endless.ask(endless.count_request())
    endless.await_running(1)
    connection.close()
    endless.await_running(0)


@pytest.mark.parametrize("part", ["summary", "live"])
def test_a_browser_that_cancels_leaves_no_query_behind(endless: Endless, part: str) -> None:
    endless.api.sign_in(endless.api.ada)
    cookie = endless.api.client.get_cookie("hedgerow_session")
    project = db.session.get(Project, endless.api.ada.project_id)
    assert cookie is not None
    assert project is not None
    path = f"/p/{project.slug}/logs/{part}"
    connection = endless.ask(http("GET", path, {"Cookie": f"hedgerow_session={cookie.value}", "HX-Request": "true"}))
    endless.await_running(1)
    connection.close()
    endless.await_running(0)


def test_a_client_that_waits_keeps_its_query_though_it_has_sent_another_request(endless: Endless) -> None:
    """The other client's hang-up shows that the connections were looked at meanwhile."""
    waiting = endless.ask(endless.count_request() + http("GET", "/healthz", {}))
    leaving = endless.ask(endless.count_request())
    endless.await_running(2)
    leaving.close()
    endless.await_running(1)
    another = endless.ask(endless.count_request())
    endless.await_running(2)
    another.close()
    endless.await_running(1)
    waiting.close()


def test_only_a_closed_connection_is_a_hang_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not has_hung_up(ours)
        theirs.sendall(b"GET /")
        assert not has_hung_up(ours)
        assert ours.recv(5) == b"GET /"
        theirs.close()
        assert has_hung_up(ours)
    assert has_hung_up(ours)
