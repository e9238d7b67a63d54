"""Invitations, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.support.accounts import at_once
from webapp.errors import LinkOver, NotFound, PermissionDenied, ValidationFailed
from webapp.extensions import db
from webapp.models import AuditEntry, Invitation, Project, Role, User
from webapp.services import accounts, invitations, members, projects
from webapp.services.actors import operator, person

PASSWORD = "correct horse battery"


def invited(project: Project, ada: User, email: str = "bob@example.org", role: Role = Role.MEMBER) -> str:
    return invitations.invite(project.id, email, role, person(ada))[1]


def role_of(email: str, project: Project) -> Role | None:
    found = projects.membership(accounts.user_by_email(email), project.id)
    return found.role if found is not None else None


def test_a_new_person_gets_an_account_and_the_role(project: Project, ada: User) -> None:
    token = invited(project, ada, " Bob@Example.org ")
    user = invitations.accept_as_new(token, " Bob ", PASSWORD, "192.0.2.7")
    assert (user.email, user.name, role_of("bob@example.org", project)) == ("bob@example.org", "Bob", Role.MEMBER)
    actions = [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(3))]
    assert actions == ["invitation.accepted", "member.added", "user.created"]
    with pytest.raises(LinkOver, match="was used already"):
        invitations.open_invitation(token)


def test_somebody_with_an_account_joins_with_it(project: Project, ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    token = invited(project, ada)
    with pytest.raises(ValidationFailed, match="has an account already"):
        invitations.accept_as_new(token, "Eve", PASSWORD)
    invitations.accept(token, bob)
    assert role_of("bob@example.org", project) is Role.MEMBER
    assert bob.password_hash is None


def test_the_wrong_person_is_told_who_it_is_for_and_it_stays_open(project: Project, ada: User) -> None:
    eve = accounts.create_user("eve@example.org", "Eve", [])
    token = invited(project, ada)
    with pytest.raises(PermissionDenied, match=r"is for bob@example\.org, and you are signed in as eve@example\.org"):
        invitations.accept(token, eve)
    assert role_of("eve@example.org", project) is None
    assert invitations.open_invitation(token).state == "open"


def test_links_that_are_over_say_why(project: Project, ada: User) -> None:
    token = invited(project, ada)
    with (
        time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=1)),
        pytest.raises(LinkOver, match="has run out"),
    ):
        invitations.accept_as_new(token, "Bob", PASSWORD)
    found = invitations.invitations_of(project.id)[0]
    invitations.revoke_invitation(found.id, person(ada))
    with pytest.raises(LinkOver, match="was revoked"):
        invitations.accept_as_new(token, "Bob", PASSWORD)
    with pytest.raises(ValidationFailed, match="is revoked already"):
        invitations.revoke_invitation(found.id, person(ada))
    with pytest.raises(NotFound, match="not known here"):
        invitations.open_invitation("guessed")
    with pytest.raises(NotFound, match="no invitation with the id 99"):
        invitations.revoke_invitation(99, person(ada))


def test_of_simultaneous_uses_one_wins(accounts_app: Flask, project: Project, ada: User) -> None:
    token = invited(project, ada)
    project_id = project.id
    db.session.commit()
    outcomes = at_once(accounts_app, 3, lambda: invitations.accept_as_new(token, "Bob", PASSWORD).email)
    assert sorted(isinstance(outcome, str) for outcome in outcomes) == [False, False, True]
    assert len(members.members_of(project_id)) == 2


def test_of_simultaneous_uses_by_the_same_account_one_wins(accounts_app: Flask, project: Project, ada: User) -> None:
    accounts.create_user("bob@example.org", "Bob", [])
    token = invited(project, ada)
    db.session.commit()
    outcomes = at_once(
        accounts_app, 4, lambda: str(invitations.accept(token, accounts.user_by_email("bob@example.org")).role)
    )
    assert sorted(isinstance(outcome, str) for outcome in outcomes) == [False, False, False, True]


def test_what_a_refused_acceptance_has_begun_is_undone(project: Project, ada: User) -> None:
    token = invited(project, ada)
    for name, password, attr in (("Bob", "short", "password"), ("", PASSWORD, "name"), ("x" * 201, PASSWORD, "name")):
        with pytest.raises(ValidationFailed) as caught:
            invitations.accept_as_new(token, name, password)
        assert caught.value.attr == attr
    with pytest.raises(NotFound):
        accounts.user_by_email("bob@example.org")
    assert invitations.open_invitation(token).state == "open"


def test_an_invitation_ends_with_the_role_of_who_made_it(project: Project, ada: User) -> None:
    second = accounts.create_user("second@example.org", "", [project], Role.ADMIN)
    token = invitations.invite(project.id, "bob@example.org", Role.ADMIN, person(second))[1]
    members.change_role(project.id, second.id, Role.MEMBER, person(ada))
    with pytest.raises(LinkOver, match="not an admin of the project any more"):
        invitations.accept_as_new(token, "Bob", PASSWORD)


def test_a_newer_invitation_takes_the_place_of_the_open_one(project: Project, ada: User) -> None:
    older, newer = invited(project, ada), invited(project, ada, role=Role.VIEWER)
    with pytest.raises(LinkOver, match="was revoked"):
        invitations.open_invitation(older)
    assert invitations.open_invitation(newer).role is Role.VIEWER
    assert [found.state for found in invitations.invitations_of(project.id)] == ["open", "revoked"]


def test_whoever_became_a_member_meanwhile_keeps_their_role(project: Project, ada: User) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [])
    token = invited(project, ada, role=Role.VIEWER)
    members.add_member(project.id, bob, Role.ADMIN, operator())
    assert invitations.accept(token, bob).role is Role.ADMIN
    with pytest.raises(ValidationFailed, match="is a member of this project already, as admin"):
        invited(project, ada)


def test_only_a_hash_of_the_link_is_kept(project: Project, ada: User) -> None:
    token = invited(project, ada)
    stored = db.session.scalars(select(Invitation)).one()
    assert token not in stored.token_hash
    assert len(token) >= 43
    assert db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.object.contains(token))) == 0


@pytest.mark.parametrize("email", ["", "bob", "a b@c", "bob\0@example.org", "@", "x" * 250 + "@example.org"])
def test_what_cannot_be_an_address_is_not_invited(project: Project, ada: User, email: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        invited(project, ada, email)
    assert caught.value.attr == "email"
