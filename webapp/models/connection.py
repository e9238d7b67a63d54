"""How the SQL database is reached: addresses, pool and what every SQLite connection needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError

from webapp.settings import Settings, SettingsError

BUSY_TIMEOUT_S = 15.0
MIGRATION_LOCK = 0x6865646765726F77  # "hedgerow": the key of PostgreSQL's advisory lock
DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def configure_engine(app: Flask, settings: Settings) -> None:
    """Set what flask-sqlalchemy needs to make an engine for ``DATABASE_URL``."""
    url = database_url(settings.database_url)
    options: dict[str, Any] = {
        # Every thread of a web process may hold one connection; they open only when needed.
        "pool_size": settings.web_threads,
        "max_overflow": 8,
        "pool_timeout": 10,
    }
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # BEGIN IMMEDIATE: a writer waits for its turn at the start, where waiting works; a transaction that reads
        # first and writes later would be refused at once when another has written in between.
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_S, "isolation_level": "IMMEDIATE"}
    else:
        options["pool_pre_ping"] = True
        options["connect_args"] = {"connect_timeout": 5, "application_name": "hedgerow"}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options


def database_url(address: str) -> URL:
    """Read ``DATABASE_URL``, also in the forms ``postgres://`` and ``postgresql://`` that providers hand out."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise SettingsError(
            "DATABASE_URL cannot be read; write postgresql+psycopg://user:password@host:5432/name or sqlite:////path."
        ) from None
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in {"postgresql+psycopg", "sqlite"}:
        raise SettingsError(f"DATABASE_URL names {url.drivername!r}, but must begin with postgresql:// or sqlite:///.")
    return url


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Make SQLite check foreign keys and let readers and one writer work side by side."""
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL cannot corrupt the file, but it may lose the last commits at a power cut: FULL keeps them.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


@contextmanager
def migration_connection(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that alone may change the tables, in one transaction: all of it happens, or nothing.

    Several processes may start at once. The others wait here, and then find nothing left to do.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Batch operations drop and rebuild tables; with foreign keys on, that would empty the tables that refer
            # to them. The setting can only change outside a transaction.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        try:
            yield connection
            _check_foreign_keys(connection)
            connection.commit()
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                connection.commit()


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise IntegrityError(
                "PRAGMA foreign_key_check", None, ValueError(f"rows without their parent: {orphans[:5]}")
            )
