"""The page of services: what each logs, in the order and the time that the address says."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import MINUTE_NS, NOON_NS, Log, insert

TIME = "t=2026-09-27T11:00Z..2026-09-27T13:00Z"
HOSTILE = '<b>"x" OR \u202e'


@pytest.fixture
def page(app: Flask, ada: Member) -> str:
    """The address of a page of four services."""
    lines = [("web", "info", 6), ("web", "error", 1), ("web", "fatal", 1), ("pay", "error", 2), ("cron", "trace", 1)]
    insert(
        app.extensions["hedgerow_store"],
        [
            Log(project_id=ada.project_id, service_name=name, severity_text=level, timestamp_ns=NOON_NS + n * MINUTE_NS)
            for name, level, count in [*lines, (HOSTILE, "warn", 1), ("", "info", 1)]
            for n in range(count)
        ],
    )
    return f"/p/{ada.slug}/services?{TIME}"


def names(text: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<th role="rowheader"[^>]*><a[^>]*>([^<]*)<', text)]


def queries(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    found = [urlsplit(unescape(href)) for href in re.findall(r'<a href="([^"]*/logs\?[^"]*)"', text)]
    return [(parts.path, parse_qs(parts.query)) for parts in found]


def test_each_service_has_its_logs_its_errors_and_links_to_them_in_the_same_time(
    visitor: Visitor, ada: Member, page: str
) -> None:
    text = visitor.get(page).text
    assert "<b>5</b> services" in text
    assert "<b>13</b> logs" in text
    assert names(text)[:2] == ["web", "pay"]
    web = text[text.index('title="web"') : text.index('title="pay"')]
    assert re.findall(r'class="c-(?:logs|rate is-wrong)">([^<]*)<', web) == ["8", "25.0 %"]
    assert 'aria-label="2 errors of web"' in web
    assert 'aria-label="error 2, info 6"' in web
    assert re.search(r'class="spark".*?<path d="M', web, re.DOTALL)
    time = [TIME.partition("=")[2]]
    asked = [(query["q"], query["t"]) for path, query in queries(text) if path == ada.logs]
    assert (["service:web"], time) in asked
    assert (["service:web level:error,fatal"], time) in asked
    assert (["service:pay level:error,fatal"], time) in asked


def test_every_link_finds_the_logs_that_the_table_counts_and_names_are_text(visitor: Visitor, page: str) -> None:
    text = visitor.get(page).text
    counts = [int(count) for count in re.findall(r'class="c-logs">(\d+)<', text)]
    links = [unescape(link) for link in re.findall(r'rowheader"[^>]*><a href="([^"]*)"', text)]
    assert len(links) == 5
    for link, count in zip(links, counts, strict=True):
        assert visitor.get(link).text.count('<div class="row ') == count
    assert "<b>&#34;" not in text
    assert "\u202e" not in text
    assert "&lt;b&gt;" in text
    assert "(no service)" in text


def test_the_table_is_sorted_as_the_address_says(visitor: Visitor, page: str) -> None:
    for order, expected in (
        ("by=errors", ["web", "pay"]),
        ("by=rate", ["pay", "web"]),
        ("by=name&sort=desc", ["web", "pay"]),
    ):
        text = visitor.get(f"{page}&{order}").text
        assert names(text)[:2] == expected
        assert text.count("aria-sort=") == 1
        turned = unescape(re.findall(r'aria-sort="[a-z]+"><a href="([^"]*)"', text)[0])
        assert names(visitor.get(turned).text) != names(text)


def test_services_are_found_by_a_part_of_their_name(visitor: Visitor, page: str) -> None:
    assert names(visitor.get(f"{page}&name=WE").text) == ["web"]
    assert visitor.get(f"{page}&name=%00%ff").status_code == 200
    none = visitor.get(f"{page}&name=%3Ci%3Enope%3C/i%3E")
    assert (none.status_code, "&lt;i&gt;nope" in none.text, "<i>nope" in none.text) == (200, True, False)
    assert "No service with" in none.text


def test_nothing_to_show_says_why_and_where_to_go(visitor: Visitor, ada: Member, bob: Member, page: str) -> None:
    empty = visitor.get(f"/p/{ada.slug}/services?t=2026-01-01T00:00Z..2026-01-01T01:00Z").text
    assert "No logs in this range" in empty
    assert "t=now-7d..now" in empty
    wrong = visitor.get(f"/p/{ada.slug}/services?t=when+pigs+fly")
    assert (wrong.status_code, "<mark>when pigs fly</mark>" in wrong.text) == (422, True)
    assert visitor.get(f"/p/{bob.slug}/services").status_code == 404


def test_a_project_without_logs_is_shown_the_way_to_send_them(visitor: Visitor, ada: Member) -> None:
    text = visitor.get(f"/p/{ada.slug}/services").text
    assert "has no logs yet" in text
    assert f'href="/p/{ada.slug}/settings/tokens#send"' in text


def test_a_time_that_was_typed_becomes_one_that_stays(visitor: Visitor, ada: Member) -> None:
    location = visitor.get(f"/p/{ada.slug}/services?t=15m&name=w&by=rate").location
    assert location == f"/p/{ada.slug}/services?name=w&t=now-15m..now&by=rate"
