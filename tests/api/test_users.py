"""Who asks, and which projects they may see: what clients of the original look up before anything else."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services import accounts, keys, projects, rotation, tokens
from webapp.services.actors import SYSTEM

PROJECT_NAMES = {
    "id",
    "uuid",
    "organization",
    "name",
    "api_token",
    "timezone",
    "created_at",
    "effective_membership_level",
}
USER_NAMES = {
    "uuid",
    "id",
    "distinct_id",
    "email",
    "first_name",
    "last_name",
    "is_email_verified",
    "is_staff",
    "role_at_organization",
    "hedgehog_config",
    "theme_mode",
    "team",
    "organization",
    "organizations",
}


@pytest.fixture
def api(accounts_api: Api) -> Api:
    """Nothing here needs ClickHouse."""
    return accounts_api


def ada(api: Api) -> User:
    return db.session.get_one(User, api.ada.id)


def test_a_key_learns_whose_it_is(api: Api) -> None:
    ada(api).name = "Ada King Lovelace"
    db.session.commit()
    found = api.get("/api/users/@me/").json
    assert set(found) == USER_NAMES
    assert (found["email"], found["first_name"], found["last_name"]) == ("ada@example.org", "Ada", "King Lovelace")
    assert found["distinct_id"] == found["uuid"] == str(ada(api).uuid)
    assert found["team"] == api.get("/api/projects/@current/").json
    assert found["organizations"] == [found["organization"]]
    assert found["organization"]["id"] == found["team"]["organization"]
    assert found["organization"]["membership_level"] == 8


def test_a_person_is_found_by_uuid_too_but_nobody_else_is(api: Api) -> None:
    assert api.get(f"/api/users/{ada(api).uuid}").json == api.get("/api/users/@me").json
    bob = db.session.get_one(User, api.bob.id)
    assert api.get(f"/api/users/{bob.uuid}/").status_code == 404


def test_a_session_learns_the_same_about_the_project_opened_last(api: Api) -> None:
    second = projects.create_project("Second", ada(api))
    projects.remember_project(ada(api), second)
    api.sign_in(api.ada)
    assert api.get("/api/users/@me/", key="").json["team"]["id"] == second.id
    assert api.get("/api/users/@me/").json["team"]["id"] == api.ada.project_id


def test_without_a_project_there_is_no_team(api: Api) -> None:
    user = accounts.create_user("eve@example.org", "", [])
    _, key = keys.create_key(user, "k", ["logs:read"])
    found = api.get("/api/users/@me/", key=key).json
    assert (found["team"], found["first_name"], found["organization"]["membership_level"]) == (None, "", 0)
    assert api.get("/api/projects/", key=key).json == {"count": 0, "next": None, "previous": None, "results": []}
    assert api.get("/api/projects/@current/", key=key).status_code == 403


def test_a_project_is_found_by_its_number_and_as_the_current_one(api: Api) -> None:
    found = api.get(f"/api/projects/{api.ada.project_id}/").json
    assert set(found) >= PROJECT_NAMES
    assert found == api.get("/api/projects/@current").json
    assert (found["name"], found["api_token"], found["timezone"]) == ("ada", api.ada.token, "UTC")
    assert (found["effective_membership_level"], found["role"]) == (8, "admin")


def test_a_role_is_ones_own(api: Api) -> None:
    here = projects.project_by_id(api.ada.project_id)
    eve = accounts.create_user("eve@example.org", "Eve", [here], Role.VIEWER)
    _, key = keys.create_key(eve, "k", ["logs:read"])
    found = api.get("/api/projects/@current/", key=key).json
    assert (found["effective_membership_level"], found["role"]) == (0, "viewer")


def test_a_project_shows_the_token_that_still_works(api: Api) -> None:
    token = projects.project_by_id(api.ada.project_id).tokens[0]
    fresh, _ = rotation.rotate_token(token.id, SYSTEM)
    assert api.get("/api/projects/@current/").json["api_token"] == tokens.ingestion_token(api.ada.project_id)
    rotation.revoke_token(fresh.id, SYSTEM)
    assert api.get("/api/projects/@current/").json["api_token"] is None


def test_projects_of_others_are_not_shown(api: Api, subtests: pytest.Subtests) -> None:
    for project in (api.bob.project_id, 999_999):
        with subtests.test(project=project):
            assert api.get(f"/api/projects/{project}/").status_code == 403
    assert api.get("/api/projects/abc/").status_code == 404


def test_a_restricted_key_sees_its_projects_only(api: Api) -> None:
    second = projects.create_project("Second", ada(api))
    _, key = keys.create_key(ada(api), "k", ["logs:read"], project_ids=[second.id])
    assert [found["id"] for found in api.get("/api/projects/", key=key).json["results"]] == [second.id]
    assert api.get("/api/users/@me/", key=key).json["team"]["id"] == second.id
    assert api.get(f"/api/projects/{api.ada.project_id}/", key=key).status_code == 403


def test_projects_are_listed_in_pages_that_lead_to_each_other(api: Api) -> None:
    for name in ("Second", "Third"):
        projects.create_project(name, ada(api))
    first = api.get("/api/projects/?limit=2").json
    assert (first["count"], first["previous"]) == (3, None)
    assert first["next"] == "http://localhost/api/projects/?limit=2&offset=2"
    last = api.get(first["next"].removeprefix("http://localhost")).json
    assert [found["name"] for found in (*first["results"], *last["results"])] == ["ada", "Second", "Third"]
    assert (last["next"], last["previous"]) == (None, "http://localhost/api/projects/?limit=2&offset=0")
    assert api.get(f"/api/projects/?limit={10**30}&offset={10**30}").json["results"] == []


@pytest.mark.parametrize(("query", "attr"), [("limit=0", "limit"), ("limit=x", "limit"), ("offset=-1", "offset")])
def test_a_page_that_cannot_be_is_refused(api: Api, query: str, attr: str) -> None:
    refused = api.get(f"/api/projects/?{query}")
    assert (refused.status_code, refused.json["attr"]) == (400, attr)
