"""The API with people who call it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests.support.api import Api, make_api
from webapp import create_app
from webapp.embedded.valkey import EmbeddedValkey
from webapp.extensions import db
from webapp.settings import Settings


@pytest.fixture
def api(app: Flask) -> Api:
    """The API with Ada and Bob, who have a project each."""
    return make_api(app)


@pytest.fixture
def accounts_api(tmp_path: Path, migrated_sqlite: Path, valkey: EmbeddedValkey) -> Iterator[Api]:
    """The same without ClickHouse, for what belongs to accounts: it is there in a moment."""
    path = tmp_path / "hedgerow.sqlite3"
    shutil.copy(migrated_sqlite, path)
    with closing(Redis.from_url(valkey.url)) as client:
        client.flushall()
    app = create_app(
        Settings(data_dir=tmp_path, database_url=f"sqlite:///{path}", redis_url=valkey.url, secret_key="k" * 32)
    )
    app.config["TESTING"] = True
    with app.app_context():
        yield make_api(app)
        db.session.remove()
        db.engine.dispose()
