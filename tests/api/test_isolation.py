"""Every route there is, asked by somebody of another project, and by members whose role is too low.

A route that is added is asked for here by name: the tests fail until it says what somebody else's ids, cursors, keys,
tokens and links must not do there, and which role it needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.support.api import Api
from tests.support.live import end_after_one_look
from tests.support.logs import HOUR_NS, NOON_NS
from tests.support.neighbours import FINGERPRINT, GUEST, TRACE, VAULT, Ask, Neighbours, make_neighbours
from webapp.extensions import db
from webapp.models import Role, User
from webapp.pages.logs.rows import row_key
from webapp.services import keys, members
from webapp.services.actors import operator
from webapp.services.rotation import tokens_of
from webapp.settings import Settings

Route = tuple[str, str]  # method, endpoint
Asks = Callable[[Neighbours], Iterable[Ask]]

RANGE = {"date_from": "2026-09-26", "date_to": "2026-09-29"}
WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
FINE = (200, 201, 204, 302)


@pytest.fixture
def neighbours(api: Api, settings: Settings) -> Neighbours:
    end_after_one_look(api.app)
    return make_neighbours(api, settings.clickhouse_url)


# --- What Bob asks for ---------------------------------------------------------------------------------------


def of_logs(prefix: str, name: str) -> Asks:
    """Ask a route of the logs for Ada's project in every way, and for Bob's own with what is Ada's."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        theirs, own = (f"/api/{prefix}/{person.project_id}/logs/{name}/" for person in (n.ada, n.bob))
        if name == "has_logs":
            yield Ask(theirs, n.bob.key)
            yield Ask(theirs)
            yield Ask(theirs, n.ada.token, status=(401,))
            yield Ask(own, n.bob.key, status=(200,))
            return
        body = {"query": {"dateRange": RANGE, **NEEDED.get(name, {})}}
        yield Ask(theirs, n.bob.key, body)
        yield Ask(theirs, json=body)
        for secret in (n.ada.token, n.invitation, n.used_link):
            yield Ask(theirs, secret, body, status=(401,))
        queries = list(with_adas(n))
        for query in queries if prefix == "projects" else queries[:1]:  # the other is an alias
            wanted = {"query": {**body["query"], **query}}
            yield Ask(own, n.bob.key, wanted, status=(200,))
            yield Ask(f"/api/{prefix}/@current/logs/{name}/", json=wanted, status=(200,))

    return asks


def with_adas(n: Neighbours) -> Iterable[dict[str, Any]]:
    """Queries that say what only somebody knows who has seen Ada's row."""
    trace = {"key": "trace_id", "type": "log", "operator": "exact", "value": TRACE}
    host = {"key": "vault.host", "type": "log_resource_attribute", "operator": "is_set"}
    yield {}
    yield {"after": n.cursor}
    yield {"liveLogsCheckpoint": "2026-09-01T00:00:00Z"}
    yield {"filterGroup": [trace]}
    yield {"filterGroup": {"type": "OR", "values": [trace, host]}}
    yield {"resourceFingerprint": str(FINGERPRINT)}
    yield {"searchTerm": VAULT["body"], "customColumns": ["attributes.vault.code"]}
    yield {"serviceNames": [VAULT["service_name"]], "sparklineBreakdownBy": "service"}


def of_address(prefix: str, name: str) -> Asks:
    """Ask a route of the logs that has its question in the address."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        theirs, own = (f"/api/{prefix}/{person.project_id}/logs/{name}/" for person in (n.ada, n.bob))
        trace = quote(json.dumps([{"key": "trace_id", "type": "log", "operator": "exact", "value": TRACE}]))
        for kind, key in (("log", "vault.code"), ("resource", "vault.host"), ("log", "service_name")):
            asked = f"?key={key}&attribute_type={kind}&date_from=2026-09-26&date_to=2026-09-29"
            yield Ask(theirs + asked, n.bob.key)
            yield Ask(theirs + asked)
            yield Ask(theirs + asked, n.ada.token, status=(401,))
            yield Ask(own + asked, n.bob.key, status=(200,))
            yield Ask(f"{own}{asked}&filterGroup={trace}", n.bob.key, status=(200,))

    return asks


def of_view(prefix: str, method: str, path: str) -> Asks:
    """Ask for saved views of Ada's project, and for hers by their ids in Bob's own."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        body = {"name": "Bob was here"} if method in ("POST", "PUT", "PATCH") else None
        for view in (n.view_id, "unknown") if path else ("",):
            theirs, own = (f"/api/{prefix}/{person.project_id}/logs/views/" for person in (n.ada, n.bob))
            named = path.format(view=view)
            yield Ask(theirs + named, json=body)
            yield Ask(theirs + named, n.bob.key, body)
            yield Ask(theirs + named, n.ada.token, body, status=(401,))
            yield Ask(own + named, n.bob.key, body, status=(404,) if path else (200, 201))

    return asks


