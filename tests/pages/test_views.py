"""Saved views in the pages: saved with all of the state, opened as they were or as the API changed them, managed."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import NOON_NS, Log, insert
from webapp.extensions import db
from webapp.models import Role, SavedView
from webapp.services import audit, members, views
from webapp.services.actors import operator, person

RANGE = "2026-09-27T11:00Z..2026-09-27T13:00Z"


@pytest.fixture
def filled(app: Flask, ada: Member) -> Member:
    logs = [Log(project_id=ada.project_id, body=f"order {at}", timestamp_ns=NOON_NS + at) for at in range(3)]
    insert(app.extensions["hedgerow_store"], logs)
    return ada


@pytest.fixture
def viewer(app: Flask, filled: Member, bob: Member) -> Visitor:
    """Bob, signed in, who may look at Ada's project."""
    members.add_member(filled.project_id, bob.user, Role.VIEWER, operator())
    visitor = Visitor(app)
    visitor.sign_in(bob)
    return visitor


def save(visitor: Visitor, member: Member, address: str, short_id: str = "", **form: str) -> tuple[int, str]:
    """Send the form that stands on the page at this address; return the status and where it leads, or the page."""
    token = visitor.csrf_token(f"{member.logs}{address}")
    path = f"{member.logs}/views{'/' if short_id else ''}{short_id}{address}"
    answer = visitor.post(path, data={"csrf_token": token, **form})
    db.session.expire_all()
    return answer.status_code, answer.location or answer.text


def state_at(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(html.unescape(address)).query))


def one_view(member: Member) -> SavedView:
    (view,) = views.views_of(member.project_id, limit=10)[0]
    return view


def made(member: Member, name: str = "a", **values: object) -> SavedView:
    return views.create_view(member.project_id, {"name": name, **values}, person(member.user))


def opened(visitor: Visitor, member: Member, view: SavedView) -> tuple[dict[str, str], str]:
    """Open a view by its short address; return the state of the address that it leads to, and that page."""
    answer = visitor.get(f"{member.logs}?view={view.short_id}")
    assert answer.status_code == 302
    return state_at(answer.location), visitor.get(answer.location).text


# --- Saving ------------------------------------------------------------------------------------------------


def test_a_view_keeps_the_whole_state_for_the_page_and_the_search_for_the_api(visitor: Visitor, filled: Member) -> None:
    state = {"q": "order level:error -status>=500", "t": "now-15m..now", "tz": "Europe/Berlin", "group": "level"}
    state |= {"sort": "asc", "tab": "groups"}
    address = "?" + "&".join(f"{key}={quote(text)}" for key, text in state.items())
    status, location = save(visitor, filled, f"{address}&row=1.ab", name=" Orders ", pinned="on")
    view = one_view(filled)
    assert (status, state_at(location)) == (302, {**state, "view": view.short_id})
    assert (view.name, view.pinned, view.columns) == ("Orders", True, None)
    assert view.filters == {
        "dateRange": {"date_from": "-15M", "date_to": None},
        "searchTerm": "order",
        "severityLevels": ["error"],
        "q": "-status>=500",
        "orderBy": "earliest",
        "explorer": state,
    }
    assert opened(visitor, filled, view)[0] == {**state, "view": view.short_id}
    assert audit.entries(project_id=filled.project_id)[0].action == "view.created"


def test_the_api_finds_with_the_filters_of_a_view_what_the_page_finds(visitor: Visitor, filled: Member) -> None:
    save(visitor, filled, f"?q=order%20-1&t={RANGE}", name="a")
    token = visitor.csrf_token(filled.logs)
    query = {"query": one_view(filled).filters}
    path = f"/api/projects/{filled.project_id}/logs/query/"
    answer = visitor.post(path, json=query, headers={"X-CSRFToken": token})
    assert [row["body"] for row in answer.get_json()["results"]] == ["order 2", "order 0"]


