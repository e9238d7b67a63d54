"""Members and invitations on the pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from webapp.extensions import db
from webapp.models import Role
from webapp.services import accounts, invitations, members, projects
from webapp.services.actors import operator

PASSWORD = "correct horse battery"


def send(visitor: Visitor, page: str, path: str = "", **form: str) -> tuple[int, str]:
    """Send a form that stands on a page; return the status, and where it leads or what it says."""
    response = visitor.post(path or page, data={"csrf_token": visitor.csrf_token(page), **form})
    return response.status_code, response.location or response.text


def signed_in(app: Flask, member: Member) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(member)
    return visitor


def link_in(page: str) -> str:
    found = re.search(r"http://[^<]*(/invitations/[\w-]+)", page)
    assert found is not None, page
    return found[1]


@pytest.fixture
def here(ada: Member) -> str:
    return f"/p/{ada.slug}/settings/members"


def test_an_admin_invites_and_a_new_person_joins_with_a_name_and_a_password(
    visitor: Visitor, stranger: Visitor, ada: Member, here: str
) -> None:
    status, page = send(visitor, here, f"{here}/invitations", email="Grace@Example.org", role="viewer")
    assert status == 200
    link = link_in(page)
    assert link not in visitor.get(here).text  # shown once
    assert "grace@example.org" in visitor.get(here).text
    offered = stranger.get(link).text
    assert "Join ada&#39;s shop" in offered
    assert "Choose a password" in offered
    status, text = send(stranger, link, name="Grace", password="short")
    assert (status, "at least 12 characters" in text, 'value="Grace"' in text) == (422, True, True)
    assert send(stranger, link, name="Grace", password=PASSWORD) == (302, ada.logs)
    assert stranger.get(ada.logs).status_code == 200
    again = Visitor(stranger.client.application).get(link)
    assert again.status_code == 410
    assert "was used already" in again.text


def test_somebody_with_an_account_signs_in_first_and_comes_back_to_join(
    stranger: Visitor, ada: Member, bob: Member
) -> None:
    link = f"/invitations/{invitations.invite(ada.project_id, 'bob@example.org', Role.MEMBER, operator())[1]}"
    page = stranger.get(link).text
    assert "sign in to accept" in page
    assert "Choose a password" not in page
    assert stranger.sign_in(bob).location == link
    assert send(stranger, link) == (302, ada.logs)
    assert stranger.get(ada.logs).status_code == 200


def test_the_wrong_person_is_told_whose_it_is_and_cannot_take_it(app: Flask, ada: Member, bob: Member) -> None:
    link = f"/invitations/{invitations.invite(ada.project_id, 'grace@example.org', Role.MEMBER, operator())[1]}"
    visitor = signed_in(app, bob)
    assert (
        "You are signed in as bob@example.org, and this invitation is for grace@example.org" in visitor.get(link).text
    )
    status, text = send(visitor, link, name="Bob", password=PASSWORD)
    assert status == 403
    assert "is for grace@example.org" in text
    assert visitor.get(ada.logs).status_code == 404


@pytest.mark.parametrize(("token", "status"), [("unknown", 404), ("%00", 404), ("x" * 3000, 404)])
def test_a_link_that_was_never_made_is_not_found(stranger: Visitor, token: str, status: int) -> None:
    page = stranger.get(f"/invitations/{token}")
    assert page.status_code == status
    assert "not known here" in page.text


def test_accepting_takes_a_token_of_the_session(stranger: Visitor, ada: Member) -> None:
    link = f"/invitations/{invitations.invite(ada.project_id, 'grace@example.org', Role.MEMBER, operator())[1]}"
    assert stranger.post(link, data={"name": "Grace", "password": PASSWORD}).status_code == 400


def test_an_admin_changes_roles_removes_and_revokes(visitor: Visitor, ada: Member, bob: Member, here: str) -> None:
    members.add_member(ada.project_id, bob.user, Role.VIEWER, operator())
    assert send(visitor, here, f"{here}/{bob.user.id}/role", role="member") == (302, here)
    db.session.expire_all()
    found = projects.membership(bob.user, ada.project_id)
    assert found is not None
    assert found.role is Role.MEMBER
    assert send(visitor, here, f"{here}/{bob.user.id}/role", role="owner")[0] == 422
    assert send(visitor, here, f"{here}/{bob.user.id}/remove") == (302, here)
    assert projects.membership(bob.user, ada.project_id) is None
    status, text = send(visitor, here, f"{here}/{ada.user.id}/remove")
    assert (status, "last admin" in text) == (422, True)
    invitation, token = invitations.invite(ada.project_id, "grace@example.org", Role.MEMBER, operator())
    assert send(visitor, here, f"{here}/invitations/{invitation.id}/revoke") == (302, here)
    assert "was revoked" in visitor.get(f"/invitations/{token}").text
    assert send(visitor, here, f"{here}/invitations", email="no address", role="member")[0] == 422
    assert visitor.post(f"{here}/{2**31}/remove", data={"csrf_token": visitor.csrf_token(here)}).status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_who_is_no_admin_looks_at_members_and_leaves_and_that_is_all(
    app: Flask, ada: Member, bob: Member, here: str, role: Role
) -> None:
    members.add_member(ada.project_id, bob.user, role, operator())
    invitation, _ = invitations.invite(ada.project_id, "grace@example.org", Role.MEMBER, operator())
    visitor = signed_in(app, bob)
    page = visitor.get(here).text
    assert "ada@example.org" in page
    assert "Invite somebody" not in page
    assert "grace@example.org" not in page
    for path in (
        f"{here}/invitations",
        f"{here}/invitations/{invitation.id}/revoke",
        f"{here}/{bob.user.id}/role",
        f"{here}/{ada.user.id}/remove",
    ):
        assert send(visitor, here, path, email="x@example.org", role="admin")[0] == 403
    assert send(visitor, here, f"{here}/{bob.user.id}/remove") == (302, "/")
    assert visitor.get(here).status_code == 404


def test_an_admin_of_one_project_is_nobody_in_another(visitor: Visitor, ada: Member, bob: Member, here: str) -> None:
    there = f"/p/{bob.slug}/settings/members"
    invitation, _ = invitations.invite(bob.project_id, "grace@example.org", Role.MEMBER, operator())
    for path in (
        f"{there}/invitations",
        f"{there}/invitations/{invitation.id}/revoke",
        f"{there}/{bob.user.id}/role",
        f"{there}/{bob.user.id}/remove",
        f"{here}/invitations/{invitation.id}/revoke",  # through their own project
        f"{here}/{bob.user.id}/role",
        f"{here}/{bob.user.id}/remove",
    ):
        assert send(visitor, here, path, email="x@example.org", role="admin")[0] == 404
    assert visitor.get(there).status_code == 404
    db.session.expire_all()
    assert invitation.state == "open"
    assert [member.user_id for member in members.members_of(bob.project_id)] == [bob.user.id]


def test_a_name_cannot_write_markup_into_the_page(visitor: Visitor, ada: Member, here: str) -> None:
    eve = accounts.create_user("eve@example.org", "<script>alert(1)</script>", [])
    members.add_member(ada.project_id, eve, Role.VIEWER, operator())
    assert "<script>alert" not in visitor.get(here).text
