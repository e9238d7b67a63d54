"""Signing in with a password and changing it, on SQLite and PostgreSQL. Redis is away: limits count in the process."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from webapp.errors import AuthenticationFailed, Throttled, ValidationFailed
from webapp.extensions import db
from webapp.models import AuditEntry, User
from webapp.services import accounts, passwords, sign_in
from webapp.services.actors import SYSTEM, person

GOOD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
HERE = "192.0.2.7"


@pytest.fixture
def ada(accounts_app: Flask) -> User:
    """Somebody with a password."""
    user = accounts.create_user("ada@example.org", "Ada", [])
    user.password_hash = CHEAP
    db.session.commit()
    return user


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_password_signs_its_person_in_and_is_hashed_anew_with_the_present_parameters(ada: User) -> None:
    assert sign_in.sign_in(" Ada@Example.org ", GOOD, HERE).id == ada.id
    assert ada.password_hash is not None
    assert not passwords.is_outdated(ada.password_hash)
    assert sign_in.sign_in("ada@example.org", GOOD, HERE).id == ada.id
    found = entries("sign_in.succeeded")
    assert [(entry.actor, entry.address, entry.after) for entry in found] == [
        ("ada@example.org", HERE, {"by": "password"})
    ] * 2


def test_nobody_learns_whether_an_address_has_an_account(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.create_user("linker@example.org", "Only links", [])
    disabled = accounts.create_user("gone@example.org", "Gone", [])
    disabled.password_hash, disabled.disabled_at = CHEAP, datetime.now(UTC)
    ada.password_hash = passwords.hash_password(GOOD)
    db.session.commit()
    costs: list[str] = []

    class Watching(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            costs.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Watching(3, 64 * 1024, 4))
    heard = set()
    tries = [
        ("ada@example.org", "not the password"),
        ("linker@example.org", GOOD),
        ("gone@example.org", GOOD),
        ("nobody@example.org", GOOD),
        ("nobody\0@example.org", "x" * 5000),
    ]
    for email, password in tries:
        with pytest.raises(AuthenticationFailed) as caught:
            sign_in.sign_in(email, password, HERE)
        heard.add(str(caught.value))
    assert heard == {sign_in.WRONG}
    assert len(costs) == len(tries)
    assert len(set(costs)) == 1


def test_failures_are_counted_by_account_and_those_of_guessed_addresses_together(ada: User) -> None:
    for email in ("ada@example.org", "ada@example.org", "eve@example.org", "mallory@example.org"):
        with pytest.raises(AuthenticationFailed):
            sign_in.sign_in(email, "not the password", HERE)
    counted = {entry.object: entry.times for entry in entries("sign_in.failed")}
    assert counted == {"ada@example.org": 2, "an address without an account": 2}
    assert {entry.actor_kind for entry in entries("sign_in.failed")} == {"anyone"}


def test_after_ten_wrong_passwords_not_even_the_right_one_is_taken(ada: User) -> None:
    for _ in range(sign_in.BY_ACCOUNT.times):
        with pytest.raises(AuthenticationFailed):
            sign_in.sign_in("ada@example.org", "", HERE)
    with pytest.raises(Throttled):
        sign_in.sign_in("ADA@example.org", GOOD, "192.0.2.8")
    assert accounts.use_sign_in_link(accounts.create_sign_in_link(ada)).id == ada.id  # nobody can lock somebody out


def test_a_new_password_ends_sessions_and_links_and_the_old_password(ada: User) -> None:
    session, link = ada.get_id(), accounts.create_sign_in_link(ada)
    sign_in.change_password(ada, GOOD, "another long password", person(ada, HERE))
    assert accounts.user_by_session_id(session) is None
    assert accounts.user_by_session_id(ada.get_id()) is not None
    with pytest.raises(AuthenticationFailed, match="not known here"):
        accounts.use_sign_in_link(link)
    with pytest.raises(AuthenticationFailed):
        sign_in.sign_in("ada@example.org", GOOD, HERE)
    assert sign_in.sign_in("ada@example.org", "another long password", HERE).id == ada.id
    (entry,) = entries("password.changed")
    assert (entry.actor, entry.object, entry.before, entry.after) == ("ada@example.org", "ada@example.org", None, None)


def test_the_old_password_cannot_be_guessed_on_the_page_that_changes_it_either(ada: User) -> None:
    for _ in range(sign_in.BY_ACCOUNT.times):
        with pytest.raises(ValidationFailed, match="not your present password") as caught:
            sign_in.change_password(ada, "wrong", "another long password", person(ada))
        assert caught.value.attr == "old"
    with pytest.raises(Throttled):
        sign_in.change_password(ada, GOOD, "another long password", person(ada))
    assert ada.password_hash == CHEAP
    assert sum(entry.times for entry in entries("password.refused")) == sign_in.BY_ACCOUNT.times


def test_a_password_that_is_refused_changes_nothing(ada: User) -> None:
    session = ada.get_id()
    with pytest.raises(ValidationFailed):
        sign_in.set_password(ada, "short", SYSTEM)
    db.session.expire_all()
    assert accounts.user_by_session_id(session) is not None
    assert entries("password.changed") == []


def test_a_session_from_before_there_were_passwords_lasts_until_the_first_one(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    assert accounts.user_by_session_id(str(user.uuid)) is not None
    sign_in.set_password(user, GOOD, SYSTEM)
    assert accounts.user_by_session_id(str(user.uuid)) is None
    assert len(entries("password.set")) == 1
