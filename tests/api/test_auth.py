"""Who may call the API."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from tests.support.api import Api, Reply
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services import accounts, keys, projects

QUERY: dict[str, Any] = {"query": {}}


def error(response: Reply) -> tuple[int, str, str]:
    """Check the shape of an error and return what identifies it."""
    body: dict[str, Any] = response.json
    assert set(body) == {"type", "code", "detail", "attr", "error"}
    assert body["error"] == body["detail"]
    assert response.content_type == "application/json"
    return response.status_code, body["type"], body["code"]


def key_for(person_id: int, *scopes: str, **options: Any) -> str:
    user = db.session.get_one(User, person_id)
    return keys.create_key(user, "test", scopes or ["*"], **options)[1]


def test_no_credential_is_not_authenticated(api: Api) -> None:
    response = api.post("query/", QUERY, key="")
    assert error(response) == (401, "authentication_error", "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_bad_credential_fails(api: Api, subtests: pytest.Subtests) -> None:
    for header in ["Bearer phx_wrong", "Bearer", "Bearer  ", "Basic YTpi", "phx_x", "Bearer phc_x", "Bearer x"]:
        with subtests.test(header=header):
            response = api.get("has_logs/", key="", headers={"Authorization": header})
            assert error(response) == (401, "authentication_error", "authentication_failed")


def test_an_ingestion_token_cannot_read(api: Api) -> None:
    response = api.post("query/", QUERY, key=api.ada.token)
    assert error(response) == (401, "authentication_error", "authentication_failed")
    assert "ingestion token" in response.json["detail"]


def test_a_revoked_key_fails_at_once(api: Api) -> None:
    assert api.post("query/", QUERY).status_code == 200
    for key in keys.keys_of(db.session.get_one(User, api.ada.id)):
        keys.revoke_key(key.id)
    response = api.post("query/", QUERY)
    assert error(response) == (401, "authentication_error", "authentication_failed")
    assert "revoked" in response.json["detail"]


def test_an_expired_key_fails(api: Api) -> None:
    key = key_for(api.ada.id, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert api.get("has_logs/", key=key).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        response = api.get("has_logs/", key=key)
    assert error(response) == (401, "authentication_error", "authentication_failed")
    assert "expired" in response.json["detail"]


def test_a_good_session_does_not_make_up_for_a_bad_key(api: Api) -> None:
    api.sign_in(api.ada)
    assert api.get("has_logs/", key="").status_code == 200
    assert error(api.get("has_logs/", key="phx_wrong"))[0] == 401


def test_a_key_without_the_scope_is_told_its_name(api: Api, subtests: pytest.Subtests) -> None:
    key = key_for(api.ada.id, "export:read", "export:write")
    read = ("has_logs/", "attributes/", "values/?key=k")
    for path in ("query/", "count/", "facet_values/", "services/", "count-ranges/", "group-by/", *read):
        with subtests.test(path=path):
            response = api.get(path, key=key) if path in read else api.post(path, QUERY, key=key)
            assert error(response) == (403, "authentication_error", "permission_denied")
            assert "'logs:read'" in response.json["detail"]


def test_reading_needs_logs_read_or_more(api: Api) -> None:
    found = [
        api.get("has_logs/", key=key_for(api.ada.id, scope)).status_code for scope in ("logs:read", "logs:write", "*")
    ]
    assert found == [200, 200, 200]


def test_projects_of_others_and_missing_ones_answer_the_same(api: Api) -> None:
    answers = []
    for project_id in (api.bob.project_id, 999_999, 2**31, 10**30):
        response = api.post(f"/api/projects/{project_id}/logs/query/", QUERY)
        assert error(response) == (403, "authentication_error", "permission_denied")
        answers.append(response.data)
    assert len(set(answers)) == 1


def test_two_projects_do_not_see_each_others_logs(api: Api) -> None:
    api.send({"body": "of ada"})
    api.send({"body": "of bob"}, to=api.bob)
    assert api.bodies() == ["of ada"]
    assert api.count() == 1
    theirs = api.post(f"/api/projects/{api.bob.project_id}/logs/query/", QUERY, key=api.bob.key).json
    assert [row["body"] for row in theirs["results"]] == ["of bob"]


def test_what_is_no_project_is_not_found(api: Api, subtests: pytest.Subtests) -> None:
    for project in ("abc", "@other", "-1", "1.5", "٣"):
        with subtests.test(project=project):
            response = api.post(f"/api/projects/{project}/logs/query/", QUERY)
            assert error(response) == (404, "invalid_request", "not_found")


def test_a_restricted_key_reaches_its_projects_only(api: Api) -> None:
    ada = db.session.get_one(User, api.ada.id)
    second = projects.create_project("Second", ada)
    key = key_for(ada.id, project_ids=[second.id])
    assert api.get(f"/api/projects/{second.id}/logs/has_logs/", key=key).status_code == 200
    refused = api.get("has_logs/", key=key)
    assert error(refused) == (403, "authentication_error", "permission_denied")
    assert refused.data == api.get(f"/api/projects/{api.bob.project_id}/logs/has_logs/", key=key).data


def test_current_is_the_first_project_that_a_key_may_use(api: Api) -> None:
    ada = db.session.get_one(User, api.ada.id)
    second = projects.create_project("Second", ada)
    projects.remember_project(ada, second)  # of the person's sessions; it does not move their programs
    api.send({"body": "first"})
    found = api.post("/api/projects/@current/logs/query/", QUERY)
    assert [row["body"] for row in found.json["results"]] == ["first"]
    restricted = key_for(ada.id, project_ids=[second.id])
    assert api.post("/api/projects/@current/logs/query/", QUERY, key=restricted).json["results"] == []


def test_current_is_the_last_project_of_a_session(api: Api) -> None:
    ada = db.session.get_one(User, api.ada.id)
    projects.remember_project(ada, projects.create_project("Second", ada))
    api.send({"body": "first"})
    token = api.sign_in(api.ada)
    found = api.call("POST", "/api/projects/@current/logs/query/", key="", json=QUERY, headers={"X-CSRFToken": token})
    assert found.json["results"] == []


def test_without_any_project_there_is_no_current_one(api: Api) -> None:
    user = accounts.create_user("eve@example.org", "Eve", [])
    response = api.get("/api/projects/@current/logs/has_logs/", key=key_for(user.id))
    assert error(response) == (403, "authentication_error", "permission_denied")


def test_a_viewer_may_read(api: Api) -> None:
    project = projects.project_by_id(api.ada.project_id)
    eve = accounts.create_user("eve@example.org", "Eve", [project], Role.VIEWER)
    assert api.post("query/", QUERY, key=key_for(eve.id)).status_code == 200


def test_a_member_who_leaves_is_out_at_once(api: Api) -> None:
    db.session.delete(projects.require_role(db.session.get_one(User, api.ada.id), api.ada.project_id, Role.VIEWER))
    db.session.commit()
    assert error(api.get("has_logs/"))[0] == 403


def test_a_session_posts_with_its_csrf_token_only(api: Api) -> None:
    token = api.sign_in(api.ada)
    url = f"/api/projects/{api.ada.project_id}/logs/query/"
    refused = api.call("POST", url, key="", json=QUERY)
    assert error(refused) == (403, "authentication_error", "permission_denied")
    assert "X-CSRFToken" in refused.json["detail"]
    assert error(api.call("POST", url, key="", json=QUERY, headers={"X-CSRFToken": token + "x"}))[0] == 403
    assert api.call("POST", url, key="", json=QUERY, headers={"X-CSRFToken": token}).status_code == 200


def test_a_session_reads_without_a_csrf_token(api: Api) -> None:
    api.sign_in(api.ada)
    assert api.get("has_logs/", key="").json == {"hasLogs": False}


def test_a_key_needs_no_csrf_token_even_beside_a_session(api: Api) -> None:
    api.sign_in(api.bob)
    assert api.post("query/", QUERY).status_code == 200


def test_the_session_of_a_disabled_person_is_over(api: Api) -> None:
    api.sign_in(api.ada)
    db.session.get_one(User, api.ada.id).disabled_at = datetime.now(UTC)
    db.session.commit()
    assert error(api.get("has_logs/", key="")) == (401, "authentication_error", "not_authenticated")


def test_every_route_of_the_api_refuses_strangers(api: Api) -> None:
    opened = {"/api/schema/", "/api/docs/"}  # what the API is like is no secret
    rules = [rule for rule in api.app.url_map.iter_rules() if rule.rule.startswith("/api/") and rule.rule not in opened]
    assert len(rules) >= 6
    for rule in rules:
        url = re.sub(r"<uuid:\w+>", str(UUID(int=1)), rule.rule.replace("<project>", str(api.ada.project_id)))
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            response = api.call(method, url, key="")
            assert response.status_code == 401, (method, url)
