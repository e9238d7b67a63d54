"""``/healthz`` and ``/readyz``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from flask import Flask

from tests.support.api import Reply, SeparateClient
from webapp import create_app
from webapp.settings import Settings

AWAY = {
    "clickhouse": "clickhouse://app:secret@127.0.0.1:9/hedgerow",
    "redis": "redis://:secret@127.0.0.1:9/0",
    "sql": "postgresql://app:secret@127.0.0.1:9/hedgerow",
}


def test_a_ready_instance_says_so(app: Flask) -> None:
    response = app.test_client().get("/readyz")
    ok = {"ok": True, "reason": None}
    assert response.status_code == 200
    assert response.json == {"status": "ready", "checks": {"sql": ok, "clickhouse": ok, "redis": ok}}


@pytest.mark.parametrize("part", sorted(AWAY))
def test_a_server_that_is_away_is_named_without_its_password(settings: Settings, app: Flask, part: str) -> None:
    changes: dict[str, Any] = {f"{part}_url": AWAY[part]} if part != "sql" else {"database_url": AWAY[part]}
    if part == "clickhouse":
        changes["clickhouse_reader_url"] = AWAY[part]
    other = create_app(replace(settings, **changes))
    other.test_client_class = SeparateClient
    response = cast(Reply, other.test_client().get("/readyz"))
    assert response.status_code == 503
    assert response.json["status"] == "unavailable"
    assert [name for name, check in response.json["checks"].items() if not check["ok"]] == [part]
    assert response.json["checks"][part]["reason"]
    assert "secret" not in response.text
    assert other.test_client().get("/healthz").status_code == 200


def test_the_process_answers_without_its_servers(settings: Settings) -> None:
    changed = replace(settings, clickhouse_url=AWAY["clickhouse"], redis_url=AWAY["redis"], database_url=AWAY["sql"])
    response = create_app(changed).test_client().get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})
