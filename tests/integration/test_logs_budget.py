"""Questions whose time is over before all is read: they say so, show what they have, and searches go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.support.logs import DAY_NS, HOUR_NS, NOON_NS, Log, every, insert, next_uuid
from tests.support.slow import endless_before
from webapp import create_app
from webapp.errors import QueryTimeout
from webapp.extensions import db, store
from webapp.language.tree import MESSAGE, Match, Operator, attribute
from webapp.models import RollupProgress
from webapp.queries.cursor import Cursor
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_values, logs
from webapp.services.attribute_counts import count_arrivals
from webapp.services.log_facets import find_facets
from webapp.services.log_values import Asked, Values, find_values
from webapp.services.logs import LogPage
from webapp.settings import Settings

MONTH = TimeRange(NOON_NS - 30 * DAY_NS, NOON_NS)
ABSENT = Match(MESSAGE, Operator.CONTAINS, ("absent",))


@pytest.fixture
def hurried(settings: Settings, app: Flask) -> Iterator[Flask]:
    """The application of an instance whose searches look at one window and no further."""
    hurried = create_app(replace(settings, search_budget_s=0))
    with hurried.app_context():
        yield hurried
        store.close()


def pages(scope: Scope, *, limit: int, latest_first: bool) -> list[LogPage]:
    """Return all pages, following the cursors through their text form."""
    found = [logs.search(scope, limit=limit, latest_first=latest_first)]
    while (cursor := found[-1].next_cursor) is not None:
        assert found[-1].has_more
        assert len(found) < 2000
        after = Cursor.decode(cursor.encode())
        found.append(logs.search(scope, limit=limit, latest_first=latest_first, after=after))
    assert not found[-1].has_more
    return found


@pytest.mark.parametrize("latest_first", [True, False])
def test_pages_that_end_early_go_on_where_they_ended(hurried: Flask, latest_first: bool) -> None:
    stored = [Log(timestamp_ns=moment) for moment in every(7 * HOUR_NS // 2, 20, start_ns=NOON_NS - 3 * DAY_NS)]
    edges = [Log(timestamp_ns=NOON_NS - hour * HOUR_NS - early) for hour in range(1, 4) for early in (0, 1)]
    insert(store, [*stored, *edges])
    scope = Scope(1, TimeRange(NOON_NS - 4 * DAY_NS, NOON_NS))
    found = pages(scope, limit=3, latest_first=latest_first)
    assert sum(not page.rows for page in found) > 10
    rows = [row for page in found for row in page.rows]
    assert sorted(row.uuid.int for row in rows) == sorted(row.uuid.int for row in [*stored, *edges])
    moments = [row.timestamp_ns for row in rows]
    assert moments == sorted(moments, reverse=latest_first)


@pytest.mark.parametrize("latest_first", [True, False])
def test_a_page_without_any_row_says_how_far_it_came(hurried: Flask, latest_first: bool) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 2 * DAY_NS)])
    page = logs.search(Scope(1, MONTH, ABSENT), latest_first=latest_first)
    assert (page.rows, page.has_more) == ([], True)
    assert page.searched_to_ns == (NOON_NS - HOUR_NS if latest_first else MONTH.start_ns + HOUR_NS)


def test_a_page_that_is_full_says_nothing_of_the_time(hurried: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 5), Log(timestamp_ns=NOON_NS - 6)])
    page = logs.search(Scope(1, MONTH), limit=1)
    assert (page.has_more, page.searched_to_ns) == (True, None)


def test_a_search_that_is_through_in_one_window_has_no_more(hurried: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 5)])
    page = logs.search(Scope(1, TimeRange(NOON_NS - 2 * HOUR_NS, NOON_NS)))
    assert (len(page.rows), page.has_more, page.next_cursor, page.searched_to_ns) == (1, False, None, None)


def test_a_search_with_time_looks_at_everything(app: Flask) -> None:
    page = logs.search(Scope(1, MONTH, ABSENT))
    assert (page.has_more, page.next_cursor, page.searched_to_ns) == (False, None, None)


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    offsets=st.lists(st.integers(0, 12 * HOUR_NS - 1) | st.integers(0, 11).map(lambda h: h * HOUR_NS), max_size=12),
    limit=st.integers(1, 4),
    latest_first=st.booleans(),
)
def test_any_rows_are_paged_once_whatever_the_time(
    hurried: Flask, offsets: list[int], limit: int, latest_first: bool
) -> None:
    project_id = next_uuid().int % 1_000_000
    stored = [Log(project_id=project_id, timestamp_ns=NOON_NS + offset) for offset in offsets]
    insert(store, stored)
    scope = Scope(project_id, TimeRange(NOON_NS, NOON_NS + 12 * HOUR_NS))
    visited: list[UUID] = [
        row.uuid for page in pages(scope, limit=limit, latest_first=latest_first) for row in page.rows
    ]
    assert len(visited) == len(set(visited)) == len(stored)
    assert set(visited) == {row.uuid for row in stored}


def test_a_window_that_takes_too_long_ends_the_page_before_it(settings: Settings, app: Flask) -> None:
    """The rows of the last hour are there; those before take longer than a search may."""
    insert(store, [Log(timestamp_ns=NOON_NS - 5), Log(timestamp_ns=NOON_NS - 5 * HOUR_NS)])
    with endless_before(settings, NOON_NS - HOUR_NS) as slow:
        tight = create_app(replace(slow, search_budget_s=2, query_timeout_s=2))
        with tight.app_context():
            page = logs.search(Scope(1, MONTH), limit=10)
            assert (len(page.rows), page.has_more) == (1, True)
            assert page.searched_to_ns is not None
            assert NOON_NS - 5 * HOUR_NS < page.searched_to_ns <= NOON_NS - HOUR_NS
            with pytest.raises(QueryTimeout):
                logs.search(Scope(1, TimeRange(NOON_NS - 6 * HOUR_NS, NOON_NS - 4 * HOUR_NS)), limit=10)
            store.close()


def test_facets_of_what_takes_too_long_are_those_of_a_part_of_the_time(settings: Settings, app: Flask) -> None:
    """A part of each hour is read; what has no end lies before it in the first."""
    hours = TimeRange(NOON_NS - 16 * HOUR_NS, NOON_NS)
    middles = every(HOUR_NS, 16, start_ns=hours.start_ns + HOUR_NS // 2)
    rows = [Log(timestamp_ns=moment, attributes={"tier": "pro"}) for moment in middles]
    insert(store, [*rows, Log(timestamp_ns=hours.start_ns, attributes={"tier": "pro"})])
    [whole] = find_facets(Scope(1, hours), [attribute("tier")])
    assert (whole.values, whole.approximate) == ([("pro", 17)], False)
    with endless_before(settings, hours.start_ns + 1) as slow:
        tight = create_app(replace(slow, search_budget_s=4, query_timeout_s=4))
        with tight.app_context():
            [facet] = find_facets(Scope(1, hours), [attribute("tier")])
            assert (facet.values, facet.approximate) == ([("pro", 16 * 16)], True)
            store.close()


def test_values_that_only_the_rows_have_are_looked_for_as_long_as_there_is_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_values, "BUDGET_S", 0)
    old, new = "0" * 32, "1" * 32
    for moment, value in ((NOON_NS - 1, new), (NOON_NS - 2 * HOUR_NS - 1, old)):
        insert(store, [Log(timestamp_ns=moment, attributes={"id": value})])
    scope = Scope(1, TimeRange(NOON_NS - 24 * HOUR_NS, NOON_NS))
    for text, values in (("11", [(new, 1)]), ("00", []), (old, [(old, 1)])):  # a whole one has an index
        found = find_values(scope, Asked("log", "id", text))
        assert (found.values, found.approximate) == (values, True)
    monkeypatch.undo()
    found = find_values(scope, Asked("log", "id", "00"))
    assert (found.values, found.approximate) == ([(old, 1)], False)


def test_counts_are_not_vouched_for_while_a_step_of_the_counting_is_under_way(app: Flask) -> None:
    insert(store, [Log(attributes={"a": "x"})])
    count_arrivals(60)
    scope = Scope(1, TimeRange(NOON_NS, NOON_NS + HOUR_NS))
    assert find_values(scope, Asked("log", "a")) == Values([("x", 1)], approximate=False)
    db.session.execute(update(RollupProgress).values(planned_until_ns=NOON_NS + 1))
    db.session.commit()
    assert find_values(scope, Asked("log", "a")).approximate
