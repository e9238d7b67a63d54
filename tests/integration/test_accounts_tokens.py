"""Several ingestion tokens, their rotation and their end, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.accounts import at_once, make_app
from webapp.errors import AuthenticationFailed, HedgerowError, NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import Project, User
from webapp.services import rotation, tokens
from webapp.services.actors import operator, person
from webapp.settings import Settings

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def forget_targets(app: Flask) -> None:
    """What another process would not know."""
    app.extensions.pop("hedgerow_targets", None)


def test_a_rotated_token_works_for_its_grace_and_then_says_so(accounts_app: Flask, project: Project, ada: User) -> None:
    old = tokens.ingestion_token(project.id)
    first = rotation.tokens_of(project.id)[0]
    with time_machine.travel(START, tick=False):
        new, value = rotation.rotate_token(first.id, person(ada))
    assert value != old
    assert tokens.ingestion_token(project.id) == value  # what snippets show
    assert new.label == first.label
    for hours in (0, 23.9):
        forget_targets(accounts_app)
        with time_machine.travel(START + timedelta(hours=hours), tick=False):
            assert tokens.project_by_ingestion_token(old).project_id == project.id
            assert first.state == "rotated"
    forget_targets(accounts_app)
    with (
        time_machine.travel(START + timedelta(hours=24), tick=False),
        pytest.raises(AuthenticationFailed, match="was rotated on 2026-11-24, and its grace has ended"),
    ):
        tokens.project_by_ingestion_token(old)
    assert tokens.project_by_ingestion_token(value).project_id == project.id


def test_a_token_can_be_rotated_without_grace_and_only_once(accounts_app: Flask, project: Project, ada: User) -> None:
    old = tokens.ingestion_token(project.id)
    first = rotation.tokens_of(project.id)[0]
    rotation.rotate_token(first.id, person(ada), timedelta(0))
    with pytest.raises(AuthenticationFailed, match="was rotated"):
        tokens.project_by_ingestion_token(old)
    with pytest.raises(ValidationFailed, match="is expired already"):
        rotation.rotate_token(first.id, person(ada))


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), timedelta(days=91)])
def test_a_grace_has_an_end(project: Project, ada: User, grace: timedelta) -> None:
    with pytest.raises(ValidationFailed, match="from 0 to 90 days"):
        rotation.rotate_token(rotation.tokens_of(project.id)[0].id, person(ada), grace)


def test_of_simultaneous_rotations_one_makes_a_token(accounts_app: Flask, project: Project) -> None:
    project_id, token_id = project.id, rotation.tokens_of(project.id)[0].id
    db.session.commit()
    outcomes = at_once(accounts_app, 4, lambda: rotation.rotate_token(token_id, operator())[1])
    assert sum(isinstance(outcome, HedgerowError) for outcome in outcomes) == 3
    assert len(rotation.tokens_of(project_id)) == 2


def test_a_project_has_several_tokens_with_labels(project: Project, ada: User) -> None:
    _, value = rotation.create_token(project.id, " billing ", person(ada))
    assert tokens.project_by_ingestion_token(value).project_id == project.id
    assert [token.label for token in rotation.tokens_of(project.id)] == ["billing", "First token"]
    for label in ("", "x" * 201, "a\0b"):
        with pytest.raises(ValidationFailed, match="1 to 200 characters"):
            rotation.create_token(project.id, label, person(ada))


def test_a_token_revoked_by_one_process_is_refused_by_another_once_it_has_forgotten(
    accounts_app: Flask, project: Project, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tokens.CACHE_S <= 5
    monkeypatch.setattr(tokens, "CACHE_S", 0.2)
    settings: Settings = accounts_app.extensions["hedgerow_settings"]
    other = make_app(settings.database_url, settings.data_dir)
    value = tokens.ingestion_token(project.id)
    token_id = rotation.tokens_of(project.id)[0].id
    with other.app_context():
        assert tokens.project_by_ingestion_token(value)
        db.session.remove()
    rotation.revoke_token(token_id, person(ada))
    refused = ""
    with other.app_context():
        for _ in range(100):
            try:
                tokens.project_by_ingestion_token(value)
            except AuthenticationFailed as error:
                refused = error.detail
                break
            db.session.rollback()
            time.sleep(0.05)
        db.session.remove()
        db.engine.dispose()
    assert "was revoked" in refused


def test_revoking_twice_keeps_the_first_moment_and_what_is_not_there_is_said(project: Project, ada: User) -> None:
    token_id = rotation.tokens_of(project.id)[0].id
    first = rotation.revoke_token(token_id, person(ada)).revoked_at
    assert rotation.revoke_token(token_id, person(ada)).revoked_at == first
    with pytest.raises(NotFound, match="no ingestion token with the id 99"):
        rotation.revoke_token(99, person(ada))


def test_the_last_use_is_noted_at_most_once_a_minute(accounts_app: Flask, project: Project) -> None:
    value = tokens.ingestion_token(project.id)
    token = rotation.tokens_of(project.id)[0]
    seen = []
    for second in (0, 1, 59, 61, 100):
        forget_targets(accounts_app)
        with time_machine.travel(START + timedelta(seconds=second), tick=False):
            tokens.project_by_ingestion_token(value)
        db.session.expire_all()
        assert token.last_used_at is not None
        seen.append((token.last_used_at - START).total_seconds())
    assert seen == [0, 0, 0, 61, 61]
