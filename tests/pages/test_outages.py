"""A server that is away: said where it matters, with what else there is still shown."""

from __future__ import annotations

import dataclasses
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client
from flask import Flask

from tests.pages.conftest import Member, Visitor, make_member
from tests.support.logs import HOUR_NS, NOON_NS, Log, insert
from webapp import create_app
from webapp.settings import Settings

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"


@pytest.fixture
def storeless(settings: Settings, migrated_sqlite: Path) -> Iterator[Flask]:
    """The application while ClickHouse does not answer."""
    from webapp.extensions import db

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]  # nobody listens here once it is closed
    away = f"clickhouse://app:secret@127.0.0.1:{port}/logs"
    shutil.copy(migrated_sqlite, settings.data_dir / "hedgerow.sqlite3")
    app = create_app(dataclasses.replace(settings, clickhouse_url=away, clickhouse_reader_url=away))
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def member(storeless: Flask) -> Member:
    return make_member("ada")


@pytest.fixture
def waiting(storeless: Flask, member: Member) -> Visitor:
    """Ada, signed in while ClickHouse is away."""
    visitor = Visitor(storeless)
    assert visitor.sign_in(member).status_code == 302
    return visitor


def test_without_clickhouse_the_services_say_so_and_the_settings_are_all_there(
    waiting: Visitor, member: Member
) -> None:
    page = waiting.get(f"/p/{member.slug}/services?name=web")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert 'name="name" type="text" value="web"' in page.text
    assert "ClickHouse (CLICKHOUSE_READER_URL) does not answer." in page.text
    for section in ("tokens", "members", "project", "audit"):
        assert waiting.get(f"/p/{member.slug}/settings/{section}").status_code == 200


def test_without_clickhouse_the_page_has_its_bar_and_says_what_is_away(waiting: Visitor, member: Member) -> None:
    page = waiting.get(f"{member.logs}?q=timeout&t=now-4h..now")
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert 'name="q" type="text" value="timeout"' in page.text
    assert "ClickHouse (CLICKHOUSE_READER_URL) does not answer." in page.text
    assert f"Request {page.headers['X-Request-Id']}" in page.text
    assert "secret" not in page.text


def test_without_clickhouse_the_start_still_leads_to_a_page(waiting: Visitor, member: Member) -> None:
    assert waiting.get("/").location == member.logs


@pytest.mark.parametrize("path", ["/summary", "/rows", "/row/1.00000000000000000000000000000000", "/hints", "/panel"])
def test_without_clickhouse_each_part_says_so_in_its_own_place(waiting: Visitor, member: Member, path: str) -> None:
    part = waiting.part(f"{member.logs}{path}?q=timeout&{WINDOW}")
    assert "does not answer" in part.text
    assert "HX-Retarget" not in part.headers
    assert "secret" not in part.text


def test_what_failed_can_be_asked_for_again(waiting: Visitor, member: Member) -> None:
    for path in ("/summary", "/rows", "/panel"):
        address = f"{member.logs}{path}?q=timeout&{WINDOW}"
        again = waiting.part(address).text
        assert "Try again" in again
        assert f'hx-get="{address.replace("&", "&amp;")}"' in again


def test_a_chart_that_fails_leaves_the_rows_alone(
    visitor: Visitor, ada: Member, app: Flask, settings: Settings
) -> None:
    insert(app.extensions["hedgerow_store"], [Log(project_id=ada.project_id, body="still here")])
    page = visitor.get(f"{ada.logs}?{WINDOW}")
    assert ">still here</span>" in page.text
    with Client.from_url(settings.clickhouse_url) as admin:
        admin.execute("RENAME TABLE logs TO moved")
        failed = visitor.part(f"{ada.logs}/summary?{WINDOW}")
        admin.execute("RENAME TABLE moved TO logs")
    assert failed.status_code == 200  # or the part would not stand in its place
    assert failed.text.lstrip().startswith('<section class="chart" id="chart"')
    assert 'role="alert"' in failed.text
    assert "The tables for logs are missing from ClickHouse" in failed.text
    assert 'id="list"' not in failed.text
    assert "1</b> row" in visitor.part(f"{ada.logs}/summary?{WINDOW}").text


def test_without_the_sql_database_people_are_told(visitor: Visitor, ada: Member, settings: Settings) -> None:
    database = settings.data_dir / "hedgerow.sqlite3"
    from webapp.extensions import db

    db.session.remove()
    db.engine.dispose()
    for path in settings.data_dir.glob("hedgerow.sqlite3*"):
        path.unlink()
    database.mkdir()  # what cannot be opened as a file
    for response in (visitor.get(ada.logs), visitor.part(ada.logs)):
        assert response.status_code == 503
        assert "The SQL database does not answer." in response.text
        assert str(settings.data_dir) not in response.text
