"""The SQL migrations, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import inspect, text

from tests.support.accounts import make_app
from webapp.errors import Unavailable
from webapp.extensions import Base, db
from webapp.models.connection import configure_engine, database_url
from webapp.services import accounts
from webapp.services.database import upgrade_database
from webapp.settings import Settings, SettingsError

both = pytest.mark.parametrize("empty_database_url", ["sqlite", "postgresql"], indirect=True)

UPGRADE = """
import sys
from pathlib import Path
from uuid import UUID
from tests.support.accounts import make_app
from webapp.services.database import upgrade_database
app = make_app(sys.argv[1], Path(sys.argv[2]))
sys.stdin.readline()
upgrade_database(app)
"""


@both
def test_migrations_make_what_the_models_say(empty_database_url: str, tmp_path: Path) -> None:
    app = make_app(empty_database_url, tmp_path)
    upgrade_database(app)
    with app.app_context():
        command.check(app.extensions["migrate"].migrate.get_config())
        db.engine.dispose()


@both
def test_every_constraint_has_a_name(empty_database_url: str, tmp_path: Path) -> None:
    app = make_app(empty_database_url, tmp_path)
    upgrade_database(app)
    with app.app_context():
        found = inspect(db.engine)
        for table in Base.metadata.tables:
            constraints = [
                *found.get_foreign_keys(table),
                *found.get_unique_constraints(table),
                *found.get_check_constraints(table),
            ]
            assert all(constraint["name"] for constraint in constraints), table
        checks = found.get_check_constraints("memberships")
        assert [check["name"] for check in checks] == ["ck_memberships_role"]
        db.engine.dispose()


@both
def test_processes_that_start_together_migrate_once(empty_database_url: str, tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, empty_database_url, str(tmp_path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    complaints = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        complaints.append((process.returncode, stderr))
    assert complaints == [(0, "")] * 3


@both
def test_a_migration_that_fails_leaves_nothing_behind(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(empty_database_url, tmp_path)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE personal_api_keys (id INTEGER)"))  # in the way of the real one
        with pytest.raises(Exception, match="already exists"):
            upgrade_database(app)
        assert inspect(db.engine).get_table_names() == ["personal_api_keys"]
        db.engine.dispose()


@both
def test_a_database_of_a_newer_version_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    app = make_app(empty_database_url, tmp_path)
    upgrade_database(app)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(Unavailable, match="newer version of Hedgerow"):
            upgrade_database(app)
        db.engine.dispose()


@both
def test_migrations_can_be_undone(empty_database_url: str, tmp_path: Path) -> None:
    app = make_app(empty_database_url, tmp_path)
    upgrade_database(app)
    with app.app_context():
        command.downgrade(app.extensions["migrate"].migrate.get_config(), "base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        db.engine.dispose()


def test_sqlite_checks_foreign_keys_and_writes_ahead(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'new' / 'hedgerow.sqlite3'}", tmp_path)
    upgrade_database(app)
    with app.app_context():
        with db.engine.connect() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
            ]
        db.engine.dispose()
    assert found == [1, "wal", 2, 15000]


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    path = tmp_path / "hedgerow.sqlite3"
    app = make_app(f"sqlite:///{path}", tmp_path)
    upgrade_database(app)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with app.app_context():
        from threading import Timer

        Timer(0.3, other.rollback).start()
        assert accounts.create_user("ada@example.org", "Ada", []).id == 1
        db.session.remove()
        db.engine.dispose()
    other.close()


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u:p@h:5432/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
        ("sqlite:////var/lib/hedgerow/x.sqlite3", "sqlite"),
    ],
)
def test_database_addresses_are_read_in_their_usual_forms(given: str, driver: str) -> None:
    assert database_url(given).drivername == driver


@pytest.mark.parametrize("given", ["", "nonsense", "mysql://u:secret@h/d", "postgresql+asyncpg://u:secret@h/d"])
def test_other_database_addresses_are_refused_without_showing_them(given: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as caught:
        configure_engine(Flask("any"), Settings(database_url=given))
    assert "secret" not in str(caught.value)


@both
def test_accounts_from_before_there_were_passwords_keep_their_sessions_and_their_ids(
    empty_database_url: str, tmp_path: Path
) -> None:
    app = make_app(empty_database_url, tmp_path)
    uuid = UUID(int=7)
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        command.upgrade(config, "0002")
        person = {"uuid": uuid.hex if "sqlite" in empty_database_url else str(uuid)}
        with db.engine.begin() as connection:
            insert = "INSERT INTO users (id, uuid, email, name, created_at) VALUES "
            connection.execute(text(f"{insert} (3, :uuid, 'ada@example.org', '', '2026-01-01 00:00:00')"), person)
        command.upgrade(config, "head")
        user = accounts.user_by_session_id(str(uuid))
        assert user is not None
        assert (user.id, user.password_hash, user.session_version) == (3, None, 0)
        db.session.remove()
        command.downgrade(config, "0002")
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT id, email FROM users")).all() == [(3, "ada@example.org")]
        db.engine.dispose()
