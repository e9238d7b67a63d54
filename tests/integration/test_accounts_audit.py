"""The audit log, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.support.accounts import at_once
from webapp.errors import ValidationFailed
from webapp.extensions import db
from webapp.models import Membership, Role
from webapp.services import accounts, audit, invitations, keys, projects, rotation, sign_in, tokens
from webapp.services.actors import operator, person, program

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_change_and_its_entry_are_kept_together_or_not_at_all(accounts_app: Flask) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    project = projects.create_project("Shop", user)
    before = len(audit.entries())
    audit.record(person(user), "test.happened", audit.Subject("test", 1, "x"))
    db.session.add(Membership(user_id=user.id, project_id=project.id, role=Role.VIEWER))  # there is one already
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
    assert len(audit.entries()) == before


def test_every_kind_of_change_is_there_with_who_did_it_and_without_secrets(accounts_app: Flask) -> None:
    accounts.ensure_first_run()
    ada = accounts.create_user("ada@example.org", "Ada", [], by=operator())
    by = person(ada, "192.0.2.7")
    project = projects.create_project("Shop", ada, by=by)
    key, value = keys.create_key(ada, "deploys", ["*"])
    rotation.create_token(project.id, "more", program(key))
    first = rotation.tokens_of(project.id)[-1]
    secrets = [value, tokens.ingestion_token(project.id), rotation.rotate_token(first.id, by)[1]]
    rotation.revoke_token(first.id, by)
    invitation, token = invitations.invite(project.id, "bob@example.org", Role.VIEWER, by)
    invitations.revoke_invitation(invitation.id, by)
    projects.set_retention(project.id, 7, by)
    link = accounts.create_sign_in_link(ada)
    accounts.use_sign_in_link(link, "192.0.2.7")
    sign_in.set_password(ada, "correct horse battery", by)
    keys.revoke_key(key.id, by)
    found = audit.entries(limit=1000)
    assert {entry.action for entry in found} == {
        "user.created",
        "project.created",
        "project.retention_changed",
        "member.added",
        "key.created",
        "key.revoked",
        "token.created",
        "token.rotated",
        "token.revoked",
        "invitation.created",
        "invitation.revoked",
        "sign_in_link.created",
        "sign_in.succeeded",
        "password.set",
    }
    assert {entry.actor_kind.value for entry in found} == {"user", "key", "operator", "system"}
    text = json.dumps([audit.as_facts(entry) for entry in found])
    assert not [secret for secret in (*secrets, token, link, "correct horse battery") if secret in text]
    assert ada.password_hash is not None
    assert ada.password_hash not in text
    more = next(entry for entry in found if entry.object == "more")
    assert (more.actor_kind, more.actor_id, more.project_id) == ("key", key.id, project.id)
    assert more.actor == f"deploys (…{value[-4:]}) of ada@example.org"


def test_entries_are_chosen_by_project_and_action_and_paged_newest_first(accounts_app: Flask) -> None:
    ada = accounts.create_user("ada@example.org", "Ada", [])
    shop, other = projects.create_project("Shop", ada), projects.create_project("Other", ada)
    assert {entry.project_id for entry in audit.entries(project_id=shop.id)} == {shop.id}
    everything = [entry.id for entry in audit.entries()]
    assert everything == sorted(everything, reverse=True)
    assert [entry.id for entry in audit.entries(limit=2, before_id=everything[1])] == everything[2:4]
    assert {entry.action for entry in audit.entries(action="member")} == {"member.added"}
    assert [entry.project_id for entry in audit.entries(action="project.created")] == [other.id, shop.id]
    assert audit.entries(action="mem") == []
    for limit in (0, 1001):
        with pytest.raises(ValidationFailed, match="from 1 to 1000"):
            audit.entries(limit=limit)


def test_failures_at_the_same_time_are_one_entry_with_their_number(accounts_app: Flask) -> None:
    subject = audit.Subject("user", 7, "ada@example.org")
    at_once(accounts_app, 6, lambda: audit.tally("sign_in.failed", subject, "192.0.2.7", NOON))
    audit.tally("sign_in.failed", subject, "192.0.2.8", NOON + timedelta(hours=1))
    assert [(entry.times, entry.address) for entry in audit.entries()] == [(1, "192.0.2.8"), (6, "192.0.2.7")]
