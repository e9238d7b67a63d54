"""Pages of rows that are too large to be held in memory together: shorter ones, and each row on one of them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.logs import NOON_NS, SECOND_NS, Log, every, insert
from webapp.errors import QueryTooLarge
from webapp.extensions import store
from webapp.queries.cursor import Cursor
from webapp.queries.query import Query
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_pages, log_tail, logs
from webapp.services.log_pages import read_page

SCOPE = Scope(1, TimeRange(NOON_NS - SECOND_NS, NOON_NS + 60 * SECOND_NS))


@pytest.fixture
def rows(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Log]:
    """Thirty logs, ten of them at once, one of which alone is larger than a page may be."""
    monkeypatch.setattr(log_pages, "PAGE_BYTES", 20_000)
    moments = [*every(SECOND_NS, 20), *[NOON_NS + 30 * SECOND_NS] * 10]
    stored = [Log(timestamp_ns=at, observed_timestamp_ns=at, body="x" * 4_000) for at in moments]
    stored[7] = Log(timestamp_ns=moments[7], observed_timestamp_ns=moments[7], body="x" * 50_000)
    insert(store, stored)
    return stored


@pytest.mark.parametrize("latest_first", [True, False])
def test_pages_are_shorter_and_have_every_row_once(rows: list[Log], latest_first: bool) -> None:
    sizes: list[int] = []
    uuids, after = [], None
    while len(sizes) < 100:
        page = logs.search(SCOPE, latest_first=latest_first, limit=30, after=after)
        sizes.append(len(page.rows))
        uuids += [row.uuid for row in page.rows]
        assert page.has_more == (page.next_cursor is not None)
        if page.next_cursor is None:
            break
        after = Cursor.decode(page.next_cursor.encode())
    assert len(uuids) == len(rows)
    assert set(uuids) == {row.uuid for row in rows}
    assert 1 in sizes
    assert 3 <= max(sizes) <= 4  # four are left for the last


def test_a_tail_has_every_row_once(rows: list[Log]) -> None:
    uuids, after, turns = [], None, 0
    while turns < 100:
        page = log_tail.tail(SCOPE, since_ns=NOON_NS, limit=30, after=after)
        turns += 1
        uuids += [row.uuid for row in page.rows]
        if page.next_cursor is None:
            break
        after = Cursor.decode(page.next_cursor.encode())
    assert turns > 5
    assert len(uuids) == len(rows)
    assert set(uuids) == {row.uuid for row in rows}


def test_rows_that_fit_come_on_one_page(rows: list[Log], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert len(logs.search(SCOPE, limit=30).rows) == 30


def test_one_row_that_is_too_large_even_for_clickhouse_is_an_error(app: Flask) -> None:
    greedy = Query("test", "SELECT repeat('x', 1000 - number) FROM numbers(9)", {}, 1, {"max_result_bytes": 1000})

    def read(limit: int, is_limited: bool) -> int:
        asked.append((limit, is_limited))
        return len(store.read(greedy).rows)

    asked: list[tuple[int, bool]] = []
    with pytest.raises(QueryTooLarge):
        read_page(read, 100)
    assert asked == [(100, True), (12, True), (1, False)]
