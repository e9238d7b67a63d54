"""Whatever its description allows, the API answers as described: schemathesis asks it on a live server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.api import Api, make_api
from webapp.api.openapi import KEY
from webapp.services.key_rates import KeyRates

SEED = "20261124"
PATIENCE_S = 420  # a minute of work, on two cores that a browser may need at the same time
CONFIG = """
[generation]
max-examples = 4
database = "none"

[phases.stateful.generation]
max-examples = 20

# An operation that lets nobody in is not tested.
[warnings]
fail-on = ["missing_auth"]

# Dates, searches, cursors and regular expressions are languages in texts: what is wrong in one is refused.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404"]
"""
WITH_KEY = """
[headers]
Authorization = "Bearer {key}"
"""
WITH_SESSION = """
[headers]
X-CSRFToken = "{csrf_token}"

[auth.openapi.session]
api_key = "{session}"
"""
# Many operations take the same filters, and every case of them takes 400 requests: one operation gets them all.
WITH_EVERY_CASE = "logs_api_count"
WITHOUT_EVERY_CASE = """
[[operations]]
include-operation-id = "{operation}"
phases.coverage.enabled = false
"""


def with_filters(document: dict[str, Any]) -> list[str]:
    """Return the ids of the operations that take the filters of logs in their bodies."""
    schemas = document["components"]["schemas"]
    filters = [f'"#/components/schemas/{name}"' for name, one in schemas.items() if "filterGroup" in one["properties"]]
    bodies = [name for name, one in schemas.items() if any(name in json.dumps(one) for name in filters)]
    return [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
        if any(f'/{name}"' in json.dumps(operation["requestBody"]) for name in bodies)
    ]


def for_sessions_alone(document: dict[str, Any]) -> list[str]:
    """Return the ids of the operations that let no key in."""
    return [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "security" in operation
        if operation["security"] and not any(KEY in needed for needed in operation["security"])
    ]


@dataclass(frozen=True)
class Live:
    """The API on a live server, and what it says of itself."""

    url: str
    api: Api
    folder: Path

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.app.extensions["hedgerow_openapi"].document
        return found

    def ask(self, config: str, *options: str) -> None:
        """Let schemathesis ask, with every check that it has."""
        path = self.folder / "schemathesis.toml"
        path.write_text(CONFIG + config)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(path), "run"]
        # Two threads may meet a mistake in the parser of CPython 3.11: one.
        fixed = ["--seed", SEED, "--checks", "all", "--no-color", "--workers", "1"]
        done = subprocess.run(
            [*command, *fixed, *options, f"{self.url}/api/schema/"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S - 10,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def live(app: Flask, tmp_path: Path) -> Iterator[Live]:
    """The API with a few logs and a saved view, and without limits for those who ask a lot."""
    app.extensions["hedgerow_key_rates"] = KeyRates(app.extensions["hedgerow_ingestion"].valkey, {})
    api = make_api(app)
    api.send({"body": "timeout after 3000 ms", "severityNumber": 17}, {"body": '{"user": {"id": 7}}'})
    assert api.post("views/", {"name": "Errors"}).status_code == 201
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Live(f"http://127.0.0.1:{server.port}", api, tmp_path)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.timeout(PATIENCE_S)
def test_a_key_gets_nothing_that_is_not_described(live: Live) -> None:
    spared = set(with_filters(live.document))
    assert WITH_EVERY_CASE in spared
    parts = [WITHOUT_EVERY_CASE.format(operation=name) for name in sorted(spared - {WITH_EVERY_CASE})]
    others = [f"--exclude-operation-id={name}" for name in for_sessions_alone(live.document)]
    live.ask("".join([WITH_KEY.format(key=live.api.ada.key), *parts]), *others)


@pytest.mark.timeout(PATIENCE_S)
def test_a_session_gets_nothing_that_is_not_described(live: Live) -> None:
    csrf_token = live.api.sign_in(live.api.ada)
    session = live.api.client.get_cookie("hedgerow_session")
    assert session is not None
    ours = [f"--include-operation-id={name}" for name in for_sessions_alone(live.document)]
    assert ours
    live.ask(WITH_SESSION.format(csrf_token=csrf_token, session=session.value), *ours)
