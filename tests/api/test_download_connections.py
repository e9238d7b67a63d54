"""Downloads over real connections: given up by the client, ended by a failure, and what the client sees of it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from clickhouse_driver import Client

from tests.api.test_hangups import Endless, await_true
from tests.support.api import Api
from tests.support.logs import HOUR_NS, Log, insert
from tests.support.slow import endless_before
from tests.support.web import run_gunicorn
from webapp.extensions import db, store
from webapp.models import Project
from webapp.services.log_download import FIRST_ROWS
from webapp.settings import Settings

ROWS = 150  # more than the first page
TIMEOUT_S = 1


@contextmanager
def serve(settings: Settings, api: Api, log: Path, now_ns: int) -> Iterator[Endless]:
    """Serve an instance that has a page and a half of rows, and before them rows without an end."""
    with (
        Client.from_url(settings.clickhouse_url) as owner,
        endless_before(settings, now_ns - 2 * HOUR_NS) as slow,
        run_gunicorn(replace(slow, query_timeout_s=TIMEOUT_S), log) as url,
    ):
        parts = urlsplit(url)
        assert parts.port is not None
        yield Endless(("127.0.0.1", parts.port), api, owner)


@pytest.fixture
def now_ns(api: Api, settings: Settings) -> int:
    now_ns = time.time_ns()
    moments = [now_ns - at * 1_000_000 for at in range(ROWS)] + [now_ns - 3 * HOUR_NS]
    insert(store, [Log(project_id=api.ada.project_id, timestamp_ns=at, body=f"row {at}") for at in moments])
    return now_ns


@contextmanager
def ask(endless: Endless, kind: str) -> Iterator[http.client.HTTPResponse]:
    """Ask for a file, and hang up at the end."""
    endless.api.sign_in(endless.api.ada)
    cookie = endless.api.client.get_cookie("hedgerow_session")
    project = db.session.get(Project, endless.api.ada.project_id)
    assert cookie is not None
    assert project is not None
    headers = {"Cookie": f"hedgerow_session={cookie.value}"}
    with closing(http.client.HTTPConnection(*endless.address, timeout=30)) as connection:
        connection.request("GET", f"/p/{project.slug}/logs.{kind}?t=now-4h..now", headers=headers)
        with connection.getresponse() as response:
            yield response


def test_a_download_that_breaks_off_is_not_taken_for_whole_and_one_that_is_given_up_leaves_no_query_behind(
    settings: Settings, api: Api, tmp_path: Path, now_ns: int
) -> None:
    log = tmp_path / "web.log"
    with serve(settings, api, log, now_ns) as endless:
        with ask(endless, "jsonl") as response:
            assert response.status == 200
            assert response.headers["Transfer-Encoding"] == "chunked"
            with pytest.raises(http.client.IncompleteRead) as broken:
                response.read()
            assert broken.value.partial.count(b"\n") >= FIRST_ROWS
        assert "a response ends before its end" in log.read_text()
        with ask(endless, "csv") as response:
            assert response.readline().startswith(b"timestamp,level,")
            endless.await_running(1)
        await_true(lambda: "because its client has hung up" in log.read_text())
        endless.await_running(0)