def of_page(path: str, more: str = "") -> Asks:
    """Ask a page of the explorer for Ada's project, and for Bob's own with Ada's row and cursor."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        yield Ask(f"/p/{n.slug}/logs{path}?{WINDOW}{more}")
        cursor = quote(n.cursor)
        for state in (
            "",
            f"&after={cursor}",
            f"&row={row_key(n.row)}",
            f"&q=trace_id:{TRACE}",
            "&inline=1",
            "&tab=patterns",
            "&tab=groups&inline=1",
        ):
            yield Ask(f"/p/{n.bobs_slug}/logs{path}?{WINDOW}{more}{state}", status=(200, 204))

    return asks


def of_row(n: Neighbours) -> Iterable[Ask]:
    yield Ask(f"/p/{n.slug}/logs/row/{row_key(n.row)}?{WINDOW}")
    yield Ask(f"/p/{n.bobs_slug}/logs/row/{row_key(n.row)}?{WINDOW}", status=(200, 404))


def of_pin(path: str) -> Asks:
    """Pin a facet in Ada's project, and in Bob's own."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        for slug, status in ((n.slug, (403, 404)), (n.bobs_slug, (302,))):
            yield Ask(f"/p/{slug}/logs/facets/{path}?{WINDOW}", form={"key": "vault.code"}, status=status)

    return asks


def of_saved(path: str, *own: int, **form: str) -> Asks:
    """Send a form about a saved view of Ada's in her project, and in Bob's own."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        for slug, status in ((n.slug, (403, 404)), (n.bobs_slug, own)):
            yield Ask(f"/p/{slug}/{path.format(view=n.view_id)}", form=form, status=status)

    return asks


def of_settings(path: str, *own: int, **form: str) -> Asks:
    """Ask for settings of Ada's project, and for Bob's own; a token is Ada's, which is not in his."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        filled = path.format(token=tokens_of(n.ada.project_id)[0].id)
        yield Ask(f"/p/{n.slug}/{filled}", form=form)
        yield Ask(f"/p/{n.bobs_slug}/{filled}", form=form, status=own)

    return asks


def of_members(path: str, **form: str) -> Asks:
    """Send a form for Ada's project, and for Bob's own with the ids of Ada's people."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        filled = path.format(user=n.ada.id, invitation=n.invitation_id)
        yield Ask(f"/p/{n.slug}/settings/members{filled}", form=form)
        if "{" in path:
            yield Ask(f"/p/{n.bobs_slug}/settings/members{filled}", form=form)

    return asks


def of_ingestion(path: str, body: dict[str, Any]) -> Asks:
    """Send with what is no ingestion token of Ada's, and with Bob's token while the address has Ada's."""

    def asks(n: Neighbours) -> Iterable[Ask]:
        for secret in (n.bob.key, n.ada.key, n.invitation, "phc_" + n.ada.token[4:].swapcase()):
            yield Ask(path, secret, body, status=(401,))
        yield Ask(f"{path}?token={n.ada.token}", n.bob.key, body, status=(401,))
        yield Ask(f"{path}?token={n.ada.token}", n.bob.token, body, status=(200,))
        yield Ask(path, json=body, status=(401,))

    return asks


def of_keys(method: str) -> Asks:
    def asks(n: Neighbours) -> Iterable[Ask]:
        if method == "GET":
            yield Ask("/api/personal_api_keys/", status=(200,))
        elif method == "POST":
            for project_id in (n.ada.project_id, [n.bob.project_id, n.ada.project_id]):
                scoped = project_id if isinstance(project_id, list) else [project_id]
                made = {"label": "mine", "scopes": ["*"], "scoped_teams": scoped}
                yield Ask("/api/personal_api_keys/", json=made, status=(400,))
        else:
            yield Ask(f"/api/personal_api_keys/{n.key_id}/")
            yield Ask(f"/api/personal_api_keys/{n.key_id}/", n.bob.key)

    return asks