def test_what_cannot_be_saved_is_said_at_the_field_and_nothing_typed_is_lost(visitor: Visitor, filled: Member) -> None:
    status, page = save(visitor, filled, f"?q=order&t={RANGE}", name=" ", pinned="on")
    assert (status, 'role="alert"><p>This field may not be blank.</p>' in page) == (422, True)
    assert 'name="pinned" checked' in page
    assert 'name="q" type="text" value="order"' in page
    assert page.count('class="row ') == 3
    status, page = save(visitor, filled, f"?q=order&t={RANGE}", name="x" * 401)
    assert (status, f'value="{"x" * 401}"' in page) == (422, True)
    token = visitor.csrf_token(filled.logs)
    part = visitor.post(
        f"{filled.logs}/views?q=order", data={"name": ""}, headers={"HX-Request": "true", "X-CSRFToken": token}
    )
    assert (part.status_code, part.headers["HX-Retarget"], "<html" in part.text) == (422, "#save-wrong", False)
    status, page = save(visitor, filled, "?q=%22open", name="a")
    assert (status, "Nothing was run" in page) == (422, True)
    assert views.views_of(filled.project_id, limit=1)[1] == 0


# --- Opening -----------------------------------------------------------------------------------------------


def test_an_address_with_nothing_else_opens_the_view_as_it_is_now(visitor: Visitor, filled: Member) -> None:
    _, first = save(visitor, filled, f"?q=order&t={RANGE}", name="Orders")
    view = one_view(filled)
    page = visitor.get(first).text
    assert '<span class="visually-hidden">View: </span>Orders' in page
    assert "Edit view" in page
    everything = state_at(f"?t={RANGE}&view={view.short_id}")
    kept = visitor.get(f"{filled.logs}?q=&t={RANGE}&view={view.short_id}")
    assert (kept.status_code, "Save changes" in kept.text) == (200, True)
    assert save(visitor, filled, f"?t={RANGE}&view={view.short_id}", view.short_id, name="All")[0] == 302
    assert opened(visitor, filled, view)[0] == everything
    assert one_view(filled).name == "All"
    default = made(filled, "default", filters={})
    state, page = opened(visitor, filled, default)
    assert state == {"t": "now-1h..now", "view": default.short_id}
    assert "Edit view" in page
    for path in ("", f"?t={RANGE}&view={view.short_id}"):  # the form of the search goes on with the view, or without
        assert (f'name="view" value="{view.short_id}"' in visitor.get(filled.logs + path).text) is bool(path)


def test_a_view_of_another_client_opens_as_far_as_the_page_can_say_it(visitor: Visitor, filled: Member) -> None:
    group = {
        "type": "AND",
        "values": [
            {
                "type": "OR",
                "values": [
                    {"key": "status", "type": "log_attribute", "operator": "gte", "value": 500},
                    {"key": "host.name", "type": "log_resource_attribute", "operator": "exact", "value": ["a b", "c"]},
                ],
            }
        ],
    }
    filters = {
        "dateRange": {"date_from": "-30M", "date_to": None, "explicitDate": False},
        "severityLevels": ["warn", "error"],
        "serviceNames": ["api"],
        "searchTerm": "time out",
        "filterGroup": group,
        "orderBy": "earliest",
    }
    state, page = opened(visitor, filled, made(filled, filters=filters))
    assert state["q"] == 'level:warn,error service:api "time out" (status>=500 OR resource.host.name:"a b",c)'
    assert (state["t"], state["sort"]) == ("now-30m..now", "asc")
    assert "cannot show" not in page


