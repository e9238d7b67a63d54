"""Members, roles, and who may change them, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.accounts import at_once
from webapp.errors import HedgerowError, NotFound, PermissionDenied, ValidationFailed
from webapp.extensions import db
from webapp.models import AuditEntry, Project, Role, User
from webapp.services import accounts, invitations, keys, members, projects, rotation
from webapp.services.actors import Actor, operator, person, program


@dataclass
class Shop:
    """A project with one person of each role, and a stranger who is admin elsewhere."""

    project: Project
    admin: User
    member: User
    viewer: User
    stranger: User
    elsewhere: Project

    def roles(self) -> dict[str, str]:
        db.session.expire_all()
        found = members.members_of(self.project.id)
        return {member.user.email.partition("@")[0]: member.role.value for member in found}


@pytest.fixture
def shop(accounts_app: Flask) -> Shop:
    admin = accounts.create_user("admin@example.org", "", [])
    stranger = accounts.create_user("stranger@example.org", "", [])
    project, elsewhere = projects.create_project("Shop", admin), projects.create_project("Elsewhere", stranger)
    member = accounts.create_user("member@example.org", "", [project], Role.MEMBER)
    viewer = accounts.create_user("viewer@example.org", "", [project], Role.VIEWER)
    return Shop(project, admin, member, viewer, stranger, elsewhere)


def changes(shop: Shop) -> list[tuple[str, Callable[[Actor], object]]]:
    """Everything that only an admin may do."""
    project_id = shop.project.id
    token = rotation.tokens_of(project_id)[0]
    invitation, _ = invitations.invite(project_id, "open@example.org", Role.VIEWER, operator())
    return [
        ("add", lambda by: members.add_member(project_id, shop.stranger, Role.ADMIN, by)),
        ("promote", lambda by: members.change_role(project_id, shop.viewer.id, Role.ADMIN, by)),
        ("remove", lambda by: members.remove_member(project_id, shop.admin.id, by)),
        ("invite", lambda by: invitations.invite(project_id, "x@example.org", Role.ADMIN, by)),
        ("revoke invitation", lambda by: invitations.revoke_invitation(invitation.id, by)),
        ("rename", lambda by: projects.rename_project(project_id, "Mine", by)),
        ("retention", lambda by: projects.set_retention(project_id, 1, by)),
        ("create token", lambda by: rotation.create_token(project_id, "x", by)),
        ("rotate token", lambda by: rotation.rotate_token(token.id, by)),
        ("revoke token", lambda by: rotation.revoke_token(token.id, by)),
    ]


def test_only_an_admin_of_this_very_project_changes_it(shop: Shop, subtests: pytest.Subtests) -> None:
    elsewhere = projects.create_project("Third", shop.admin)
    restricted, _ = keys.create_key(shop.admin, "k", ["*"], project_ids=[elsewhere.id])
    actors = [person(shop.member), person(shop.viewer), person(shop.stranger), program(restricted)]
    work = changes(shop)
    before = shop.roles(), db.session.scalar(select(func.count()).select_from(AuditEntry))
    for by in actors:
        for name, change in work:
            with subtests.test(change=name, by=by.label):
                with pytest.raises((PermissionDenied, NotFound)) as caught:
                    change(by)
                db.session.rollback()
                if by.user is shop.stranger or by.key is not None:
                    assert caught.value.detail == projects.NOT_YOURS or "There is no" in caught.value.detail
    assert (shop.roles(), db.session.scalar(select(func.count()).select_from(AuditEntry))) == before


def test_an_admin_does_all_of_it(shop: Shop) -> None:
    accounts.create_user("second@example.org", "", [shop.project], Role.ADMIN)
    work = dict(changes(shop))
    removal = work.pop("remove")
    by = person(shop.admin)
    rotated = work.pop("rotate token")
    for change in work.values():
        change(by)
    with pytest.raises(ValidationFailed, match="revoked already"):
        rotated(by)
    removal(by)
    assert shop.roles() == {"member": "member", "viewer": "admin", "stranger": "admin", "second": "admin"}


def test_changes_of_members_say_what_was_and_what_is(shop: Shop) -> None:
    by = person(shop.admin, "192.0.2.7")
    members.add_member(shop.project.id, shop.stranger, Role.VIEWER, by)
    members.change_role(shop.project.id, shop.stranger.id, Role.MEMBER, by)
    members.change_role(shop.project.id, shop.stranger.id, Role.MEMBER, by)  # as it is: no change, no entry
    members.remove_member(shop.project.id, shop.stranger.id, by)
    query = select(AuditEntry).where(AuditEntry.project_id == shop.project.id, AuditEntry.actor == "admin@example.org")
    found = [
        (entry.action, entry.object, entry.before, entry.after)
        for entry in db.session.scalars(query.order_by(AuditEntry.id))
        if entry.object == "stranger@example.org"
    ]
    assert found == [
        ("member.added", "stranger@example.org", None, {"role": "viewer"}),
        ("member.role_changed", "stranger@example.org", {"role": "viewer"}, {"role": "member"}),
        ("member.removed", "stranger@example.org", {"role": "member"}, None),
    ]


def test_the_last_admin_stays_one(shop: Shop) -> None:
    for change in (
        lambda: members.change_role(shop.project.id, shop.admin.id, Role.VIEWER, person(shop.admin)),
        lambda: members.remove_member(shop.project.id, shop.admin.id, person(shop.admin)),
        lambda: members.remove_member(shop.project.id, shop.admin.id, operator()),
    ):
        with pytest.raises(ValidationFailed, match="last admin"):
            change()
    assert shop.roles()["admin"] == "admin"


def test_an_admin_whose_account_is_disabled_does_not_count(shop: Shop) -> None:
    second = accounts.create_user("second@example.org", "", [shop.project], Role.ADMIN)
    second.disabled_at = datetime.now(UTC)
    db.session.commit()
    with pytest.raises(ValidationFailed, match="last admin"):
        members.change_role(shop.project.id, shop.admin.id, Role.MEMBER, person(shop.admin))


def test_two_admins_who_demote_each_other_at_once_leave_one(accounts_app: Flask, shop: Shop) -> None:
    second = accounts.create_user("second@example.org", "", [shop.project], Role.ADMIN)
    project_id, ids = shop.project.id, [shop.admin.id, second.id]
    db.session.commit()
    turns = iter(ids)

    def demote() -> str:
        members.change_role(project_id, next(turns), Role.VIEWER, operator())
        return "done"

    outcomes = at_once(accounts_app, 2, demote)
    assert sum(isinstance(outcome, HedgerowError) for outcome in outcomes) == 1
    assert sorted(shop.roles().values()) == ["admin", "member", "viewer", "viewer"]


def test_everybody_may_leave_and_is_out_at_once(shop: Shop) -> None:
    members.remove_member(shop.project.id, shop.viewer.id, person(shop.viewer))
    assert projects.membership(shop.viewer, shop.project.id) is None
    with pytest.raises(PermissionDenied):
        members.remove_member(shop.project.id, shop.viewer.id, person(shop.viewer))


def test_what_is_no_member_is_said_plainly(shop: Shop) -> None:
    with pytest.raises(NotFound, match="Nobody of that id"):
        members.change_role(shop.project.id, shop.stranger.id, Role.ADMIN, person(shop.admin))
    with pytest.raises(ValidationFailed, match="is a member of this project already"):
        members.add_member(shop.project.id, shop.viewer, Role.ADMIN, person(shop.admin))
    assert shop.roles()["viewer"] == "viewer"


def test_a_project_is_renamed_and_keeps_its_addresses(shop: Shop) -> None:
    found = projects.rename_project(shop.project.id, "  Web shop ", person(shop.admin))
    assert (found.name, found.slug) == ("Web shop", "shop")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "project.renamed")).one()
    assert (entry.before, entry.after) == ({"name": "Shop"}, {"name": "Web shop"})


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_logs_are_kept_for_a_sensible_number_of_days(shop: Shop, days: int) -> None:
    with pytest.raises(ValidationFailed, match="1 to 3650 days"):
        projects.set_retention(shop.project.id, days, person(shop.admin))
    assert projects.set_retention(shop.project.id, 7, person(shop.admin)).retention_days == 7
