"""The rows of a search as files: exact, in order, safe in a spreadsheet, never more than a page in memory."""

from __future__ import annotations

import csv
import gc
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.pages.conftest import Member, Visitor
from tests.pages.test_outages import WINDOW, member, storeless, waiting
from tests.support.logs import NOON_NS, Log, insert
from webapp.language.parse import parse
from webapp.language.tree import Field
from webapp.models import Role
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_download, log_files, log_pages, members
from webapp.services.actors import operator
from webapp.services.log_download import Download, size_of, take_turn
from webapp.services.log_files import Csv, neutralise
from webapp.services.log_json import row_as_json
from webapp.services.log_rows import LogRow
from webapp.services.logs import search
from webapp.store.asker import Asker, set_asker

__all__ = ["member", "storeless", "waiting"]  # fixtures

LARGE = "x" * 1_000_000
AWKWARD = [
    'a "quoted", text; with\r\nlines\nand\ttabs\r',
    "nul \0 in it",
    "emoji 👩‍🚒 \u202e rtl",
    '=HYPERLINK("http://evil.example","x")',
    "",
    LARGE,
]
MAPS = {"user.name": 'Ada "the first"', "=1+1": "@SUM(A1)", "balance": "-12.50"}


@pytest.fixture
def filled(app: Flask, ada: Member) -> Member:
    """Ada with awkward rows, a nanosecond apart."""
    logs = [
        Log(
            project_id=ada.project_id,
            timestamp_ns=NOON_NS + 123_456_700 + at,
            body=body,
            severity_text="error" if at == 0 else "info",
            trace_id="ab" * 16 if at == 0 else "0" * 32,
            attributes=MAPS,
            resource_attributes={"host.name": "web-1"},
            resource_fingerprint=2**64 - 1,
            scope_name="shop",
            scope_version="1.2",
            event_name="order.placed",
        )
        for at, body in enumerate(AWKWARD)
    ]
    insert(app.extensions["hedgerow_store"], logs)
    return ada


def get(visitor: Visitor, path: str) -> TestResponse:
    """Take all of a file."""
    return visitor.get(path, buffered=True)


@pytest.fixture
def large_cells() -> Iterator[None]:
    before = csv.field_size_limit(2**31 - 1)
    yield
    csv.field_size_limit(before)


def table(response: TestResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.data.decode(), newline="")))


@pytest.mark.usefixtures("large_cells")
def test_a_table_is_read_back_as_it_was_logged(visitor: Visitor, filled: Member) -> None:
    response = get(visitor, f"{filled.logs}.csv?sort=asc&raw=1&{WINDOW}")
    head, *rows = table(response)
    assert head == [
        "timestamp",
        "level",
        "service",
        "message",
        "trace_id",
        "span_id",
        "event",
        "attributes",
        "resource_attributes",
    ]
    assert [row[3] for row in rows] == AWKWARD
    assert rows[0][:3] == ["2026-09-27T12:00:00.123456700Z", "error", "api"]
    assert [row[4] for row in rows[:2]] == ["ab" * 16, ""]
    assert json.loads(rows[0][7]) == MAPS
    assert json.loads(rows[0][8]) == {"host.name": "web-1"}
    assert response.data.startswith(b"timestamp,level,service,")
    assert response.data.endswith(b"\r\n")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Row-Limit"] == "100000"
    name = f"logs-{filled.slug}-20260927T110000Z-to-20260927T130000Z.csv"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.usefixtures("large_cells")
