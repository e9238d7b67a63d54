"""The application on each SQL database that it supports, without ClickHouse and Valkey."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask

from tests.support.accounts import make_app, new_database
from tests.support.commands import Commands
from webapp.extensions import db
from webapp.models import Project, User
from webapp.services import accounts, projects


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database; parametrize indirectly with ``sqlite`` or ``postgresql``."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def accounts_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on a migrated database without anyone in it, once per kind of database; its context is on."""
    if request.param == "sqlite":
        copy = tmp_path / "hedgerow.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), copy)
        url = f"sqlite:///{copy}"
    else:
        url = new_database(request.getfixturevalue("postgresql"), request.getfixturevalue("migrated_postgresql"))
    app = make_app(url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def commands() -> Iterator[type[Commands]]:
    """Runs commands on an application; they set up logging for a process, which is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Commands
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def run(accounts_app: Flask, commands: type[Commands]) -> Commands:
    """The commands on a prepared instance."""
    accounts.ensure_first_run()
    return commands(accounts_app)


@pytest.fixture
def ada(accounts_app: Flask) -> User:
    """Somebody."""
    return accounts.create_user("ada@example.org", "Ada", [])


@pytest.fixture
def project(ada: User) -> Project:
    """A project of hers."""
    return projects.create_project("Shop", ada)
