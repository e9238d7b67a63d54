"""Settings: one's own name and keys, and a project's tokens, name, retention and audit log."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from webapp.extensions import db
from webapp.models import Role
from webapp.services import audit, invitations, keys, members, projects, rotation, tokens
from webapp.services.actors import operator, person

KEY = re.compile(r'<pre id="value"[^>]*>(phx_[\w-]+)</pre>')


def send(visitor: Visitor, page: str, path: str = "", /, **form: str | list[str]) -> tuple[int, str]:
    """Send a form that stands on a page; return the status, and where it leads or what it says."""
    response = visitor.post(path or page, data={"csrf_token": visitor.csrf_token(page), **form})
    db.session.expire_all()
    return response.status_code, response.location or response.text


@pytest.fixture
def here(ada: Member) -> str:
    return f"/p/{ada.slug}/settings"


@pytest.fixture
def viewer(app: Flask, ada: Member, bob: Member) -> Visitor:
    """Bob, signed in, who may look at Ada's project."""
    members.add_member(ada.project_id, bob.user, Role.VIEWER, operator())
    visitor = Visitor(app)
    visitor.sign_in(bob)
    return visitor


def last_change(ada: Member) -> tuple[str, str]:
    entry = audit.entries(project_id=ada.project_id)[0]
    return entry.action, entry.actor


# --- One's own ---------------------------------------------------------------------------------------------


def test_a_person_changes_their_name_and_no_name_is_taken_for_markup(visitor: Visitor, ada: Member, here: str) -> None:
    profile = "/settings/profile"
    assert send(visitor, profile, name="<b>Ada</b>") == (302, f"{profile}?done=1")
    assert ada.user.name == "<b>Ada</b>"
    assert audit.entries(action="user.renamed")[0].after == {"name": "<b>Ada</b>"}
    page = visitor.get(f"{here}/members").text
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert "<b>Ada</b>" not in page
    status, text = send(visitor, profile, name="x" * 201)
    assert (status, "at most 200 characters" in text, "x" * 201 in text) == (422, True, True)


def test_a_key_is_shown_once_and_works_until_it_is_revoked(visitor: Visitor, ada: Member) -> None:
    form: dict[str, str | list[str]] = {"label": "deploys", "scopes": ["logs:read", "export:read"], "life": "30"}
    status, page = send(visitor, "/settings/keys", reach="some", project_ids=[str(ada.project_id)], **form)
    assert status == 200
    found = KEY.search(page)
    assert found is not None
    key = keys.authenticate_key(found[1])
    assert (key.scopes, key.project_ids) == (["export:read", "logs:read"], [ada.project_id])
    assert key.expires_at is not None
    assert key.expires_at - key.created_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    listed = visitor.get("/settings/keys").text
    assert found[1] not in listed
    assert f"phx_…{found[1][-4:]}" in listed
    assert send(visitor, "/settings/keys", f"/settings/keys/{key.id}/revoke") == (302, "/settings/keys")
    db.session.refresh(key)
    assert key.state == "revoked"
    assert "Revoked and expired: 1" in visitor.get("/settings/keys").text


WRONG: list[tuple[dict[str, str | list[str]], str]] = [
    ({"label": " "}, "A label has 1 to 200 characters."),
    ({"scopes": []}, "Give at least one scope"),
    ({"scopes": ["logs:burn"]}, "is not a scope"),
    ({"reach": "some", "project_ids": []}, "Name at least one project"),
    ({"reach": "some", "project_ids": ["2147483648"]}, "does not exist"),
    ({"reach": "some", "project_ids": ["one"]}, "Choose from the projects"),
    ({"life": "1000000"}, "how long the key lives"),
]


def test_a_key_that_cannot_be_made_is_told_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, ada: Member
) -> None:
    form: dict[str, str | list[str]] = {"label": "my robot", "scopes": ["export:write"], "reach": "all", "life": "365"}
    for wrong, sentence in WRONG:
        status, page = send(visitor, "/settings/keys", **(form | wrong))
        assert status == 422
        assert re.search(rf'<p class="form__at"[^>]*>[^<]*{sentence}', page)
        assert 'aria-describedby="wrong"' in page
        assert ("my robot" in page) is ("label" not in wrong)
        assert ('value="export:write" checked' in page) is ("scopes" not in wrong)
        assert ('value="365" selected' in page) is ("life" not in wrong)
    assert keys.keys_of(ada.user) == []


