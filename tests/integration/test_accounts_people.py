"""People, sign-in links and the first start, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.support.accounts import at_once
from webapp.errors import AuthenticationFailed, NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import IngestionToken, Membership, Project, Role, SignInLink, User
from webapp.services import accounts, projects


def count_of(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_first_run_makes_one_admin_and_two_projects_with_tokens(accounts_app: Flask) -> None:
    accounts.ensure_first_run()
    user = accounts.first_user()
    assert user.email == "admin@localhost"
    found = projects.projects_of(user)
    assert [(project.slug, project.name) for project in found] == [("default", "Default"), ("hedgerow", "Hedgerow")]
    assert [projects.require_role(user, project.id, Role.ADMIN).role for project in found] == [Role.ADMIN] * 2
    assert [len(project.tokens) for project in found] == [1, 1]


def test_first_run_in_several_processes_at_once_happens_once(accounts_app: Flask) -> None:
    at_once(accounts_app, 4, accounts.ensure_first_run)
    assert (count_of(User), count_of(Project), count_of(IngestionToken)) == (1, 2, 2)


def test_first_run_leaves_later_changes_alone(accounts_app: Flask) -> None:
    accounts.ensure_first_run()
    db.session.delete(db.session.scalars(select(Project).where(Project.slug == "default")).one())
    db.session.commit()
    accounts.ensure_first_run()
    assert count_of(Project) == 1


def test_an_address_has_one_account_whatever_its_case(accounts_app: Flask) -> None:
    user = accounts.create_user(" Ada@Example.org ", "Ada", [])
    assert user.email == "ada@example.org"
    assert accounts.user_by_email("ADA@example.ORG").id == user.id
    with pytest.raises(ValidationFailed, match=r"ada@example\.org has an account already") as caught:
        accounts.create_user("aDa@example.org", "Ada again", [])
    assert caught.value.attr == "email"
    assert count_of(User) == 1


def test_the_database_itself_refuses_an_address_in_capitals(accounts_app: Flask) -> None:
    db.session.add(User(email="Ada@example.org", name=""))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


@pytest.mark.parametrize("email", ["", "ada", "a b@c", "@c", "ada@", "a" * 250 + "@c.org"])
def test_what_cannot_be_an_address_is_refused(accounts_app: Flask, email: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        accounts.create_user(email, "", [])
    assert caught.value.attr == "email"


def test_nobody_of_that_address_is_said_plainly(accounts_app: Flask) -> None:
    with pytest.raises(NotFound, match=r"Nobody here has the address ada@example\.org\."):
        accounts.user_by_email("ada@example.org")
    with pytest.raises(NotFound, match="Nobody has an account yet"):
        accounts.first_user()


def test_a_session_ends_when_its_person_is_disabled(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    found = accounts.user_by_session_id(user.get_id())
    assert found is not None
    assert found.id == user.id
    user.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert accounts.user_by_session_id(user.get_id()) is None
    assert accounts.user_by_session_id("not an id") is None


def test_a_sign_in_link_works_once(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    token = accounts.create_sign_in_link(user)
    assert accounts.use_sign_in_link(token).id == user.id
    with pytest.raises(AuthenticationFailed, match="was used already"):
        accounts.use_sign_in_link(token)


def test_of_simultaneous_uses_of_a_sign_in_link_one_wins(accounts_app: Flask) -> None:
    token = accounts.create_sign_in_link(accounts.create_user("ada@example.org", "Ada", []))
    outcomes = at_once(accounts_app, 6, lambda: accounts.use_sign_in_link(token).email)
    assert sorted(isinstance(outcome, str) for outcome in outcomes) == [False] * 5 + [True]


def test_a_sign_in_link_runs_out_after_a_day(accounts_app: Flask) -> None:
    token = accounts.create_sign_in_link(accounts.create_user("ada@example.org", "Ada", []))
    with (
        time_machine.travel(datetime.now(UTC) + timedelta(hours=24, seconds=1)),
        pytest.raises(AuthenticationFailed, match="has run out"),
    ):
        accounts.use_sign_in_link(token)


def test_a_sign_in_link_that_was_never_made_is_refused(accounts_app: Flask) -> None:
    with pytest.raises(AuthenticationFailed, match="not known here"):
        accounts.use_sign_in_link("guessed")


def test_a_disabled_person_cannot_use_a_sign_in_link(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    token = accounts.create_sign_in_link(user)
    user.disabled_at = datetime.now(UTC)
    db.session.commit()
    with pytest.raises(AuthenticationFailed, match="disabled"):
        accounts.use_sign_in_link(token)


def test_sign_in_links_are_stored_hashed(accounts_app: Flask) -> None:
    token = accounts.create_sign_in_link(accounts.create_user("ada@example.org", "Ada", []))
    stored = db.session.scalars(select(SignInLink)).one()
    assert token not in stored.token_hash


def test_moments_come_back_aware_and_in_utc(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    moment = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=UTC).astimezone()
    user.disabled_at = moment
    db.session.commit()
    db.session.expire_all()
    assert user.disabled_at == moment
    assert user.disabled_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    user.disabled_at = datetime(2026, 3, 29)  # noqa: DTZ001
    with pytest.raises(Exception, match="has no time zone"):
        db.session.commit()
    db.session.rollback()


def test_memberships_go_with_their_person(accounts_app: Flask) -> None:
    accounts.ensure_first_run()
    db.session.delete(accounts.first_user())
    db.session.commit()
    assert count_of(Membership) == 0
