"""The list goes on at both ends, also as pages without scripts: each row once, whatever shares its moment."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert

ROWS = 330
ALIKE = 7
WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"


@pytest.fixture
def filled(ada: Member, app: Flask) -> Member:
    logs = [
        Log(project_id=ada.project_id, timestamp_ns=NOON_NS + at // ALIKE * SECOND_NS, body=f"row {at}")
        for at in range(ROWS)
    ]
    insert(app.extensions["hedgerow_store"], logs)
    return ada


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<span class="m" role="gridcell">row (\d+)</span>', page)]


def link(page: str, words: str) -> str:
    found = re.search(rf'<a href="([^"]*)">{words} rows</a>', page)
    return html.unescape(found[1]) if found else ""


def sensor(page: str, side: str = "") -> str:
    found = re.search(rf'<div class="more{side}".*?hx-get="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize(("sort", "onward", "back"), [("desc", "Older", "Newer"), ("asc", "Later", "Earlier")])
def test_pages_lead_on_and_back_again(visitor: Visitor, filled: Member, sort: str, onward: str, back: str) -> None:
    pages = [visitor.get(f"{filled.logs}?{WINDOW}&sort={sort}").text]
    while address := link(pages[-1], onward):
        pages.append(visitor.get(address).text)
    found = [number for page in pages for number in shown(page)]
    assert sorted(found) == list(range(ROWS))
    assert "That is every row" in pages[-1]
    before = [pages[-1]]
    while address := link(before[-1], back):
        before.append(visitor.get(address).text)
    assert [number for page in reversed(before) for number in shown(page)] == found
    assert link(pages[0], back) == link(before[-1], back) == ""


@pytest.mark.parametrize("sort", ["desc", "asc"])
def test_from_any_moment_blocks_above_and_below_have_each_row_once(visitor: Visitor, filled: Member, sort: str) -> None:
    went = visitor.get(f"{filled.logs}?{WINDOW}&sort={sort}&goto=2026-09-27T12:00:20Z")
    assert went.status_code == 302
    page = visitor.get(went.location).text
    first = shown(page)
    assert {number // ALIKE for number in first[:ALIKE]} == {20}
    below, above = [page], [page]
    while address := sensor(below[-1]):
        below.append(visitor.part(address).text)
    while address := sensor(above[-1], " more--above"):
        above.append(visitor.part(address).text)
    found = [number for part in (*reversed(above[1:]), *below) for number in shown(part)]
    assert sorted(found) == list(range(ROWS))
    assert [number // ALIKE for number in found] == sorted(
        (number // ALIKE for number in found), reverse=sort == "desc"
    )


def test_a_moment_that_is_none_is_told_and_a_damaged_cursor_too(visitor: Visitor, filled: Member) -> None:
    response = visitor.get(f"{filled.logs}?{WINDOW}&goto=<b>soon</b>")
    assert response.status_code == 422
    assert "&lt;b&gt;soon&lt;/b&gt;" in response.text
    assert "<b>soon</b>" not in response.text
    for key in ("after", "before"):
        assert visitor.get(f"{filled.logs}?{WINDOW}&{key}=nonsense").status_code == 400
