"""One's own personal API keys, over the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api, Reply
from webapp.extensions import db
from webapp.models import User
from webapp.services import audit, keys, projects

URL = "/api/personal_api_keys/"


def call(api: Api, method: str, path: str = URL, token: str = "", **options: Any) -> Reply:
    """Call with the session's cookie and its CSRF token."""
    return api.call(method, path, key="", headers={"X-CSRFToken": token} if token else {}, **options)


def test_a_key_describes_itself(api: Api) -> None:
    second = projects.create_project("Second", db.session.get_one(User, api.ada.id))
    end = datetime.now(UTC) + timedelta(days=1)
    key, value = keys.create_key(
        db.session.get_one(User, api.ada.id), "deploys", ["logs:read"], project_ids=[second.id], expires_at=end
    )
    found = api.get(f"{URL}@current/", key=value).json
    assert set(found) == {
        "id",
        "label",
        "mask_value",
        "scopes",
        "scoped_teams",
        "scoped_organizations",
        "created_at",
        "last_used_at",
        "expires_at",
    }
    assert (found["id"], found["label"], found["scopes"]) == (str(key.uuid), "deploys", ["logs:read"])
    assert (found["scoped_teams"], found["mask_value"]) == ([second.id], f"phx_…{value[-4:]}")
    assert found["expires_at"] == end.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert value not in str(found)
    assert api.get(f"{URL}@current", key=value).json["id"] == found["id"]


def test_a_session_makes_lists_and_ends_keys(api: Api) -> None:
    token = api.sign_in(api.ada)
    body = {"label": "new", "scopes": ["logs:read"], "scoped_teams": [api.ada.project_id]}
    made = call(api, "POST", token=token, json=body)
    assert made.status_code == 201
    value = made.json["value"]
    assert api.get("has_logs/", key=value).status_code == 200
    listed = call(api, "GET").json
    assert (listed["count"], [key["label"] for key in listed["results"]]) == (2, ["new", "everything"])
    assert value not in str(listed)
    ended = call(api, "DELETE", f"{URL}{made.json['id']}/", token)
    assert (ended.status_code, ended.data) == (204, b"")
    assert api.get("has_logs/", key=value).status_code == 401
    assert call(api, "GET").json["count"] == 1
    done = [entry for entry in audit.entries(action="key") if entry.object.startswith("new ")]
    assert [(entry.action, entry.actor_kind, entry.actor) for entry in done] == [
        ("key.revoked", "user", "ada@example.org"),
        ("key.created", "user", "ada@example.org"),
    ]


def test_a_key_makes_and_ends_no_keys(api: Api, subtests: pytest.Subtests) -> None:
    current = api.get(f"{URL}@current/").json["id"]
    for method, path in (("GET", URL), ("POST", URL), ("DELETE", f"{URL}{current}/")):
        with subtests.test(method=method):
            body = {"label": "x", "scopes": ["*"]} if method == "POST" else None
            refused = api.call(method, path, json=body)
            assert (refused.status_code, refused.json["code"]) == (403, "permission_denied")
    assert len(keys.all_keys()) == 2


def test_a_session_needs_its_csrf_token(api: Api) -> None:
    api.sign_in(api.ada)
    current = api.get(f"{URL}@current/").json["id"]
    assert call(api, "POST", json={"label": "x", "scopes": ["*"]}).status_code == 403
    assert call(api, "DELETE", f"{URL}{current}/").status_code == 403
    assert api.get(f"{URL}@current/").status_code == 200


def test_the_key_of_another_person_is_not_found(api: Api, subtests: pytest.Subtests) -> None:
    theirs = api.get(f"{URL}@current/", key=api.bob.key).json["id"]
    token = api.sign_in(api.ada)
    for key_id in (theirs, "1", "nonsense", "00000000-0000-0000-0000-000000000000", "@current"):
        with subtests.test(key_id=key_id):
            assert call(api, "DELETE", f"{URL}{key_id}/", token).status_code in (404, 405)
    assert api.get(f"{URL}@current/", key=api.bob.key).status_code == 200
    assert call(api, "GET", f"{URL}@current/").status_code == 404


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"label": ""}, "label"),
        ({"label": None}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["logs:delete"]}, "scopes"),
        ({"scopes": "logs:read"}, "scopes"),
        ({"scoped_teams": [2**40]}, "scoped_teams"),
        ({"scoped_teams": ["1"]}, "scoped_teams__0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
    ],
)
def test_what_a_key_cannot_have_is_named(api: Api, change: dict[str, Any], attr: str) -> None:
    token = api.sign_in(api.ada)
    refused = call(api, "POST", token=token, json={"label": "x", "scopes": ["*"], **change})
    assert (refused.status_code, refused.json["attr"]) == (400, attr)


def test_a_key_for_the_project_of_another_is_refused(api: Api) -> None:
    token = api.sign_in(api.ada)
    body = {"label": "x", "scopes": ["*"], "scoped_teams": [api.bob.project_id]}
    refused = call(api, "POST", token=token, json=body)
    assert refused.status_code == 400
    assert projects.NOT_YOURS in refused.json["detail"]