def test_a_table_has_the_columns_of_the_list_and_no_formula(visitor: Visitor, filled: Member) -> None:
    columns = quote('"=1+1":30,balance,resource.host.name,nothing')
    head, *rows = table(get(visitor, f"{filled.logs}.csv?cols={columns}&{WINDOW}"))
    assert head == ["timestamp", "level", '"=1+1"', "balance", "resource.host.name", "nothing", "message"]
    assert [row[6] for row in rows] == [neutralise(body) for body in reversed(AWKWARD)]
    assert rows[2][6] == "'" + AWKWARD[3]
    assert rows[0][2:6] == ["'@SUM(A1)", "-12.50", "web-1", ""]
    assert table(get(visitor, f"{filled.logs}.csv?cols=-&q=emoji&{WINDOW}"))[0] == ["timestamp", "level", "message"]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\0=1", "＝1+1", "\ufeff=1", "-x", "+"]
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(cell: str) -> None:
    assert neutralise(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-12", "+1.5", "-1e-3", "a=b", "1-2", "'=1", "(x)", '"=1"', "–"])
def test_every_other_cell_stays_as_it_is(cell: str) -> None:
    assert neutralise(cell) == cell


EMPTY = LogRow(
    uuid=UUID(int=1),
    timestamp_ns=0,
    observed_timestamp_ns=0,
    body="",
    severity_text="info",
    severity_number=9,
    service_name="",
    trace_id="0" * 32,
    span_id="0" * 16,
    trace_flags=0,
    event_name="",
    scope_name="",
    scope_version="",
    resource_fingerprint=0,
)
cells = st.text(st.sampled_from([*",;\"'\r\n\t\0 =+-@ab", "🚀", "\u2028", "\x85"]) | st.characters(codec="utf-8"))


@given(cells, cells)
def test_any_text_comes_back_from_a_table(body: str, service: str) -> None:
    form = Csv(parse_fields("service"), raw=True)
    written = form.head() + form.row(replace(EMPTY, body=body, service_name=service))
    _, row = csv.reader(io.StringIO(written.decode(), newline=""))
    assert row[2:] == [service, body]


def parse_fields(*keys: str) -> list[Field]:
    return [parse(f"{key}:*").field for key in keys]  # type: ignore[union-attr]


def test_lines_have_everything_that_the_api_has_of_a_row_to_the_nanosecond(visitor: Visitor, filled: Member) -> None:
    response = get(visitor, f"{filled.logs}.jsonl?sort=asc&{WINDOW}")
    assert response.mimetype == "application/x-ndjson"
    lines = [json.loads(line) for line in response.data.decode().split("\n")[:-1]]
    rows = search(Scope(filled.project_id, TimeRange(NOON_NS, NOON_NS + 10**9)), latest_first=False).rows
    assert [line["body"] for line in lines] == AWKWARD
    for line, row in zip(lines, rows, strict=True):
        shape = row_as_json(row)
        del shape["live_logs_checkpoint"]
        assert list(line) == list(shape)
        assert line | {"timestamp": "", "observed_timestamp": ""} == shape | {"timestamp": "", "observed_timestamp": ""}
    assert lines[1]["timestamp"] == "2026-09-27T12:00:00.123456701Z"
    assert lines[0]["resource_fingerprint"] == str(2**64 - 1)


def test_one_document_says_what_was_asked_and_whether_there_is_more(
    visitor: Visitor, filled: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    search_text = quote("order OR emoji OR nul")
    whole = get(visitor, f"{filled.logs}.json?q={search_text}&{WINDOW}")
    document = json.loads(whole.data)
    assert [row["body"] for row in document["results"]] == [AWKWARD[2], AWKWARD[1]]
    assert document["hasMore"] is False
    assert document["query"] == {
        "q": "order OR emoji OR nul",
        "dateRange": {"date_from": "2026-09-27T11:00:00.000000000Z", "date_to": "2026-09-27T13:00:00.000000000Z"},
        "orderBy": "latest",
        "limit": 100_000,
    }
    monkeypatch.setattr(log_download, "MOST_ROWS", 1)
    cut = json.loads(get(visitor, f"{filled.logs}.json?q={search_text}&{WINDOW}").data)
    assert (len(cut["results"]), cut["hasMore"]) == (1, True)
    nothing = get(visitor, f"{filled.logs}.json?q=nosuchword&{WINDOW}")
    assert json.loads(nothing.data)["results"] == []
    assert get(visitor, f"{filled.logs}.jsonl?q=nosuchword&{WINDOW}").data == b""


def test_a_search_or_time_that_cannot_be_read_is_said_as_the_file_would_be_read(
    visitor: Visitor, filled: Member
) -> None:
    for kind in ("json", "jsonl"):
        response = get(visitor, f"{filled.logs}.{kind}?q=%22open")
        assert (response.status_code, response.get_json()["attr"]) == (422, "q")
    for address, sentence in (("q=%22open", "quote"), ("t=whenever", "not a time range")):
        response = get(visitor, f"{filled.logs}.csv?{address}")
        assert (response.status_code, response.mimetype) == (422, "text/plain")
        assert sentence in response.text
        assert "Content-Disposition" not in response.headers


def test_who_may_look_may_download_and_nobody_else(app: Flask, filled: Member, bob: Member, stranger: Visitor) -> None:
    assert stranger.get(f"{filled.logs}.csv").location == "/login"
    stranger.sign_in(bob)
    assert stranger.get(f"{filled.logs}.csv").status_code == 404
    members.add_member(filled.project_id, bob.user, Role.VIEWER, operator())
    assert get(stranger, f"{filled.logs}.csv?q=emoji&{WINDOW}").status_code == 200


def test_a_few_at_once_and_the_next_one_is_told_to_wait(visitor: Visitor, filled: Member) -> None:
    ends = [take_turn(filled.project_id) for _ in range(log_download.OF_A_PROJECT)]
    refused = get(visitor, f"{filled.logs}.csv?{WINDOW}")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
    assert "2 downloads of this project are under way" in refused.text
    others = [take_turn(10**6 + at) for at in range(log_download.OF_ALL - len(ends))]
    assert get(visitor, f"{filled.logs}.json?{WINDOW}").status_code == 429
    ends[0]()
    ends[0]()
    assert get(visitor, f"{filled.logs}.jsonl?{WINDOW}").status_code == 200
    take_turn(10**7)
    assert get(visitor, f"{filled.logs}.json?{WINDOW}").status_code == 503
    others[0]()
    for _again in range(3):  # whatever becomes of it, a file gives back its turn
        assert get(visitor, f"{filled.logs}.csv?q=nosuchword&{WINDOW}").status_code == 200
        assert visitor.client.head(f"{filled.logs}.csv?{WINDOW}", buffered=True).status_code == 200


def test_without_clickhouse_it_is_said_and_no_turn_is_lost(waiting: Visitor, member: Member) -> None:
    for _again in range(3):
        response = get(waiting, f"{member.logs}.csv?{WINDOW}")
        assert (response.status_code, response.mimetype) == (503, "text/plain")
        assert "does not answer" in response.text
    assert get(waiting, f"{member.logs}.json?{WINDOW}").get_json()["code"] == "unavailable"


ROWS = 8_000


def test_rows_are_read_as_they_are_taken_and_no_more_than_two_pages_are_held(app: Flask) -> None:
    stored = [Log(project_id=7, timestamp_ns=NOON_NS + at, body=f"row {at}") for at in range(ROWS)]
    insert(app.extensions["hedgerow_store"], stored)
    asker = Asker()
    set_asker(asker)
    file = log_files.pieces(
        log_files.JsonLines(), Download(Scope(7, TimeRange(NOON_NS, NOON_NS + 10**9)), latest_first=False)
    )
    taken, held, asked = next(file).count(b"\n"), 0, 0
    assert taken == asker.queries * log_download.FIRST_ROWS
    del stored
    for piece in file:
        taken += piece.count(b"\n")
        if asker.queries != asked:
            held, asked = max(held, sum(isinstance(one, LogRow) for one in gc.get_objects())), asker.queries
        assert asker.queries <= taken / log_download.PAGE_ROWS + 7  # the pages have grown to their size by then
    set_asker(None)
    assert taken == ROWS
    assert log_download.PAGE_ROWS <= held <= 2 * log_download.PAGE_ROWS + 1


def test_large_rows_do_not_make_every_page_fail_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_pages, "PAGE_BYTES", 40_000)
    insert(app.extensions["hedgerow_store"], [Log(project_id=7, body="x" * 4_000) for _ in range(120)])
    asker = Asker()
    set_asker(asker)
    sizes = [len(rows) for rows in Download(Scope(7, TimeRange(NOON_NS, NOON_NS + 1)), latest_first=True).pages()]
    set_asker(None)
    assert sum(sizes) == 120
    assert max(sizes) < 10
    assert asker.queries <= 3 * len(sizes)


def test_the_size_of_a_search_is_that_of_its_rows(app: Flask, filled: Member) -> None:
    scope = Scope(filled.project_id, TimeRange(NOON_NS - 10**12, NOON_NS + 10**12))
    texts = sum(len(body.encode()) for body in AWKWARD)
    maps = sum(len(key) + len(value) for key, value in {**MAPS, "host.name": "web-1"}.items())
    assert size_of(scope) == log_download.Size(len(AWKWARD), texts + len(AWKWARD) * maps)
    assert size_of(replace(scope, where=parse("nosuchword"))) == log_download.Size(0, 0)
