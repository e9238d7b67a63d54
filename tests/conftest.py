"""Real servers for the tests: one ClickHouse and one Valkey per xdist worker, fresh data for every test."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from clickhouse_driver import Client
from redis import Redis

from tests.support.postgresql import run_postgresql
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.valkey import EmbeddedValkey
from webapp.settings import MIB, Settings
from webapp.store.migrate import migrate
from webapp.store.tables import Topology

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from webapp.store.store import Store

_numbers = itertools.count(1)


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


@pytest.fixture
def clickhouse_database(clickhouse: EmbeddedClickHouse) -> Iterator[str]:
    """Name of an empty database that is dropped after the test; ``app`` owns it and ``reader`` can read it."""
    name = f"{clickhouse.database}_{next(_numbers)}"
    with Client.from_url(clickhouse.url) as admin:
        admin.execute(f"CREATE DATABASE {name} ENGINE = Atomic")
        yield name
        admin.execute(f"DROP DATABASE {name} SYNC")


@pytest.fixture
def settings(
    tmp_path: Path, clickhouse: EmbeddedClickHouse, clickhouse_database: str, valkey: EmbeddedValkey
) -> Settings:
    """Settings of an instance of its own, with everything in it empty and nothing migrated."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    with closing(Redis.from_url(valkey.url)) as client:
        client.flushall()
    return Settings(
        data_dir=data_dir,
        clickhouse_url=_in_database(clickhouse.url, clickhouse_database),
        clickhouse_reader_url=_in_database(clickhouse.reader_url, clickhouse_database),
        redis_url=valkey.url,
        database_url=f"sqlite:///{data_dir / 'hedgerow.sqlite3'}",
        secret_key="a key for tests alone, long enough to sign with",
        ship_own_logs=False,
        key_requests_per_minute=0,  # tests ask faster than programs
        key_requests_per_hour=0,
    )


@pytest.fixture(scope="session")
def migrated_clickhouse(clickhouse: EmbeddedClickHouse) -> str:
    """Name of a database with all migrations applied and no row: copied for each test, since migrating takes longer."""
    name = f"{clickhouse.database}_migrated"
    migrate(_in_database(clickhouse.url, name), Topology())
    return name


@pytest.fixture
def log_tables(clickhouse: EmbeddedClickHouse, clickhouse_database: str, migrated_clickhouse: str) -> None:
    """The tables of the test's own database, as the migrations leave them."""
    with Client.from_url(clickhouse.url) as admin:
        admin.settings["fsync_metadata"] = 0  # these tables need not outlive a loss of power
        for (table,) in admin.execute(f"SHOW TABLES FROM {migrated_clickhouse}"):
            admin.execute(f"CREATE TABLE {clickhouse_database}.{table} AS {migrated_clickhouse}.{table}")
        done = f"SELECT * FROM {migrated_clickhouse}.schema_migrations"
        admin.execute(f"INSERT INTO {clickhouse_database}.schema_migrations {done}")


@pytest.fixture
def store(settings: Settings, log_tables: None) -> Iterator[Store]:
    """The log store of that instance, migrated, for tests that need no application."""
    from webapp.store.store import Store

    store = Store.from_settings(settings)
    yield store
    store.close()


def _in_database(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


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
