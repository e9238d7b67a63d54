"""How often something may be tried, counted in a real Valkey or without one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from structlog.testing import capture_logs

from tests.support.accounts import at_once
from webapp import create_app
from webapp.embedded.valkey import EmbeddedValkey
from webapp.errors import AuthenticationFailed, HedgerowError, Throttled
from webapp.extensions import db
from webapp.services import accounts, sign_in
from webapp.services.rate_limits import Limit, LocalCounts, forget, network_of, refund, spend
from webapp.settings import Settings

THREE = Limit("test", times=3, window_s=600)


def make(data_dir: Path, redis_url: str) -> Flask:
    path = data_dir / "hedgerow.sqlite3"
    return create_app(
        Settings(data_dir=data_dir, database_url=f"sqlite:///{path}", redis_url=redis_url, secret_key="k" * 32)
    )


@pytest.fixture(params=["shared", "away"])
def counting(
    request: pytest.FixtureRequest, tmp_path: Path, valkey: EmbeddedValkey, migrated_sqlite: Path
) -> Iterator[Flask]:
    """The application with a Valkey, and with one that is away."""
    shutil.copy(migrated_sqlite, tmp_path / "hedgerow.sqlite3")
    app = make(tmp_path, valkey.url if request.param == "shared" else f"unix://{tmp_path}/nothing.sock")
    with app.app_context():
        if request.param == "shared":
            app.extensions["hedgerow_redis"].flushall()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_one_too_many_is_refused_until_the_window_ends(counting: Flask) -> None:
    for _ in range(3):
        spend(THREE, "ada")
    with pytest.raises(Throttled, match="Try again in 10 minutes") as caught:
        spend(THREE, "ada")
    assert 590 <= (caught.value.retry_after_s or 0) <= 600
    spend(THREE, "bob")


def test_a_window_ends_although_one_goes_on_trying(counting: Flask) -> None:
    short = Limit("short", times=1, window_s=1)
    spend(short, "ada")
    passed = False
    for _ in range(100):
        try:
            spend(short, "ada")
            passed = True
            break
        except Throttled:
            time.sleep(0.05)
    assert passed


def test_attempts_at_the_same_time_do_not_pass_together(counting: Flask) -> None:
    outcomes = at_once(counting, 8, lambda: spend(THREE, "ada"))
    assert sum(isinstance(outcome, HedgerowError) for outcome in outcomes) == 5


def test_what_was_good_does_not_count(counting: Flask) -> None:
    for _ in range(10):
        spend(THREE, "ada")
        refund(THREE, "ada")
    for _ in range(3):
        spend(THREE, "ada")
    forget(THREE, "ada")
    spend(THREE, "ada")


def test_processes_count_together(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    apps = [make(tmp_path, valkey.url) for _ in range(2)]
    with apps[0].app_context():
        apps[0].extensions["hedgerow_redis"].flushall()
        for _ in range(3):
            spend(THREE, "ada")
    with apps[1].app_context(), pytest.raises(Throttled):
        spend(THREE, "ada")


def test_redis_holds_no_address_of_anybody(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    app = make(tmp_path, valkey.url)
    with app.app_context():
        spend(THREE, "ada@example.org")
        keys = app.extensions["hedgerow_redis"].keys("*")
    assert keys
    assert not any(b"ada" in key for key in keys)


def test_an_absent_redis_is_said_and_guessing_stays_bounded(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "hedgerow.sqlite3")
    app = make(tmp_path, f"unix://{tmp_path}/nothing.sock")
    with app.app_context(), capture_logs() as lines:
        user = accounts.create_user("ada@example.org", "Ada", [])
        user.password_hash = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("the right password")
        db.session.commit()
        for _ in range(sign_in.BY_ACCOUNT.times):
            with pytest.raises(AuthenticationFailed):
                sign_in.sign_in("ada@example.org", "a wrong password", "192.0.2.1")
        with pytest.raises(Throttled):
            sign_in.sign_in("ada@example.org", "a wrong password", "192.0.2.2")
        db.session.remove()
        db.engine.dispose()
    assert any("Redis is away" in line["event"] for line in lines)


def test_local_counts_do_not_grow_without_end_and_new_subjects_then_share_one() -> None:
    counts = LocalCounts(size=3)
    for number in range(50):
        spent, _ = counts.add(f"subject {number}", 1, 600)
    assert len(counts.counts) == 4
    assert spent == 47
    assert counts.add("subject 0", 1, 600)[0] == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
