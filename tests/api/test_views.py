"""Saved views over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services import accounts, audit, keys, projects

NAMES = {"id", "short_id", "name", "filters", "columns", "pinned", "created_at", "created_by", "updated_at"}
FILTERS = {"severityLevels": ["error"], "filterGroup": {"type": "AND", "values": []}}


@pytest.fixture
def api(accounts_api: Api) -> Api:
    """Nothing here needs ClickHouse."""
    return accounts_api


def save(api: Api, **values: Any) -> dict[str, Any]:
    response = api.post("views/", {"name": "Errors", **values})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json
    return made


def test_a_view_is_saved_shown_changed_and_deleted(api: Api) -> None:
    made = save(api, filters=FILTERS, columns=["attributes.user", {"id": 1}], pinned=True)
    assert set(made) == NAMES
    assert (made["filters"], made["columns"], made["pinned"]) == (FILTERS, ["attributes.user", {"id": 1}], True)
    assert (made["created_by"]["email"], made["created_by"]["id"]) == ("ada@example.org", api.ada.id)
    one = f"views/{made['short_id']}/"
    assert api.get(one).json == api.get(f"views/{made['id']}").json == made
    patched = api.call("PATCH", one, json={"name": "All errors"}).json
    assert {**patched, "updated_at": ""} == {**made, "name": "All errors", "updated_at": ""}
    assert patched["updated_at"] > made["updated_at"]
    put = api.call("PUT", one, json={"name": "Plain"}).json
    assert (put["name"], put["filters"], put["columns"], put["pinned"]) == ("Plain", {}, None, False)
    deleted = api.call("DELETE", one)
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert api.get(one).status_code == 404
    done = audit.entries(action="view", project_id=api.ada.project_id)
    assert [(entry.action, entry.actor_kind, entry.object) for entry in done] == [
        ("view.deleted", "key", "Plain"),
        ("view.changed", "key", "Plain"),
        ("view.changed", "key", "All errors"),
        ("view.created", "key", "Errors"),
    ]
    assert (done[2].before, done[2].after) == ({"name": "Errors"}, {"name": "All errors"})


def test_views_are_listed_newest_first_in_pages(api: Api) -> None:
    names = [save(api, name=f"view {number}")["name"] for number in range(3)]
    assert [view["name"] for view in api.get("views/").json["results"]] == names[::-1]
    page = api.get("views/?limit=2&offset=1").json
    assert (page["count"], page["next"]) == (3, None)
    assert [view["name"] for view in page["results"]] == names[1::-1]
    assert page["previous"].endswith("/views/?limit=2&offset=0")


def test_the_other_address_serves_the_same_views(api: Api) -> None:
    made = save(api)
    assert api.get(f"/api/environments/@current/logs/views/{made['short_id']}/").json == made


def test_views_of_another_project_are_not_found(api: Api, subtests: pytest.Subtests) -> None:
    made = save(api)
    for name in (made["short_id"], made["id"], "x", "nonsense-that-is-longer"):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            with subtests.test(name=name, method=method):
                body = None if method in ("GET", "DELETE") else {"name": "mine"}
                url = f"/api/projects/{api.bob.project_id}/logs/views/{name}/"
                assert api.call(method, url, key=api.bob.key, json=body).status_code == 404
    assert api.get("views/").json["count"] == 1


@pytest.mark.parametrize(
    ("change", "attr", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "  "}, "name", "blank"),
        ({"name": None}, "name", "null"),
        ({"name": "x" * 401}, "name", "max_length"),
        ({"name": "a\0b"}, "name", "invalid_input"),
        ({"filters": None}, "filters", "null"),
        ({"filters": []}, "filters", "invalid_input"),
        ({"filters": {"q": "x" * 100_000}}, "filters", "max_length"),
        ({"columns": "body"}, "columns", "invalid_input"),
        ({"columns": [1] * 51}, "columns", "max_length"),
        ({"pinned": "yes"}, "pinned", "invalid_input"),
    ],
)
def test_what_a_view_cannot_have_is_named(api: Api, change: dict[str, Any], attr: str, code: str) -> None:
    refused = api.post("views/", {"name": "Errors", **change})
    assert (refused.status_code, refused.json["attr"], refused.json["code"]) == (400, attr, code)


def test_a_view_needs_a_name_and_a_change_does_not(api: Api) -> None:
    made = save(api)
    for method, url in (("POST", "views/"), ("PUT", f"views/{made['short_id']}/")):
        refused = api.call(method, url, json={"pinned": True})
        assert (refused.status_code, refused.json["attr"], refused.json["code"]) == (400, "name", "required")
    assert api.call("PATCH", f"views/{made['short_id']}/", json={}).json == made


def test_viewers_look_and_members_change(api: Api) -> None:
    made = save(api)
    here = projects.project_by_id(api.ada.project_id)
    for role, status in ((Role.VIEWER, 403), (Role.MEMBER, 201)):
        user = accounts.create_user(f"{role}@example.org", role, [here], role)
        _, key = keys.create_key(user, "k", ["*"])
        assert api.get(f"views/{made['short_id']}/", key=key).status_code == 200
        assert api.post("views/", {"name": "theirs"}, key=key).status_code == status


def test_changing_needs_the_scope_for_it(api: Api) -> None:
    made = save(api)
    _, key = keys.create_key(db.session.get_one(User, api.ada.id), "k", ["logs:read"])
    assert api.get("views/", key=key).status_code == 200
    refused = api.call("DELETE", f"views/{made['short_id']}/", key=key)
    assert refused.status_code == 403
    assert "'logs:write'" in refused.json["detail"]