def plainly(path: str, *status: int, **form: str) -> Asks:
    """Ask for what is of nobody in particular."""
    return lambda n: [Ask(path, form=form, status=status)]


LOGS = {"query": "POST", "count": "POST", "sparkline": "POST", "patterns": "POST", "has_logs": "GET"}
AGGREGATES = {"facet_values": "facet_values", "services": "services"}
AGGREGATES |= {"count_ranges": "count-ranges", "group_by": "group-by"}
# What these want to be told beside the time.
NEEDED: dict[str, dict[str, Any]] = {
    "facet_values": {"facetAttributes": ["vault.code"], "facetResourceAttributes": ["vault.host"]},
    "group-by": {"groupBys": [{"key": "vault.code"}, {"key": "vault.host", "source": "resource"}]},
}
VIEWS = {
    ("GET", "list_views"): "",
    ("POST", "create_view"): "",
    ("GET", "view"): "{view}/",
    ("PUT", "replace_view"): "{view}/",
    ("PATCH", "change_view"): "{view}/",
    ("DELETE", "delete_view"): "{view}/",
}
PREFIXES = {"": "projects", "environments_": "environments"}
RECORD = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "sent by Bob"}}]}]}]}

ASKED: dict[Route, Asks] = {
    **{(method, f"logs_api.{name}"): of_logs("projects", name) for name, method in LOGS.items()},
    **{(method, f"environments_logs_api.{name}"): of_logs("environments", name) for name, method in LOGS.items()},
    **{
        ("POST", f"{alias}aggregates_api.{name}"): of_logs(prefix, path)
        for name, path in AGGREGATES.items()
        for alias, prefix in PREFIXES.items()
    },
    **{
        ("GET", f"{alias}attributes_api.{name}"): of_address(prefix, name)
        for name in ("attributes", "values")
        for alias, prefix in PREFIXES.items()
    },
    **{
        (method, f"{alias}views_api.{name}"): of_view(prefix, method, path)
        for (method, name), path in VIEWS.items()
        for alias, prefix in PREFIXES.items()
    },
    ("GET", "users.me"): lambda n: [Ask("/api/users/@me/", n.bob.key, status=(200,))],
    ("GET", "users.user"): lambda n: [Ask(f"/api/users/{n.user_uuid}/", key) for key in ("", n.bob.key)],
    ("GET", "projects.list_projects"): lambda n: [Ask("/api/projects/", n.bob.key, status=(200,))],
    ("GET", "projects.project"): lambda n: [
        Ask(f"/api/projects/{n.ada.project_id}/"),
        Ask(f"/api/projects/{n.ada.project_id}/", n.bob.key),
        Ask("/api/projects/@current/", n.bob.key, status=(200,)),
    ],
    # Their examples are of an Ada and of a trace that everybody knows.
    ("GET", "api.schema"): lambda n: [Ask("/api/schema/", status=(200,), tells=("ada@example.org", TRACE))],
    ("GET", "api.docs"): lambda n: [Ask("/api/docs/", status=(200,), tells=("ada@example.org", TRACE))],
    ("GET", "personal_api_keys.list_keys"): of_keys("GET"),
    ("POST", "personal_api_keys.create_key"): of_keys("POST"),
    ("DELETE", "personal_api_keys.revoke_key"): of_keys("DELETE"),
    ("GET", "personal_api_keys.current"): lambda n: [Ask("/api/personal_api_keys/@current/", n.bob.key, status=(200,))],
    ("POST", "otlp.receive_logs"): of_ingestion("/v1/logs", RECORD),
    ("POST", "otlp.receive_json_lines"): of_ingestion("/i/v1/jsonline", {"message": "sent by Bob"}),
    ("GET", "logs.search"): of_page(""),
    ("GET", "logs.rows"): of_page("/rows"),
    ("GET", "logs.summary"): of_page("/summary"),
    ("GET", "logs.hints"): of_page("/hints"),
    ("GET", "logs.panel"): of_page("/panel"),
    ("GET", "logs.arrival"): of_page("/arrival"),
    ("GET", "logs.row"): of_row,
    ("GET", "downloads.download"): of_page(".jsonl"),
    ("GET", "downloads.size"): of_page("/size"),
    ("GET", "views.menu"): of_page("/views"),
    ("POST", "views.create"): of_saved(f"logs/views?{WINDOW}", 302, name="of Bob"),
    ("POST", "views.change"): of_saved("logs/views/{view}", 404, name="of Bob"),
    ("POST", "views.delete"): of_saved("logs/views/{view}/delete", 404),
    ("GET", "saved_views.views"): of_settings("settings/views", 200),
    ("POST", "saved_views.rename"): of_saved("settings/views/{view}/name", 404, name="of Bob"),
    ("POST", "saved_views.pin"): of_saved("settings/views/{view}/pin", 404, pinned="1"),
    ("POST", "saved_views.delete"): of_saved("settings/views/{view}/delete", 404),
    ("GET", "live.stream"): of_page("/live", "&t=2026-09-26T00:00Z..now"),
    ("GET", "live.poll"): of_page("/live/poll", "&t=2026-09-26T00:00Z..now"),
    ("GET", "bar.complete"): of_page("/complete", "&q=vault.code:&at=11&more=1"),
    ("GET", "bar.typed_range"): of_page("/range"),
    ("GET", "facets.column"): of_page("/facets"),
    ("GET", "facets.values"): of_page("/facets/values", "&facet=level"),
    ("GET", "facets.keys"): of_page("/facets/keys", "&key=vault"),
    ("POST", "facets.pin_field"): of_pin("pin"),
    ("POST", "facets.unpin_field"): of_pin("unpin"),
    ("GET", "services.services"): of_settings(f"services?{WINDOW}", 200),
    ("GET", "tokens.index"): of_settings("settings", 302),
    ("GET", "tokens.tokens"): of_settings("settings/tokens", 200),
    ("POST", "tokens.create"): of_settings("settings/tokens", 302, label="of Bob"),
    ("POST", "tokens.rotate"): of_settings("settings/tokens/{token}/rotate", 404, grace="24"),
    ("POST", "tokens.revoke"): of_settings("settings/tokens/{token}/revoke", 404),
    ("GET", "project.project"): of_settings("settings/project", 200),
    ("POST", "project.rename"): of_settings("settings/project/name", 302, name="Bob was here"),
    ("POST", "project.keep"): of_settings("settings/project/retention", 302, retention_days="1"),
    ("GET", "audit.audit"): of_settings("settings/audit", 200),
    ("GET", "members.members"): of_members(""),
    ("POST", "members.invite_somebody"): of_members("/invitations", email="friend-of-bob@example.org", role="admin"),
    ("POST", "members.revoke"): of_members("/invitations/{invitation}/revoke"),
    ("POST", "members.change"): of_members("/{user}/role", role="viewer"),
    ("POST", "members.remove"): of_members("/{user}/remove"),
    # Whoever has an open link may see who invites whom into what, but only that person may take it.
    ("GET", "invitations.show"): plainly("/invitations/unknown", 404),
    ("POST", "invitations.accept"): lambda n: [
        Ask(f"/invitations/{n.invitation}", tells=(GUEST,)),
        Ask("/invitations/unknown", form={"name": "Bob", "password": "correct horse battery"}),
    ],
    ("GET", "session.use_link"): lambda n: [Ask(f"/sign-in/{n.used_link}", status=(302,))],
    ("GET", "session.sign_in"): plainly("/login", 302),
    ("POST", "session.sign_in_with_password"): lambda n: [
        Ask("/login", form={"email": "ada@example.org", "password": "a guess of Bob"}, status=(401,))
    ],
    ("POST", "session.sign_out"): plainly("/sign-out", 302),
    ("GET", "home.index"): plainly("/", 302),
    ("GET", "account.index"): plainly("/settings", 302),
    ("GET", "account.profile"): plainly("/settings/profile", 200),
    ("POST", "account.rename"): plainly("/settings/profile", 302, name="Bob"),
    ("GET", "keys.keys"): plainly("/settings/keys", 200),
    ("POST", "keys.create"): lambda n: [
        Ask(
            "/settings/keys",
            form={"label": "x", "scopes": "*", "reach": "some", "project_ids": str(n.ada.project_id), "life": "7"},
            status=(422,),
        )
    ],
    ("POST", "keys.revoke"): lambda n: [
        Ask(f"/settings/keys/{keys.keys_of(db.session.get_one(User, n.ada.id))[0].id}/revoke")
    ],
    ("GET", "account.password"): plainly("/settings/password", 200),
    ("POST", "account.password"): plainly("/settings/password", 422, old="", password="a new password of Bob"),
    ("POST", "preferences.set_theme"): plainly("/preferences/theme", 302, theme="dark"),
    ("GET", "health.healthz"): plainly("/healthz", 200),
    ("GET", "health.readyz"): plainly("/readyz", 200),
    ("GET", "metrics.show"): lambda n: [Ask("/metrics", key, status=(404,)) for key in ("", n.bob.key, n.ada.token)],
    ("GET", "static.file"): plainly("/static/x/../../settings.py", 404),
}


