"""Both SQL databases for the claims, and real worker and scheduler processes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.jobs.support import Process
from tests.support.accounts import make_app, new_database
from webapp.extensions import db
from webapp.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def database_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty, migrated database of each kind; its context is on."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "hedgerow.sqlite3")
        url = f"sqlite:///{tmp_path / 'hedgerow.sqlite3'}"
    else:
        url = new_database(request.getfixturevalue("postgresql"), request.getfixturevalue("migrated_postgresql"))
    app = make_app(url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Process]]:
    """Start Python processes on the test's own databases: ``start("-m", "jobs.worker")``."""
    started: list[Process] = []

    def start_one(*command: str, on: Settings = settings) -> Process:
        started.append(Process(on, *command))
        return started[-1]

    yield start_one
    for process in started:
        process.kill_all()


@pytest.fixture
def start_worker(start: Callable[..., Process]) -> Callable[[], Process]:
    """Start a worker that takes every queue, and wait until it does."""

    def start_one() -> Process:
        worker: Process = start("-m", "jobs.worker")
        worker.says("waiting for jobs")
        return worker

    return start_one
