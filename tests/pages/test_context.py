"""The rows around a row: the same as a whole page, a part of it, and for whoever has no right to it."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp.pages.logs.context import FEW_ROWS, MOST_ROWS

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
ROWS = 130


@pytest.fixture
def filled(ada: Member, bob: Member, app: Flask) -> Member:
    """A row each second, of two services in turn; Bob has one in the midst of them."""
    logs = [
        Log(
            project_id=ada.project_id,
            timestamp_ns=NOON_NS + at * SECOND_NS,
            body=f"row {at}",
            service_name="api" if at % 2 else "web",
        )
        for at in range(ROWS)
    ]
    logs.append(Log(project_id=bob.project_id, timestamp_ns=NOON_NS + 60 * SECOND_NS, body="row of Bob"))
    insert(app.extensions["hedgerow_store"], logs)
    return ada


def row_key(visitor: Visitor, member: Member, number: int) -> str:
    page = visitor.get(f"{member.logs}?{WINDOW}&q=%22row%20{number}%22").text
    found = re.search(r'data-row="([^"]+)"', page)
    assert found is not None
    return found[1]


def around(page: str) -> list[str]:
    found = re.findall(r'<span class="m">(.*?)</span>', page)
    return [re.sub("</?mark>", "", message) for message in found]


def link(page: str, words: str) -> str:
    found = re.search(rf'href="([^"]*)"[^>]*>{re.escape(words)}</a>', page)
    return html.unescape(found[1]) if found else ""


def test_it_is_a_page_of_links_and_a_part_of_one(visitor: Visitor, filled: Member) -> None:
    key = row_key(visitor, filled, 60)
    page = visitor.get(f"{filled.logs}?q=%22row%2060%22&{WINDOW}&row={key}&as=context").text
    near = [f"row {at}" for at in range(60 - 2 * FEW_ROWS, 61 + 2 * FEW_ROWS, 2)]
    assert around(page) == near
    more = visitor.get(link(page, "More before") + f"&{WINDOW}").text
    assert around(more)[0] == "row 0"
    assert "Nothing more before" in more
    everything = visitor.get(link(page, "all") + f"&{WINDOW}").text
    assert around(everything) == [f"row {at}" for at in range(60 - FEW_ROWS, 61 + FEW_ROWS)]
    part = visitor.part(f"{filled.logs}/row/{key}?{WINDOW}&as=context&span=1s&of=all").text
    assert around(part) == ["row 59", "row 60", "row 61"]


@pytest.mark.parametrize(
    "asked", ["span=9y", "of=nothing", "earlier=-1", "later=999999999", "earlier=%C2%B2", "span=&of=&earlier=&later="]
)
def test_what_is_not_known_is_as_usual(visitor: Visitor, filled: Member, asked: str) -> None:
    key = row_key(visitor, filled, 60)
    shown = around(visitor.part(f"{filled.logs}/row/{key}?{WINDOW}&as=context&{asked}").text)
    assert "row 60" in shown
    assert 2 * FEW_ROWS < len(shown) <= 2 * MOST_ROWS + 1