def test_nobody_revokes_the_key_of_another_person(visitor: Visitor, bob: Member) -> None:
    key, _ = keys.create_key(bob.user, "bobs", ["*"])
    assert send(visitor, "/settings/keys", f"/settings/keys/{key.id}/revoke")[0] == 404
    assert key.state == "active"


# --- Tokens ------------------------------------------------------------------------------------------------


def test_an_admin_makes_rotates_and_revokes_tokens(visitor: Visitor, ada: Member, here: str) -> None:
    page = f"{here}/tokens"
    first = tokens.ingestion_token(ada.project_id)
    assert first in visitor.get(page).text
    assert send(visitor, page, label="billing") == (302, page)
    assert last_change(ada) == ("token.created", "ada@example.org")
    billing = rotation.tokens_of(ada.project_id)[0]
    assert send(visitor, page, f"{page}/{billing.id}/rotate", grace="168") == (302, page)
    old, new = rotation.tokens_of(ada.project_id)[1], rotation.tokens_of(ada.project_id)[0]
    assert (old.state, new.state, new.label) == ("rotated", "active", "billing")
    assert old.expires_at is not None
    assert old.rotated_at is not None
    assert old.expires_at - old.rotated_at == timedelta(days=7)
    assert f'works until <time datetime="{old.expires_at.isoformat()}"' in visitor.get(page).text
    assert send(visitor, page, f"{page}/{new.id}/revoke") == (302, page)
    assert last_change(ada) == ("token.revoked", "ada@example.org")
    listed = visitor.get(page).text
    assert tokens.token_value(new) not in listed
    assert "Revoked and expired: 1" in listed
    status, text = send(visitor, page, f"{page}/{old.id}/rotate", grace="24")
    assert (status, "rotated already" in text) == (422, True)
    status, text = send(visitor, page, label=" ")
    assert (status, "A label has 1 to 200 characters." in text) == (422, True)
    assert send(visitor, page, f"{page}/{first}/revoke")[0] == 404


def test_a_project_without_a_token_says_that_nothing_can_be_sent(visitor: Visitor, ada: Member, here: str) -> None:
    for token in rotation.tokens_of(ada.project_id):
        rotation.revoke_token(token.id, operator())
    page = visitor.get(f"{here}/tokens")
    assert page.status_code == 200
    assert "nothing can be sent to this project" in page.text
    assert 'id="send"' not in page.text
    assert "nothing can be sent" in visitor.part(f"{here}/tokens?with=node").text
    start = visitor.get(ada.logs)
    assert (start.status_code, "No ingestion token works" in start.text) == (200, True)


def test_every_way_to_send_has_a_link_of_its_own_and_the_real_token(visitor: Visitor, ada: Member, here: str) -> None:
    page = visitor.get(f"{here}/tokens").text
    ways = re.findall(rf'href="({here}/tokens\?with=[\w-]+)#send"', page)
    assert [way.partition("=")[2] for way in ways] == [
        "curl",
        "otlp",
        "python",
        "node",
        "docker",
        "kubernetes",
        "fluent-bit",
    ]
    for way in ways:
        whole, part = visitor.get(way).text, visitor.part(way).text
        found = re.search(r'<pre id="snippet"[^>]*>(.*?)</pre>', whole, re.DOTALL)
        assert found is not None
        assert tokens.ingestion_token(ada.project_id) in found[1]
        assert found[0] in part
        assert "<html" not in part
    assert 'with=curl#send" id="way-curl"' in visitor.get(f"{here}/tokens?with=nonsense").text
    assert f"{here}/tokens?with=node#send" in visitor.get(ada.logs).text  # the start page shows the same


# --- The project -------------------------------------------------------------------------------------------


