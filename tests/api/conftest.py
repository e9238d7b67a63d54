"""The API with people who call it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests.support.api import Api, Person, call_api, make_api
from webapp import create_app
from webapp.embedded.valkey import EmbeddedValkey
from webapp.extensions import db
from webapp.settings import Settings


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
