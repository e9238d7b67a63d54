"""The API with people who call it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests.support.api import Api, Person, call_api, make_api
from tests.support.databases import Databases
from tests.support.web import run_gunicorn
from webapp import create_app
from webapp.embedded.valkey import EmbeddedValkey
from webapp.extensions import db
from webapp.settings import Settings
from webapp.store.pool import database_of


@dataclass(frozen=True)
class Inhabited:
    """A migrated SQLite file with Ada and Bob in it, who have a project each."""

    path: Path
    ada: Person
    bob: Person

    def settle(self, app: Flask, data_dir: Path) -> Api:
        """Put them into the folder of an application that has not asked its database yet."""
        path = data_dir / "hedgerow.sqlite3"
        assert not path.with_name(f"{path.name}-wal").exists(), "somebody has asked it"
        shutil.copy(self.path, path)
        return call_api(app, self.ada, self.bob)


@pytest.fixture(scope="session")
def inhabited(migrated_sqlite: Path, secret_key: str, tmp_path_factory: pytest.TempPathFactory) -> Inhabited:
    """Made once and copied for each test, since to make two people and their projects and keys takes longer."""
    path = tmp_path_factory.mktemp("inhabited") / "hedgerow.sqlite3"
    shutil.copy(migrated_sqlite, path)
    app = create_app(Settings(data_dir=path.parent, database_url=f"sqlite:///{path}", secret_key=secret_key))
    with app.app_context():
        api = make_api(app)
        db.session.remove()
        db.engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Inhabited(path, api.ada, api.bob)


@pytest.fixture
def api(app: Flask, settings: Settings, inhabited: Inhabited) -> Api:
    """The API with Ada and Bob, who have a project each."""
    return inhabited.settle(app, settings.data_dir)


@pytest.fixture
def accounts_api(tmp_path: Path, inhabited: Inhabited, valkey: EmbeddedValkey, secret_key: str) -> Iterator[Api]:
    """The same without ClickHouse, for what belongs to accounts: it is there in a moment."""
    path = tmp_path / "hedgerow.sqlite3"
    with closing(Redis.from_url(valkey.url)) as client:
        client.flushall()
    app = create_app(
        Settings(data_dir=tmp_path, database_url=f"sqlite:///{path}", redis_url=valkey.url, secret_key=secret_key)
    )
    app.config["TESTING"] = True
    with app.app_context():
        yield inhabited.settle(app, tmp_path)
        db.session.remove()
        db.engine.dispose()


@dataclass(frozen=True)
class Served:
    """An instance behind gunicorn that many tests send to, one after the other."""

    address: str
    settings: Settings
    ada: Person


@pytest.fixture(scope="session")
def web_server(
    databases: Databases,
    inhabited: Inhabited,
    settings_in: Callable[..., Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """Started once, since to start takes as long as many tests: ``served`` empties it."""
    data_dir = tmp_path_factory.mktemp("served")
    shutil.copy(inhabited.path, data_dir / "hedgerow.sqlite3")
    with databases.lend(migrated=True) as name:
        settings = settings_in(data_dir, name)
        with run_gunicorn(settings, data_dir / "gunicorn.log") as address:
            yield Served(address, settings, inhabited.ada)


@pytest.fixture
def served(web_server: Served, databases: Databases, valkey: EmbeddedValkey) -> Served:
    """An instance with Ada and Bob behind gunicorn, without a log; mark its tests with one ``xdist_group``."""
    assert databases.clean(database_of(web_server.settings.clickhouse_url))
    with closing(Redis.from_url(valkey.url)) as client:
        client.flushall()
    return web_server
