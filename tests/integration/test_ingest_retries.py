"""What a client keeps sending is stored exactly once, whatever dies meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from clickhouse_driver import Client

from tests.support.otlp import record, request
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.valkey import EmbeddedValkey
from webapp.extensions import db, store
from webapp.services import accounts, projects, tokens
from webapp.settings import MIB, Settings

BATCHES = 30
BATCH_ROWS = 200
GIVE_UP_S = 60


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    """A server that the test may kill."""
    with EmbeddedClickHouse(tmp_path / "clickhouse", memory_bytes=1024 * MIB) as server:
        yield server


@pytest.fixture
def own_settings(tmp_path: Path, mortal: EmbeddedClickHouse, valkey: EmbeddedValkey, migrated_sqlite: Path) -> Settings:
    """An instance on that server."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    shutil.copy(migrated_sqlite, data_dir / "hedgerow.sqlite3")
    return Settings(
        data_dir=data_dir,
        clickhouse_url=mortal.url,
        clickhouse_reader_url=mortal.reader_url,
        redis_url=valkey.url,
        database_url=f"sqlite:///{data_dir / 'hedgerow.sqlite3'}",
        secret_key="a key for tests alone, long enough to sign with",
        ship_own_logs=False,
    )


def prepare(settings: Settings) -> str:
    """Make the tables and a project, and return its token."""
    app = create_app(settings)
    with app.app_context():
        store.migrate()
        user = accounts.create_user("ada@example.org", "ada", [])
        token = tokens.ingestion_token(projects.create_project("ada", user).id)
        store.close()
        db.engine.dispose()
    return token


def make_batch(number: int) -> bytes:
    now_ns = time.time_ns()
    records = (record(f"{number} {row}", {"batch": str(number)}, time_unix_nano=now_ns) for row in range(BATCH_ROWS))
    return request(*records, resource={"service.name": "client"}).SerializeToString()


def send_until_accepted(address: str, token: str, numbers: list[int], refusals: list[int]) -> None:
    """Do as OTLP exporters do: the same bytes again after 503 and after a connection that broke."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-protobuf"}
    for number in numbers:
        body = make_batch(number)
        deadline = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline:
            try:
                status = requests.post(f"{address}/v1/logs", data=body, headers=headers, timeout=20).status_code
            except requests.RequestException:
                status = 0
            if status == 200:
                break
            refusals.append(status)
            time.sleep(0.1)


def test_clients_that_retry_lose_nothing_and_double_nothing_while_clickhouse_is_killed(
    own_settings: Settings, mortal: EmbeddedClickHouse, tmp_path: Path
) -> None:
    token = prepare(own_settings)
    refusals: list[int] = []
    with run_gunicorn(own_settings, tmp_path / "gunicorn.log") as address:
        clients = [
            threading.Thread(target=send_until_accepted, args=(address, token, list(range(part, BATCHES, 3)), refusals))
            for part in range(3)
        ]
        for client in clients:
            client.start()
        for pause_s in (0.3, 0.2):
            time.sleep(pause_s)
            assert mortal.process is not None
            os.kill(mortal.process.pid, signal.SIGKILL)
            mortal.process.wait()
            mortal.stop()
            mortal.start()
        for client in clients:
            client.join(2 * GIVE_UP_S)
    assert set(refusals) == {503}, refusals
    with Client.from_url(mortal.url) as client:
        by_batch = client.execute("SELECT attributes['batch'], count() FROM logs GROUP BY 1")
        assert sorted(by_batch) == sorted((str(number), BATCH_ROWS) for number in range(BATCHES))


def test_request_sent_again_after_a_restart_of_the_web_server_is_stored_once(
    own_settings: Settings, mortal: EmbeddedClickHouse, tmp_path: Path
) -> None:
    token = prepare(own_settings)
    body = make_batch(0)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-protobuf"}
    for _ in range(2):
        with run_gunicorn(own_settings, tmp_path / "gunicorn.log") as address:
            answer = requests.post(f"{address}/v1/logs", data=body, headers=headers, timeout=20)
            assert (answer.status_code, answer.content) == (200, b"")
    with Client.from_url(mortal.url) as client:
        assert client.execute("SELECT count() FROM logs") == [(BATCH_ROWS,)]
