"""Projects, roles and ingestion tokens, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from webapp.errors import (
    AuthenticationFailed,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    Unavailable,
    ValidationFailed,
)
from webapp.extensions import db
from webapp.models import IngestionToken, Membership, Project, Role, User
from webapp.services import accounts, projects, tokens
from webapp.settings import Settings


@pytest.fixture
def ada(accounts_app: Flask) -> User:
    return accounts.create_user("ada@example.org", "Ada", [])


def test_projects_get_short_names_that_are_free(ada: User) -> None:
    slugs = [projects.create_project(name, ada).slug for name in ("Köln & Co.", "Koln - Co", "koln-co", "日本", "!")]
    assert slugs == ["koln-co", "koln-co-2", "koln-co-3", "project", "project-2"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_project_needs_a_name_of_reasonable_length(ada: User, name: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        projects.create_project(name, ada)
    assert caught.value.attr == "name"


def test_ids_of_deleted_projects_are_never_given_out_again(ada: User) -> None:
    first = projects.create_project("First", ada)
    gone = first.id
    db.session.delete(first)
    db.session.commit()
    assert projects.create_project("Second", ada).id > gone


def test_people_see_only_their_projects(ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    mine, other = projects.create_project("Mine", ada), projects.create_project("Other", bob)
    assert projects.projects_of(ada) == [mine]
    assert projects.membership(ada, other.id) is None
    assert projects.membership_by_slug(ada, "other") is None
    found = projects.membership_by_slug(ada, "mine")
    assert found is not None
    assert found.project == mine


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        (Role.VIEWER, [Role.VIEWER]),
        (Role.MEMBER, [Role.VIEWER, Role.MEMBER]),
        (Role.ADMIN, [Role.VIEWER, Role.MEMBER, Role.ADMIN]),
    ],
)
def test_a_role_allows_what_the_lower_ones_allow_and_no_more(ada: User, held: Role, allowed: list[Role]) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [projects.create_project("Shared", ada)], held)
    project = projects.projects_of(bob)[0]
    for role in Role:
        if role in allowed:
            assert projects.require_role(bob, project.id, role).role is held
        else:
            with pytest.raises(PermissionDenied, match=f"needs the role {role}, and yours in this project is {held}"):
                projects.require_role(bob, project.id, role)


def test_foreign_and_missing_projects_sound_the_same(ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    other = projects.create_project("Other", bob)
    heard = set()
    for project_id in (other.id, other.id + 1000):
        with pytest.raises(PermissionDenied) as caught:
            projects.require_role(ada, project_id, Role.VIEWER)
        heard.add(caught.value.detail)
    assert len(heard) == 1


def test_one_membership_for_each_person_and_project(ada: User) -> None:
    project = projects.create_project("Mine", ada)
    db.session.add(Membership(user_id=ada.id, project_id=project.id, role=Role.VIEWER))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


def test_the_database_itself_refuses_unknown_roles(ada: User) -> None:
    projects.create_project("Mine", ada)
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE memberships SET role = 'owner'"))
    db.session.rollback()


def test_the_current_project_is_the_last_one_while_it_is_ours(ada: User) -> None:
    assert projects.current_project(ada) is None
    first, second = projects.create_project("First", ada), projects.create_project("Second", ada)
    assert projects.current_project(ada) == first
    projects.remember_project(ada, second)
    assert projects.current_project(ada) == second
    db.session.delete(projects.require_role(ada, second.id, Role.ADMIN))
    db.session.commit()
    assert projects.current_project(ada) == first


def test_deleting_the_last_project_forgets_it(ada: User) -> None:
    project = projects.create_project("First", ada)
    projects.remember_project(ada, project)
    db.session.delete(project)
    db.session.commit()
    db.session.expire_all()
    assert ada.last_project_id is None


def test_an_ingestion_token_leads_to_its_project(ada: User) -> None:
    project = projects.create_project("Mine", ada)
    token = tokens.ingestion_token(project.id)
    assert token.startswith("phc_")
    assert tokens.project_by_ingestion_token(token) == tokens.IngestionTarget(project.id, 30, "mine")


def test_ingestion_tokens_are_not_readable_in_the_database(ada: User) -> None:
    token = tokens.ingestion_token(projects.create_project("Mine", ada).id)
    stored = db.session.scalars(select(IngestionToken)).one()
    assert token not in (stored.token_hash, stored.token_encrypted)
    assert token[4:] not in stored.token_encrypted


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("", NotAuthenticated, "No ingestion token was given"),
        ("phx_" + "a" * 43, AuthenticationFailed, "personal API key"),
        ("phc_" + "a" * 43, AuthenticationFailed, "not known here"),
        ("hello", AuthenticationFailed, "they begin with phc_"),
        ("phc_\x00ü", AuthenticationFailed, "not known here"),
    ],
)
def test_other_tokens_are_refused_with_the_reason(
    accounts_app: Flask, value: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        tokens.project_by_ingestion_token(value)


def test_a_revoked_token_is_not_shown_and_refused_once_it_is_forgotten(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "CACHE_S", 0.05)
    project = projects.create_project("Mine", ada)
    token = tokens.ingestion_token(project.id)
    tokens.project_by_ingestion_token(token)
    db.session.scalars(select(IngestionToken)).one().revoked_at = datetime.now(UTC)
    db.session.commit()
    with pytest.raises(NotFound, match="no ingestion token"):
        tokens.ingestion_token(project.id)
    time.sleep(0.1)
    with pytest.raises(AuthenticationFailed, match="was revoked"):
        tokens.project_by_ingestion_token(token)


def test_tokens_under_another_secret_key_still_work_but_cannot_be_shown(accounts_app: Flask, ada: User) -> None:
    project = projects.create_project("Mine", ada)
    token = tokens.ingestion_token(project.id)
    before: Settings = accounts_app.extensions["hedgerow_settings"]
    accounts_app.extensions["hedgerow_settings"] = Settings(
        data_dir=before.data_dir, database_url=before.database_url, secret_key="another"
    )
    assert tokens.project_by_ingestion_token(token).project_id == project.id
    with pytest.raises(Unavailable, match="HEDGEROW_SECRET_KEY"):
        tokens.ingestion_token(project.id)


def test_logs_cannot_be_kept_for_less_than_a_day(ada: User) -> None:
    projects.create_project("Mine", ada)
    db.session.scalars(select(Project)).one().retention_days = 0
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