def test_an_admin_changes_retention_and_name(visitor: Visitor, ada: Member, here: str) -> None:
    page = f"{here}/project"
    assert send(visitor, page, f"{page}/retention", retention_days="14") == (302, f"{page}?done=days")
    assert projects.project_by_id(ada.project_id).retention_days == 14
    assert last_change(ada) == ("project.retention_changed", "ada@example.org")
    assert send(visitor, page, f"{page}/name", name="Shop") == (302, f"{page}?done=name")
    assert projects.project_by_id(ada.project_id).name == "Shop"
    for days in ("0", "3651", "-1", "7.5", "", "٣", "9" * 30):
        status, text = send(visitor, page, f"{page}/retention", retention_days=days)
        assert (status, f'value="{days}"' in text, "3650" in text) == (422, True, True)
    assert projects.project_by_id(ada.project_id).retention_days == 14
    status, text = send(visitor, page, f"{page}/name", name="")
    assert (status, "1 to 200 characters" in text) == (422, True)


def test_the_audit_log_is_paged_and_filtered_and_shows_text_as_text(visitor: Visitor, ada: Member, here: str) -> None:
    for number in range(55):
        rotation.create_token(ada.project_id, f"token <i>{number}</i> \u202e", person(ada.user, "192.0.2.7"))
    invitations.invite(ada.project_id, "grace@example.org", Role.MEMBER, operator())
    page = f"{here}/audit"
    first = visitor.get(page).text
    assert "invitation created" in first
    assert "token &lt;i&gt;54&lt;/i&gt;" in first
    assert "from 192.0.2.7" in first
    assert "\u202e" not in first
    assert first.count("<time") == 50
    older = re.search(r'href="([^"]*before=\d+)"', first)
    assert older is not None
    second = visitor.get(older[1].replace("&amp;", "&")).text
    assert "token &lt;i&gt;0&lt;/i&gt;" in second
    assert "token &lt;i&gt;54&lt;/i&gt;" not in second
    assert visitor.get(f"{page}?kind=invitation").text.count("<time") == 1
    assert "Nothing of this kind" in visitor.get(f"{page}?kind=view").text
    assert visitor.get(f"{page}?kind=nonsense").status_code == 400
    assert visitor.get(f"{page}?before=x").status_code == 400
    assert visitor.get(f"{page}?before={'9' * 30}").status_code == 400


# --- Roles -------------------------------------------------------------------------------------------------


def test_who_is_no_admin_sees_no_button_and_is_refused(viewer: Visitor, ada: Member, here: str) -> None:
    token = rotation.tokens_of(ada.project_id)[0]
    page = viewer.get(f"{here}/tokens").text
    assert tokens.token_value(token) in page
    for word in ("Rotate", "Revoke", "Make a token", "Audit log"):
        assert word not in page
    kept = viewer.get(f"{here}/project").text
    assert "30 days" in kept
    assert "Save" not in kept
    assert viewer.get(f"{here}/audit").status_code == 403
    for path, form in (
        ("tokens", {"label": "mine"}),
        (f"tokens/{token.id}/rotate", {"grace": "0"}),
        (f"tokens/{token.id}/revoke", {}),
        ("project/name", {"name": "mine"}),
        ("project/retention", {"retention_days": "1"}),
    ):
        assert send(viewer, "/settings/keys", f"{here}/{path}", **form)[0] == 403
    assert [found.state for found in rotation.tokens_of(ada.project_id)] == ["active"]
    assert projects.project_by_id(ada.project_id).retention_days == 30


def test_the_settings_of_another_project_are_not_found(visitor: Visitor, ada: Member, bob: Member, here: str) -> None:
    token = rotation.tokens_of(bob.project_id)[0]
    there = f"/p/{bob.slug}/settings"
    for path in ("", "/tokens", "/members", "/project", "/audit"):
        assert visitor.get(there + path).status_code == 404
    for path in (f"{there}/tokens/{token.id}/revoke", f"{here}/tokens/{token.id}/revoke", f"{there}/project/name"):
        assert send(visitor, "/settings/keys", path, name="mine")[0] == 404
    assert token.state == "active"


def test_somebody_without_a_project_has_settings_of_their_own(stranger: Visitor) -> None:
    from webapp.services.accounts import create_user

    stranger.sign_in(Member(create_user("eve@example.org", "Eve", []), 0, ""))
    for path in ("profile", "password", "keys"):
        page = stranger.get(f"/settings/{path}")
        assert page.status_code == 200
        assert "Ingestion tokens" not in page.text
    assert stranger.get("/settings").location == "/settings/profile"