def routes(api: Api) -> dict[Route, str]:
    """Return every route of the application with its rule."""
    return {
        (method, rule.endpoint): rule.rule
        for rule in api.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def in_a_project(api: Api) -> dict[Route, str]:
    """Return the routes whose address names a project."""
    return {route: rule for route, rule in routes(api).items() if "<project>" in rule or "<slug>" in rule}


def endpoint_of(api: Api, ask: Ask, method: str) -> str:
    endpoint, _ = api.app.url_map.bind("localhost").match(urlsplit(ask.path).path, method)
    return str(endpoint)


def test_every_route_is_asked_for(neighbours: Neighbours) -> None:
    api = neighbours.api
    assert set(ASKED) == set(routes(api))
    for (method, endpoint), asks in ASKED.items():
        made = list(asks(neighbours))
        assert {endpoint_of(api, ask, method) for ask in made} == {endpoint}
        if (method, endpoint) in in_a_project(api):
            named = {f"/{neighbours.slug}/", f"/{neighbours.ada.project_id}/"}
            assert any(name in f"{urlsplit(ask.path).path}/" for ask in made for name in named), endpoint


def test_somebody_of_another_project_sees_and_changes_nothing(
    neighbours: Neighbours, subtests: pytest.Subtests
) -> None:
    before = neighbours.state()
    assert all(before[name] for name in ("projects", "memberships", "ingestion_tokens", "invitations", "logs"))
    for (method, endpoint), asks in ASKED.items():
        for ask in asks(neighbours):
            with subtests.test(method=method, endpoint=endpoint, ask=ask):
                response = neighbours.perform(ask, method, neighbours.bob)
                assert neighbours.leaks(ask, response) == []
                assert response.status_code in ask.status, response.text
        assert neighbours.state() == before, endpoint
    everything = neighbours.api.post("query/", {"query": {"dateRange": RANGE}}).json["results"]
    assert [row["body"] for row in everything] == [VAULT["body"]]


def test_what_is_looked_for_is_seen_by_those_who_may(neighbours: Neighbours) -> None:
    seen = neighbours.perform(Ask(f"/p/{neighbours.slug}/logs?{WINDOW}"), "GET", neighbours.ada)
    ask = Ask(
        f"/api/projects/{neighbours.ada.project_id}/logs/query/", neighbours.ada.key, {"query": {"dateRange": RANGE}}
    )
    found = neighbours.perform(ask, "POST", neighbours.ada)
    assert VAULT["body"] in neighbours.leaks(Ask(""), seen)
    assert {VAULT["body"], VAULT["service_name"], "vault.code"} <= set(neighbours.leaks(ask, found))


# --- Roles ---------------------------------------------------------------------------------------------------

# The lowest role that may do it. Everybody may leave a project; taking out somebody else is what is asked for here.
NEEDS: dict[Route, Role] = {
    **{
        (method, f"{api}.{name}"): Role.VIEWER
        for name, method in LOGS.items()
        for api in ("logs_api", "environments_logs_api")
    },
    **{("POST", f"{alias}aggregates_api.{name}"): Role.VIEWER for name in AGGREGATES for alias in PREFIXES},
    **{
        ("GET", f"{alias}attributes_api.{name}"): Role.VIEWER for name in ("attributes", "values") for alias in PREFIXES
    },
    **{
        (method, f"{alias}views_api.{name}"): Role.VIEWER if method == "GET" else Role.MEMBER
        for method, name in VIEWS
        for alias in PREFIXES
    },
    ("GET", "projects.project"): Role.VIEWER,
    **{
        ("GET", f"logs.{name}"): Role.VIEWER
        for name in ("search", "rows", "summary", "hints", "panel", "arrival", "row")
    },
    **{("GET", f"downloads.{name}"): Role.VIEWER for name in ("download", "size")},
    ("GET", "views.menu"): Role.VIEWER,
    ("GET", "saved_views.views"): Role.VIEWER,
    **{("POST", f"views.{name}"): Role.MEMBER for name in ("create", "change", "delete")},
    **{("POST", f"saved_views.{name}"): Role.MEMBER for name in ("rename", "pin", "delete")},
    **{("GET", f"live.{name}"): Role.VIEWER for name in ("stream", "poll")},
    ("GET", "bar.complete"): Role.VIEWER,
    ("GET", "bar.typed_range"): Role.VIEWER,
    **{("GET", f"facets.{name}"): Role.VIEWER for name in ("column", "values", "keys")},
    ("POST", "facets.pin_field"): Role.VIEWER,  # one's own
    ("POST", "facets.unpin_field"): Role.VIEWER,
    ("GET", "services.services"): Role.VIEWER,
    ("GET", "tokens.index"): Role.VIEWER,
    ("GET", "tokens.tokens"): Role.VIEWER,
    ("GET", "project.project"): Role.VIEWER,
    ("GET", "audit.audit"): Role.ADMIN,
    **{("POST", f"tokens.{name}"): Role.ADMIN for name in ("create", "rotate", "revoke")},
    **{("POST", f"project.{name}"): Role.ADMIN for name in ("rename", "keep")},
    ("GET", "members.members"): Role.VIEWER,
    ("POST", "members.invite_somebody"): Role.ADMIN,
    ("POST", "members.revoke"): Role.ADMIN,
    ("POST", "members.change"): Role.ADMIN,
    ("POST", "members.remove"): Role.ADMIN,
}


OF_ONE_VIEW = ("views.change", "views.delete", "saved_views.rename", "saved_views.pin", "saved_views.delete")


def fine(endpoint: str) -> tuple[int, ...]:
    """Return the answers to who may; what was deleted under one address is gone under its alias."""
    return (*FINE, 404) if endpoint.endswith(".delete_view") or endpoint in OF_ONE_VIEW else FINE


def test_every_route_in_a_project_says_which_role_it_needs(neighbours: Neighbours) -> None:
    assert set(NEEDS) == set(in_a_project(neighbours.api))


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_it_needs_to_and_no_more(
    neighbours: Neighbours, role: Role, subtests: pytest.Subtests
) -> None:
    bob = db.session.get_one(User, neighbours.bob.id)
    members.add_member(neighbours.ada.project_id, bob, role, operator())
    for (method, endpoint), needed in NEEDS.items():
        before = neighbours.state()
        ask = next(iter(ASKED[method, endpoint](neighbours)))
        with subtests.test(method=method, endpoint=endpoint):
            status = neighbours.perform(ask, method, neighbours.bob).status_code
            assert status in (fine(endpoint) if role.includes(needed) else (403,))
        if not role.includes(needed):
            assert neighbours.state() == before, endpoint


def test_a_key_restricted_to_one_project_is_kept_out_of_the_others_of_its_person(
    neighbours: Neighbours, subtests: pytest.Subtests
) -> None:
    bob = db.session.get_one(User, neighbours.bob.id)
    members.add_member(neighbours.ada.project_id, bob, Role.ADMIN, operator())
    _, restricted = keys.create_key(bob, "restricted", ["*"], project_ids=[neighbours.bob.project_id])
    for method, endpoint in NEEDS:
        if "_api." in endpoint:
            ask = next(iter(ASKED[method, endpoint](neighbours)))
            with subtests.test(endpoint=endpoint):
                for key, right in ((restricted, (403,)), (neighbours.bob.key, fine(endpoint))):
                    response = neighbours.perform(Ask(ask.path, key, ask.json), method, neighbours.bob)
                    assert response.status_code in right
