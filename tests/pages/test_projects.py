"""Projects are closed to each other."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, NOON_NS, Log, insert
from webapp.pages.logs.rows import row_key
from webapp.queries.cursor import Cursor
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs
from webapp.services.accounts import create_user

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
PATHS = ["", "/rows", "/summary", "/hints", "/arrival", "/row/1.2"]


@pytest.fixture
def secret(app: Flask, bob: Member) -> logs.LogRow:
    """A row of Bob's project."""
    insert(app.extensions["hedgerow_store"], [Log(project_id=bob.project_id, body="what only Bob may read")])
    found = logs.search(Scope(bob.project_id, TimeRange(NOON_NS - HOUR_NS, NOON_NS + HOUR_NS))).rows
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("path", PATHS)
def test_somebody_elses_project_looks_like_one_that_does_not_exist(
    visitor: Visitor, bob: Member, secret: logs.LogRow, path: str
) -> None:
    theirs, nobodys = visitor.get(f"{bob.logs}{path}?{WINDOW}"), visitor.get(f"/p/nobodys/logs{path}?{WINDOW}")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    pages = [re.sub(r"Request \w+|nonce-\S+|[\w.-]{60,}", "", page.text) for page in (theirs, nobodys)]
    assert pages[0] == pages[1]
    assert "Bob" not in pages[0]


def test_the_row_of_another_project_is_not_found(visitor: Visitor, ada: Member, secret: logs.LogRow) -> None:
    key = row_key(secret)
    for page in (visitor.part(f"{ada.logs}/row/{key}"), visitor.get(f"{ada.logs}?row={key}&{WINDOW}")):
        assert "Not found" in page.text
        assert "only Bob" not in page.text


def test_a_cursor_of_another_project_shows_nothing_of_it(
    visitor: Visitor, ada: Member, secret: logs.LogRow, app: Flask
) -> None:
    mine = Log(project_id=ada.project_id, body="mine", timestamp_ns=NOON_NS - 1)
    insert(app.extensions["hedgerow_store"], [mine])
    for moment_ns in (secret.timestamp_ns, secret.timestamp_ns + 1):
        cursor = Cursor(moment_ns, secret.uuid).encode()
        for address in (f"{ada.logs}/rows?{WINDOW}&after={cursor}", f"{ada.logs}?{WINDOW}&after={cursor}"):
            page = visitor.get(address)
            assert "only Bob" not in page.text
            assert ">mine</span>" in page.text


def test_the_menu_lists_only_ones_own_projects(visitor: Visitor, ada: Member, bob: Member) -> None:
    page = visitor.get(ada.logs).text
    assert ada.slug in page
    assert bob.slug not in page


def test_the_start_leads_to_the_project_that_was_open_last(visitor: Visitor, ada: Member, app: Flask) -> None:
    from webapp.services.projects import create_project

    second = create_project("Second", ada.user)
    assert visitor.get("/").location == ada.logs
    visitor.get(f"/p/{second.slug}/logs")
    assert visitor.get("/").location == f"/p/{second.slug}/logs"


def test_somebody_without_a_project_is_told_what_to_do(stranger: Visitor) -> None:
    loner = create_user("eve@example.org", "Eve", [])
    stranger.sign_in(Member(loner, 0, ""))
    page = stranger.get("/")
    assert page.status_code == 404
    assert "Ask an admin to add you to one." in page.text