def test_what_the_page_cannot_say_of_a_view_is_said(visitor: Visitor, filled: Member) -> None:
    filters = {
        "searchTerm": "two\nlines",
        "serviceNames": ["api"],
        "severityLevels": ["loud"],
        "sessionId": 5,
        "filterGroup": [{"key": "a", "type": "log_attribute", "operator": "like", "value": "<b>"}],
        "dateRange": {"date_from": "-1y"},
        "flavour": {"x": 1},
        "explorer": "no",
    }
    view = made(filled, filters=filters)
    state, page = opened(visitor, filled, view)
    assert (state["q"], state["t"]) == ("service:api", "now-365d..now")
    note = html.unescape(page[page.index("The page cannot show all of this view:") :].partition("</span>")[0])
    for word in (
        "searchTerm",
        "severityLevels",
        "sessionId",
        '"like" is not a valid choice',
        "Last 365 days",
        "flavour",
    ):
        assert word in note
    assert "<b>" not in note
    assert "Edit view" in page  # what is shown is all that can be: nothing has been changed
    assert "cannot show all of it: severityLevels" in visitor.get(f"/p/{filled.slug}/settings/views").text


@pytest.mark.parametrize(
    "filters",
    [
        {"filterGroup": 5, "dateRange": "now", "q": '"open', "orderBy": ["latest"], "resourceFingerprint": "-1"},
        {"dateRange": {"date_from": 5}, "serviceNames": {"a": 1}, "explorer": {"q": 5, "tab": "groups", "x": "y"}},
        {"dateRange": {"date_from": "-1h", "date_to": "-2h"}, "searchTerm": ["a"], "severityLevels": [[]]},
        {"q": "x" * 5000, "searchTerm": "ж" * 3000, "serviceNames": ["y" * 9000], "": None},
        {"explorer": {"q": '"open', "t": "whenever", "view": "abc", "row": "1.ab"}},
    ],
)
def test_any_json_opens(visitor: Visitor, filled: Member, filters: dict[str, object]) -> None:
    view = made(filled, filters=filters, columns=[None, 5, {"a": 1}])
    state, page = opened(visitor, filled, view)
    assert "row" not in state
    assert state["view"] == view.short_id
    assert "The page cannot show all of this view" in page


def test_whoever_changes_the_filters_of_a_view_through_the_api_is_heard(visitor: Visitor, filled: Member) -> None:
    save(visitor, filled, "?q=order&t=now-4h..now&tz=Europe/Berlin&tab=patterns", name="Orders")
    view = one_view(filled)
    changed = {**view.filters, "severityLevels": ["error"], "dateRange": {"date_from": "-2d"}}
    views.change_view(filled.project_id, view.short_id, {"filters": changed}, person(filled.user), whole=False)
    state, _ = opened(visitor, filled, view)
    assert state == {
        "q": "level:error order",
        "t": "now-2d..now",
        "tz": "Europe/Berlin",
        "tab": "patterns",
        "view": view.short_id,
    }


def test_a_view_that_is_gone_leaves_the_state_that_an_address_holds(visitor: Visitor, filled: Member) -> None:
    assert visitor.get(f"{filled.logs}?view=gone").status_code == 404
    page = visitor.get(f"{filled.logs}?q=order&t={RANGE}&view=gone")
    assert page.status_code == 200
    assert "Ignored in the address: <code>view=gone</code>" in page.text
    assert page.text.count('class="row ') == 3
    assert "Save view" in page.text


# --- The menu and the list ---------------------------------------------------------------------------------


def test_the_menu_has_pinned_views_first_and_a_box_to_find_the_others(visitor: Visitor, filled: Member) -> None:
    assert "No views yet" in visitor.part(f"{filled.logs}/views").text
    for number in range(9):
        made(filled, f"view <i>{number}</i> \u202e", pinned=number == 3)
    menu = visitor.part(f"{filled.logs}/views?q=order").text
    assert re.findall(r"view &lt;i&gt;(\d)", menu) == list("387654210")
    assert "\u202e" not in menu
    assert 'name="find"' in menu
    found = visitor.part(f"{filled.logs}/views?find=I%3E7").text
    assert re.findall(r"view &lt;i&gt;(\d)", found) == ["7"]
    assert 'name="find"' not in found
    assert "No view has this" in visitor.part(f"{filled.logs}/views?find=zzz").text


