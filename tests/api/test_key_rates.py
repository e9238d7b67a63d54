"""How often a personal API key may ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests.support.api import Api
from webapp.extensions import db
from webapp.ingest.valkey import Valkey
from webapp.models import User
from webapp.services import keys
from webapp.services.key_rates import KeyRates

ME = "/api/users/@me/"


def limit(app: Flask, minute: int, hour: int) -> None:
    """Let each key ask so often."""
    settings = replace(app.extensions["hedgerow_settings"], key_requests_per_minute=minute, key_requests_per_hour=hour)
    valkey = app.extensions["hedgerow_ingestion"].valkey
    app.extensions["hedgerow_key_rates"] = KeyRates.from_settings(settings, valkey)


def second_key(accounts_api: Api) -> str:
    return keys.create_key(db.session.get_one(User, accounts_api.ada.id), "second", ["*"])[1]


def test_a_key_that_asks_too_often_is_told_how_long_to_wait(accounts_api: Api) -> None:
    limit(accounts_api.app, minute=2, hour=100)
    assert [accounts_api.get(ME).status_code for _ in range(2)] == [200, 200]
    refused = accounts_api.get(ME)
    assert (refused.status_code, refused.json["type"], refused.json["code"]) == (429, "throttled_error", "throttled")
    assert refused.json["attr"] is None
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert f"in {refused.headers['Retry-After']} s" in refused.json["detail"]
    assert accounts_api.get("/api/projects/").status_code == 429, "one count for the whole API"


def test_an_hour_has_a_limit_of_its_own(accounts_api: Api) -> None:
    limit(accounts_api.app, minute=100, hour=1)
    assert accounts_api.get(ME).status_code == 200
    assert 3500 < int(accounts_api.get(ME).headers["Retry-After"]) <= 3600


def test_keys_of_one_person_are_counted_apart_and_sessions_not_at_all(accounts_api: Api) -> None:
    limit(accounts_api.app, minute=1, hour=1)
    assert [accounts_api.get(ME, key=key).status_code for key in (accounts_api.ada.key, second_key(accounts_api))] == [
        200,
        200,
    ]
    accounts_api.sign_in(accounts_api.ada)
    assert [accounts_api.get(ME, key="").status_code for _ in range(3)] == [200] * 3


def test_logs_that_are_sent_do_not_count(api: Api) -> None:
    limit(api.app, minute=1, hour=1)
    api.send({"body": "one"})
    api.send({"body": "two"})
    assert api.count() == 2


def test_a_refused_request_counts_in_no_window(accounts_api: Api) -> None:
    limit(accounts_api.app, minute=2, hour=3)
    assert [accounts_api.get(ME).status_code for _ in range(5)] == [200, 200, 429, 429, 429]
    forget(accounts_api, "minute")
    assert [accounts_api.get(ME).status_code for _ in range(2)] == [200, 429]


def forget(accounts_api: Api, window: str) -> None:
    """Let a window end before its time."""
    with Redis.from_url(accounts_api.app.extensions["hedgerow_settings"].redis_url) as redis:
        names = redis.keys(f"hedgerow:key:*:{window}")
        assert names
        redis.delete(*names)


def test_every_window_ends(accounts_api: Api) -> None:
    accounts_api.get(ME)
    with Redis.from_url(accounts_api.app.extensions["hedgerow_settings"].redis_url) as redis:
        lives = sorted(redis.ttl(name) for name in redis.keys("hedgerow:key:*"))
    assert len(lives) == 2
    assert 0 < lives[0] <= 60 < lives[1] <= 3600


def test_zero_is_no_limit(accounts_api: Api) -> None:
    limit(accounts_api.app, minute=0, hour=0)
    assert [accounts_api.get(ME).status_code for _ in range(5)] == [200] * 5


def test_everything_is_let_in_while_redis_is_away_and_that_is_said_once(
    accounts_api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts_api.app.extensions["hedgerow_key_rates"] = KeyRates(
        Valkey(f"unix://{tmp_path}/nothing.sock"), {"minute": 1}
    )
    assert [accounts_api.get(ME).status_code for _ in range(4)] == [200] * 4
    assert capsys.readouterr().out.count("Redis does not answer") == 1
