"""Whatever its description allows, the API answers as described: schemathesis asks it on a live server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.api import Api, make_api
from webapp.services.key_rates import KeyRates

SEED = "20261124"
CONFIG = """
headers = {{ "X-CSRFToken" = "{csrf_token}" }}

[auth.openapi.personalApiKey]
bearer = "{key}"

[auth.openapi.session]
api_key = "{session}"

[generation]
max-examples = 4
database = "none"

# Dates, searches, cursors and regular expressions are languages in texts: what is wrong in one is refused.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404"]
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


@pytest.fixture
def live(app: Flask) -> Iterator[tuple[str, Api]]:
    """The API with a few logs, and without limits for those who ask a lot, at its address."""
    app.extensions["hedgerow_key_rates"] = KeyRates(app.extensions["hedgerow_ingestion"].valkey, {})
    api = make_api(app)
    api.send({"body": "timeout after 3000 ms", "severityNumber": 17}, {"body": '{"user": {"id": 7}}'})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", api
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_request_gets_what_is_not_described(live: tuple[str, Api], tmp_path: Path) -> None:
    url, api = live
    csrf_token = api.sign_in(api.ada)
    session = api.client.get_cookie("hedgerow_session")
    assert session is not None
    config = tmp_path / "schemathesis.toml"
    spared = set(with_filters(api.app.extensions["hedgerow_openapi"].document))
    assert WITH_EVERY_CASE in spared
    spared.remove(WITH_EVERY_CASE)
    parts = [CONFIG.format(csrf_token=csrf_token, key=api.ada.key, session=session.value)]
    config.write_text("".join([*parts, *(WITHOUT_EVERY_CASE.format(operation=name) for name in sorted(spared))]))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", f"{url}/api/schema/"]
    options = ["--seed", SEED, "--checks", "all", "--no-color", "--workers", "1"]
    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