def test_views_are_renamed_pinned_and_deleted_in_the_settings(visitor: Visitor, filled: Member) -> None:
    view = made(filled, "Old <b>")
    short_id = view.short_id
    page = f"/p/{filled.slug}/settings/views"
    token = visitor.csrf_token(page)

    def send(action: str, **form: str) -> tuple[int, str]:
        answer = visitor.post(f"{page}/{short_id}/{action}?find=o", data={"csrf_token": token, **form})
        db.session.expire_all()
        return answer.status_code, answer.location or answer.text

    shown = visitor.get(page).text
    assert "Old &lt;b&gt;" in shown
    assert "Everything" in shown
    assert send("name", name="Ordinary") == (302, f"{page}?find=o")
    assert send("pin", pinned="1")[0] == 302
    assert (view.name, view.pinned) == ("Ordinary", True)
    status, text = send("name", name=" ")
    assert (status, "This field may not be blank." in text, 'value=" "' in text) == (422, True, True)
    assert send("pin", pinned="0")[0] == 302
    assert send("delete")[0] == 302
    assert "No view has this in its name." in visitor.get(f"{page}?find=o").text
    assert "No views yet." in visitor.get(page).text
    assert send("delete")[0] == 404


def test_the_settings_page_through_many_views(visitor: Visitor, filled: Member) -> None:
    for number in range(53):
        made(filled, f"view {number:02d}")
    page = f"/p/{filled.slug}/settings/views"
    first = visitor.get(page).text
    assert len(re.findall(r"<b>view \d\d</b>", first)) == 50
    later = re.search(r'href="([^"]*offset=50)"', first)
    assert later is not None
    assert re.findall(r"<b>view (\d\d)</b>", visitor.get(html.unescape(later[1])).text) == ["02", "01", "00"]
    assert re.findall(r"<b>view (\d\d)</b>", visitor.get(f"{page}?find=W+5").text) == ["52", "51", "50"]


def test_an_open_view_is_deleted_and_the_page_stays_as_it_is(visitor: Visitor, filled: Member) -> None:
    view = made(filled)
    address = f"?q=order&t={RANGE}&view={view.short_id}"
    token = visitor.csrf_token(f"{filled.logs}{address}")
    answer = visitor.post(f"{filled.logs}/views/{view.short_id}/delete{address}", data={"csrf_token": token})
    assert (answer.status_code, state_at(answer.location)) == (302, {"q": "order", "t": RANGE})
    assert views.views_of(filled.project_id, limit=1)[1] == 0


def test_a_viewer_opens_views_and_is_told_that_members_save_them(viewer: Visitor, filled: Member) -> None:
    view = made(filled, filters={"searchTerm": "order"})
    state, page = opened(viewer, filled, view)
    assert state["q"] == "order"
    assert "you need the role member" in page
    assert 'id="view-name"' not in page
    settings = viewer.get(f"/p/{filled.slug}/settings/views").text
    assert "Rename" not in settings
    assert save(viewer, filled, "?q=x", name="mine")[0] == 403
    assert save(viewer, filled, "?q=x", view.short_id, name="mine")[0] == 403
    assert one_view(filled).name == "a"


# --- Files -------------------------------------------------------------------------------------------------


def test_the_menu_of_files_has_the_query_of_the_page_and_says_how_large_they_will_be(
    visitor: Visitor, filled: Member
) -> None:
    page = visitor.get(f"{filled.logs}?q=order&t={RANGE}&sort=asc").text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*/logs\.(?:csv|jsonl?)\?[^"]*)"', page)]
    assert [urlsplit(link).path.rpartition(".")[2] for link in links] == ["csv", "jsonl", "json"]
    assert all(state_at(link).items() >= {"q": "order", "sort": "asc"}.items() for link in links)
    assert visitor.get(links[1], buffered=True).data.count(b"\n") == 3
    assert "At most the earliest 100,000 rows." in page
    part = visitor.part(f"{filled.logs}/size?q=order&t={RANGE}").text
    assert "3 rows." in part
    assert re.search(r"JSON Lines.*?<small>about 1\.7 KB</small>", part, re.DOTALL)
    assert "0 rows." in visitor.part(f"{filled.logs}/size?q=nosuchword&t={RANGE}").text
