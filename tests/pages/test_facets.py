"""The facets beside the list: counts under the other filters, links that write the search, facets of one's own."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.pages.test_outages import WINDOW, member, storeless, waiting
from tests.support.logs import Log, insert
from webapp.language.tree import attribute
from webapp.services import facet_pins
from webapp.services.actors import person

__all__ = ["member", "storeless", "waiting"]  # fixtures

HOST, ROUTE = "host.name", "http.route"
HOSTILE = [
    "<script>alert(1)</script>",
    'a" onclick="alert(2)',
    "rtl \u202e gnp.exe",
    "esc \x1b[31mred\x1b[0m \x07",
    "x" * 10_000,
    "",
]


@pytest.fixture
def filled(app: Flask, ada: Member) -> Member:
    """Ada with twenty rows of two services on two hosts, and one of hostile values."""
    logs = [
        Log(
            severity_text="error" if number % 5 == 0 else "info",
            service_name="payments" if number % 5 == 0 else "web",
            body=f"order {number}",
            attributes={ROUTE: f"/orders/{number:02d}"},
            resource_attributes={HOST: f"node-{number % 2}", "k8s.pod.name": f"pod-{number:02d}"},
        )
        for number in range(20)
    ]
    logs += [Log(severity_text="debug", service_name="evil", attributes={"evil": value}) for value in HOSTILE]
    insert(app.extensions["hedgerow_store"], [replace(log, project_id=ada.project_id) for log in logs])
    return ada


def facet(text: str, key: str) -> dict[str, tuple[str, str]]:
    """The values of a facet in a page or part: name → (count, state)."""
    found = re.search(
        rf'<details class="facet" data-facet="{re.escape(html.escape(key))}" open>(.*?)</details>', text, re.DOTALL
    )
    return values(found[1]) if found else {}


def values(text: str) -> dict[str, tuple[str, str]]:
    result = {}
    for classes, item in re.findall(r'<li class="value([^"]*)">(.*?)</li>', text, re.DOTALL):
        name = re.search(r'value__name"[^>]*>(.*?)</(?:a|span)>\s*(?:<a|<span class="value__count)', item, re.DOTALL)
        count = re.search(r'value__count">(.*?)<', item)
        state = re.search(r"is-(in|out)", classes)
        assert name is not None
        assert count is not None
        result[html.unescape(re.sub("<[^>]+>", "", name[1]))] = (count[1], state[1] if state else "")
    return result


def query_of(text: str, label: str) -> str:
    """What the link with this label searches for."""
    found = re.search(rf'href="([^"]*)" data-nav[^>]*(?:aria-label|title)="{re.escape(label)}', text)
    assert found is not None, label
    return parse_qs(urlsplit(html.unescape(found[1])).query).get("q", [""])[0]


def test_the_page_leaves_the_facets_to_a_part_of_their_own(visitor: Visitor, filled: Member) -> None:
    page = visitor.get(f"{filled.logs}?{WINDOW}").text
    found = re.search(r'<aside id="facets"[^>]*hx-get="([^"]*)"', page)
    assert found is not None
    assert "value__name" not in page
    part = visitor.part(html.unescape(found[1])).text
    assert facet(part, "level")["error"] == ("4", "")
    assert facet(part, "service") == {"web": ("16", ""), "evil": ("6", ""), "payments": ("4", "")}
    assert facet(part, "resource.host.name") == {"node-0": ("10", ""), "node-1": ("10", "")}
    assert "Environment" not in part
    assert len(facet(part, "resource.k8s.pod.name")) == 8
    assert "12 more" in part


def test_a_facet_honours_every_other_filter_but_not_its_own(visitor: Visitor, filled: Member) -> None:
    part = visitor.part(f"{filled.logs}/facets?q=service:payments%20-level:info&{WINDOW}").text
    assert facet(part, "service") == {"evil": ("6", ""), "payments": ("4", "in")}
    assert facet(part, "level")["info"] == ("0", "out")
    assert facet(part, "level")["error"] == ("4", "")
    assert sorted(facet(part, "resource.host.name").values()) == [("2", ""), ("2", "")]


def test_a_value_leads_to_only_itself_to_itself_too_and_to_all_others(visitor: Visitor, filled: Member) -> None:
    part = visitor.part(f"{filled.logs}/facets?q=order%20service:web&{WINDOW}").text
    assert query_of(part, "payments: 4 rows. Only this") == "order service:payments"
    assert query_of(part, "Include payments") == "order service:web,payments"
    assert query_of(part, "Leave out payments") == "order service:web"  # is left out already
    assert query_of(part, "web: 16 rows. Every value again") == "order"
    assert query_of(part, "Chosen, let go of web") == "order"
    assert query_of(part, "Clear Service") == "order"
    part = visitor.part(f"{filled.logs}/facets?q=-service:web&{WINDOW}").text
    assert query_of(part, "Left out, let go of web") == ""
    assert query_of(part, "Leave out payments") == "-service:web -service:payments"


def test_more_values_and_a_search_inside_come_by_themselves(visitor: Visitor, filled: Member) -> None:
    address = f"{filled.logs}/facets/values?facet=resource.k8s.pod.name&{WINDOW}"
    assert len(values(visitor.part(address).text)) == 20
    assert list(values(visitor.part(f"{address}&find=POD-07").text)) == ["pod-07"]
    assert "Nothing like it" in visitor.part(f"{address}&find=nothing").text
    page = visitor.get(f"{filled.logs}?inline=1&facet=resource.k8s.pod.name&find=pod-1&{WINDOW}").text
    assert len(facet(page, "resource.k8s.pod.name")) == 10
    assert len(facet(page, "resource.host.name")) == 2
    assert 'name="find" value="pod-1"' in page


def test_one_adds_facets_and_removes_them_without_scripts(visitor: Visitor, filled: Member) -> None:
    token = visitor.csrf_token(f"{filled.logs}?inline=1&{WINDOW}")
    pin, unpin = (f"{filled.logs}/facets/{verb}?q=order&{WINDOW}" for verb in ("pin", "unpin"))
    answer = visitor.post(pin, data={"csrf_token": token, "key": " http.route "})
    assert answer.status_code == 302
    page = visitor.get(answer.location).text
    assert 'value="order"' in page
    assert len(facet(page, ROUTE)) == 8
    visitor.post(unpin, data={"csrf_token": token, "key": ROUTE})
    assert facet(visitor.get(answer.location).text, ROUTE) == {}
    refused = visitor.post(pin, data={"csrf_token": token, "key": "trace_id"})
    assert refused.status_code == 422
    assert "trace_id cannot be a facet" in refused.text
    assert 'name="key" value="trace_id"' in refused.text
    assert "</mark> 19</span>" in refused.text


def test_a_part_says_beside_the_field_what_is_wrong_with_a_key(visitor: Visitor, filled: Member) -> None:
    headers = {"HX-Request": "true", "X-CSRFToken": visitor.csrf_token(filled.logs)}
    refused = visitor.post(f"{filled.logs}/facets/pin?{WINDOW}", data={"key": "message"}, headers=headers)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#facet-wrong")
    column = visitor.post(f"{filled.logs}/facets/pin?{WINDOW}", data={"key": "no.such.key"}, headers=headers)
    assert 'data-facet="no.such.key"' in column.text
    assert "No values here" in column.text


def test_nobody_else_reaches_the_facets_of_a_project(visitor: Visitor, filled: Member, bob: Member) -> None:
    headers = {"X-CSRFToken": visitor.csrf_token(filled.logs)}
    for verb in ("pin", "unpin"):
        assert visitor.post(f"{bob.logs}/facets/{verb}", data={"key": ROUTE}, headers=headers).status_code == 404
        assert visitor.post(f"{filled.logs}/facets/{verb}", data={"key": ROUTE}).status_code == 400  # no token
    for path in ("facets", "facets/values?facet=service", "facets/keys"):
        assert visitor.part(f"{bob.logs}/{path}").status_code == 404


def test_hostile_values_are_text_and_cut(visitor: Visitor, filled: Member) -> None:
    facet_pins.pin(filled.project_id, attribute("evil"), person(filled.user))
    part = visitor.part(f"{filled.logs}/facets?{WINDOW}").text
    assert set(facet(part, "evil")) == {
        "<script>alert(1)</script>",
        'a" onclick="alert(2)',
        "rtl ⟨U+202E⟩ gnp.exe",
        "esc red ␇",
        "x" * 120 + "…",
        "(empty)",
    }
    assert "<script" not in part
    assert ' onclick="' not in part
    assert "\u202e" not in part
    assert "x" * 301 not in part
    assert query_of(part, "(empty): 1 row. Only this") == 'evil:""'


def test_the_search_keeps_its_place_where_it_cannot_be_read(visitor: Visitor, filled: Member) -> None:
    assert 'id="facets"' not in visitor.get(f"{filled.logs}?q=%22open&{WINDOW}").text
    assert visitor.part(f"{filled.logs}/facets?q=%22open&{WINDOW}").status_code == 200


def test_keys_are_suggested_as_they_are_written(visitor: Visitor, filled: Member) -> None:
    found = visitor.part(f"{filled.logs}/facets/keys?{WINDOW}").text
    assert {"http.route", "evil", "resource.host.name", "resource.k8s.pod.name"} <= set(
        re.findall('value="([^"]*)"', found)
    )
    assert re.findall('value="([^"]*)"', visitor.part(f"{filled.logs}/facets/keys?key=route&{WINDOW}").text) == [ROUTE]


def test_the_facets_fail_in_their_own_place(waiting: Visitor, member: Member) -> None:
    column = waiting.part(f"{member.logs}/facets?{WINDOW}")
    assert column.status_code == 200
    assert "does not answer" in column.text
    assert "Try again" in column.text
    one = waiting.part(f"{member.logs}/facets/values?facet=service&{WINDOW}")
    assert "does not answer" in one.text
    assert waiting.part(f"{member.logs}/facets/keys?{WINDOW}").text.strip() == ""
