"""Real servers for the tests: one ClickHouse and one Valkey per xdist worker, fresh data for every test."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from clickhouse_driver import Client
from redis import Redis

from tests.support.databases import Databases, in_database
from tests.support.postgresql import run_postgresql
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.valkey import EmbeddedValkey
from webapp.settings import MIB, Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from webapp.store.store import Store


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    """The real server; use ``clickhouse_database`` for a place of your own in it."""
    with EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse"), memory_bytes=2048 * MIB) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """The real server; ``settings`` empties it before each test."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The real server, as an address with a place for the database's name."""
    with run_postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def databases(clickhouse: EmbeddedClickHouse) -> Iterator[Databases]:
    """The databases that tests borrow."""
    with Client.from_url(clickhouse.url) as admin:
        yield Databases(admin, clickhouse.database, clickhouse.url)


@pytest.fixture
def clickhouse_database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """Name of a database of the test's own, for ``app`` and ``reader``; it is empty without ``log_tables``."""
    with databases.lend(migrated="log_tables" in request.fixturenames) as name:
        yield name


@pytest.fixture(scope="session")
def secret_key() -> str:
    """What the applications of the tests sign and encrypt with, so that one can read what another has stored."""
    return "a key for tests alone, long enough to sign with"


@pytest.fixture(scope="session")
def settings_in(clickhouse: EmbeddedClickHouse, valkey: EmbeddedValkey, secret_key: str) -> Callable[..., Settings]:
    """Make settings of an instance with its data in this folder and its logs in this database."""

    def make(data_dir: Path, database: str) -> Settings:
        return Settings(
            data_dir=data_dir,
            clickhouse_url=in_database(clickhouse.url, database),
            clickhouse_reader_url=in_database(clickhouse.reader_url, database),
            redis_url=valkey.url,
            database_url=f"sqlite:///{data_dir / 'hedgerow.sqlite3'}",
            secret_key=secret_key,
            ship_own_logs=False,
            key_requests_per_minute=0,  # tests ask faster than programs
            key_requests_per_hour=0,
        )

    return make


@pytest.fixture
def settings(
    tmp_path: Path, clickhouse_database: str, valkey: EmbeddedValkey, settings_in: Callable[..., Settings]
) -> Settings:
    """Settings of an instance of its own, with everything in it empty and nothing migrated."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    with closing(Redis.from_url(valkey.url)) as client:
        client.flushall()
    return settings_in(data_dir, clickhouse_database)


@pytest.fixture
def log_tables(databases: Databases, clickhouse_database: str) -> None:
    """The tables of the test's own database, as the migrations leave them."""
    databases.migrate(clickhouse_database)


@pytest.fixture
def store(settings: Settings, log_tables: None) -> Iterator[Store]:
    """The log store of that instance, migrated, for tests that need no application."""
    from webapp.store.store import Store

    store = Store.from_settings(settings)
    yield store
    store.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all SQL migrations applied: copied for each test, since migrating takes far longer."""
    from flask_migrate import upgrade

    from webapp import create_app

    data_dir = tmp_path_factory.mktemp("migrated")
    path = data_dir / "hedgerow.sqlite3"
    app = create_app(Settings(data_dir=data_dir, database_url=f"sqlite:///{path}", secret_key="x" * 32))
    with app.app_context():
        from webapp.extensions import db

        upgrade()
        db.engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a migrated database, to be copied for each test."""
    from tests.support.accounts import make_app, new_database
    from webapp.extensions import db
    from webapp.services.database import upgrade_database

    url = new_database(postgresql)
    app = make_app(url, tmp_path_factory.mktemp("migrated_postgresql"))
    upgrade_database(app)
    with app.app_context():
        db.engine.dispose()
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
def app(settings: Settings, log_tables: None, migrated_sqlite: Path) -> Iterator[Flask]:
    """The application on fresh, migrated databases. No user or project yet: see ``accounts.ensure_first_run``."""
    from webapp import create_app

    shutil.copy(migrated_sqlite, settings.data_dir / "hedgerow.sqlite3")
    app = create_app(settings)
    app.config["TESTING"] = True
    with app.app_context():
        from webapp.extensions import db, store

        yield app
        store.close()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application, signed in as nobody."""
    return app.test_client()
