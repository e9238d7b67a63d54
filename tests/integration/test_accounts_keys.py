"""Personal API keys, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from webapp.errors import AuthenticationFailed, NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import PersonalApiKey, User
from webapp.services import accounts, keys, projects
from webapp.services.actors import person


@pytest.fixture
def ada(accounts_app: Flask) -> User:
    return accounts.create_user("ada@example.org", "Ada", [])


def test_a_key_acts_for_its_person(ada: User) -> None:
    key, value = keys.create_key(ada, " deploys ", ["logs:write", "logs:read", "logs:read"])
    assert value.startswith("phx_")
    assert (key.label, key.scopes, key.value_end) == ("deploys", ["logs:read", "logs:write"], value[-4:])
    found = keys.authenticate_key(value)
    assert (found.id, found.user.email) == (key.id, "ada@example.org")


def test_keys_are_stored_as_hashes_of_256_random_bits(ada: User) -> None:
    _, value = keys.create_key(ada, "k", ["*"])
    assert len(value) >= len("phx_") + 43  # 43 base64 characters hold 256 bits
    row = db.session.execute(text("SELECT * FROM personal_api_keys")).one()
    assert not any(value in str(column) for column in row)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("phx_" + "a" * 43, "not known here"),
        ("phc_" + "a" * 43, "ingestion token"),
        ("hello", "they begin with phx_"),
        ("phx_\x00ü", "not known here"),
    ],
)
def test_other_values_are_refused_with_the_reason(accounts_app: Flask, value: str, words: str) -> None:
    with pytest.raises(AuthenticationFailed, match=words):
        keys.authenticate_key(value)


def test_a_revoked_key_is_refused_at_once(ada: User) -> None:
    key, value = keys.create_key(ada, "k", ["*"])
    keys.authenticate_key(value)
    first = keys.revoke_key(key.id).revoked_at
    with pytest.raises(AuthenticationFailed, match="revoked"):
        keys.authenticate_key(value)
    assert keys.revoke_key(key.id).revoked_at == first


def test_revoking_a_key_that_is_not_there_is_said_plainly(accounts_app: Flask) -> None:
    with pytest.raises(NotFound, match="no personal API key with the id 17"):
        keys.revoke_key(17)


def test_the_key_of_somebody_else_is_as_good_as_not_there(ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    key, value = keys.create_key(ada, "k", ["*"])
    with pytest.raises(NotFound, match=f"no personal API key with the id {key.id}"):
        keys.revoke_key(key.id, person(bob))
    assert keys.authenticate_key(value) is key


def test_a_key_ends_at_its_expiry(ada: User) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    _, value = keys.create_key(ada, "k", ["*"], expires_at=end)
    assert keys.authenticate_key(value).state == "active"
    with time_machine.travel(end, tick=False), pytest.raises(AuthenticationFailed, match="expired"):
        keys.authenticate_key(value)


def test_the_key_of_a_disabled_person_is_refused(ada: User) -> None:
    _, value = keys.create_key(ada, "k", ["*"])
    ada.disabled_at = datetime.now(UTC)
    db.session.commit()
    with pytest.raises(AuthenticationFailed, match="disabled"):
        keys.authenticate_key(value)


def test_the_last_use_is_noted_at_most_once_a_minute(ada: User) -> None:
    _, value = keys.create_key(ada, "k", ["*"])
    start = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    seen = []
    for second in (0, 1, 59, 61, 100):
        with time_machine.travel(start + timedelta(seconds=second), tick=False):
            key = keys.authenticate_key(value)
            known = key.last_used_at
            db.session.refresh(key)
            assert key.last_used_at is not None
            assert key.last_used_at == known  # by the request itself already
            seen.append((key.last_used_at - start).total_seconds())
    assert seen == [0, 0, 0, 61, 61]


@pytest.mark.parametrize(
    ("label", "scopes", "attr"),
    [
        ("", ["*"], "label"),
        ("x" * 201, ["*"], "label"),
        ("k", [], "scopes"),
        ("k", ["logs:delete"], "scopes"),
        ("k", ["logs:read", ""], "scopes"),
    ],
)
def test_what_a_key_cannot_have_is_named(ada: User, label: str, scopes: list[str], attr: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        keys.create_key(ada, label, scopes)
    assert caught.value.attr == attr
    assert keys.keys_of(ada) == []


def test_a_key_cannot_be_made_for_the_project_of_another(ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    other = projects.create_project("Other", bob)
    with pytest.raises(ValidationFailed) as caught:
        keys.create_key(ada, "k", ["*"], project_ids=[other.id])
    assert caught.value.attr == "project_ids"
    with pytest.raises(ValidationFailed):
        keys.create_key(ada, "k", ["*"], project_ids=[])


def test_a_key_cannot_be_born_expired(ada: User) -> None:
    with pytest.raises(ValidationFailed) as caught:
        keys.create_key(ada, "k", ["*"], expires_at=datetime.now(UTC))
    assert caught.value.attr == "expires_at"


def test_a_restricted_key_stays_restricted_when_its_project_is_deleted(ada: User) -> None:
    project = projects.create_project("Mine", ada)
    gone = project.id
    _, value = keys.create_key(ada, "k", ["*"], project_ids=[gone])
    db.session.delete(project)
    db.session.commit()
    assert keys.authenticate_key(value).project_ids == [gone]


def test_keys_are_listed_newest_first_and_go_with_their_person(ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    for user, label in ((ada, "one"), (bob, "two"), (ada, "three")):
        keys.create_key(user, label, ["*"])
    assert [key.label for key in keys.keys_of(ada)] == ["three", "one"]
    assert [key.label for key in keys.all_keys()] == ["three", "two", "one"]
    db.session.delete(ada)
    db.session.commit()
    assert [key.label for key in db.session.query(PersonalApiKey)] == ["two"]


@pytest.mark.parametrize(
    ("held", "needed", "granted"),
    [
        (["logs:read"], ("logs:read",), True),
        (["logs:write"], ("logs:read",), True),
        (["logs:read"], ("logs:write",), False),
        (["export:read"], ("logs:read",), False),
        (["logs:read"], ("export:read", "logs:read"), True),
        (["*"], ("logs:write",), True),
        ([], ("logs:read",), False),
    ],
)
def test_scopes_grant_what_they_say(held: list[str], needed: tuple[str, ...], granted: bool) -> None:
    assert keys.grants(held, *needed) is granted
