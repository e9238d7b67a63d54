"""Pages: in order, each row once, at the same cost wherever they are."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, NOON_NS, Log, every, insert, next_uuid
from webapp.extensions import store
from webapp.language.tree import LEVEL, MESSAGE, And, Match, Operator
from webapp.queries.cursor import Cursor
from webapp.queries.query import Query
from webapp.queries.scope import END_OF_TIME_NS, Scope, TimeRange
from webapp.services import logs
from webapp.services.log_rows import LogRow

HOUR = TimeRange(NOON_NS, NOON_NS + HOUR_NS)


def pages(scope: Scope, *, limit: int, latest_first: bool = True) -> list[list[LogRow]]:
    """Return all pages of a search, following the cursors through their text form."""
    result = []
    after = None
    for _ in range(1000):  # a cursor that does not move must not keep the test for ever
        page = logs.search(scope, latest_first=latest_first, limit=limit, after=after)
        result.append(page.rows)
        assert page.has_more == (page.next_cursor is not None)
        if page.next_cursor is None:
            return result
        after = Cursor.decode(page.next_cursor.encode())
    raise AssertionError("a thousand pages and no end")


def bodies(rows: list[LogRow]) -> list[str]:
    return [row.body for row in rows]


def test_the_latest_rows_come_first(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=moment, body=str(index)) for index, moment in enumerate(every(1, 5))])
    assert bodies(logs.search(Scope(1, HOUR)).rows) == ["4", "3", "2", "1", "0"]
    assert bodies(logs.search(Scope(1, HOUR), latest_first=False).rows) == ["0", "1", "2", "3", "4"]


def test_a_row_has_everything_that_was_stored(app: Flask) -> None:
    uuid = next_uuid()
    insert(
        store,
        [
            Log(
                uuid=uuid,
                timestamp_ns=NOON_NS + 1,
                observed_timestamp_ns=NOON_NS + 2,
                trace_id="00112233445566778899aabbccddeeff",
                span_id="0011223344556677",
                trace_flags=1,
                severity_text="error",
                service_name="api",
                body="text",
                attributes={"k": "v"},
                resource_attributes={"r": "w"},
                resource_fingerprint=2**64 - 1,
                scope_name="scope",
                scope_version="1",
                event_name="event",
            )
        ],
    )
    expected = LogRow(
        uuid=uuid,
        timestamp_ns=NOON_NS + 1,
        observed_timestamp_ns=NOON_NS + 2,
        body="text",
        severity_text="error",
        severity_number=17,
        service_name="api",
        trace_id="00112233445566778899AABBCCDDEEFF",
        span_id="0011223344556677",
        trace_flags=1,
        event_name="event",
        scope_name="scope",
        scope_version="1",
        resource_fingerprint=2**64 - 1,
        attributes={"k": "v"},
        resource_attributes={"r": "w"},
    )
    assert logs.search(Scope(1, HOUR)).rows == [expected]
    assert logs.find_row(1, NOON_NS + 1, uuid) == expected


def test_maps_are_left_out_if_nobody_asks(app: Flask) -> None:
    insert(store, [Log(attributes={"k": "v"}, resource_attributes={"r": "w"})])
    [row] = logs.search(Scope(1, HOUR), with_attributes=False).rows
    assert (row.attributes, row.resource_attributes) == ({}, {})


def test_bytes_that_are_no_text_are_shown_as_far_as_they_are(app: Flask) -> None:
    insert(store, [Log(body=b"caf\xe9", attributes={"k": b"\xff"})])  # type: ignore[arg-type, dict-item]
    [row] = logs.search(Scope(1, HOUR)).rows
    assert (row.body, row.attributes) == ("caf\ufffd", {"k": "\ufffd"})


@pytest.mark.parametrize(("end_inclusive", "found"), [(False, ["start"]), (True, ["end", "start"])])
def test_the_end_belongs_to_the_range_if_it_says_so(app: Flask, end_inclusive: bool, found: list[str]) -> None:
    moments = {"before": NOON_NS - 1, "start": NOON_NS, "end": NOON_NS + 5, "after": NOON_NS + 6}
    insert(store, [Log(timestamp_ns=moment, body=name) for name, moment in moments.items()])
    time = TimeRange(NOON_NS, NOON_NS + 5, end_inclusive)
    assert bodies(logs.search(Scope(1, time)).rows) == found
    assert logs.count(Scope(1, time)).count == len(found)


@pytest.mark.parametrize("latest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
def test_paging_visits_every_row_once_in_order(app: Flask, latest_first: bool, limit: int) -> None:
    stored = [Log(timestamp_ns=moment) for moment in every(HOUR_NS * 30, 5) for _ in range(10)]
    insert(store, stored)
    time = TimeRange(NOON_NS - DAY_NS, NOON_NS + 9 * DAY_NS)
    blocks = pages(Scope(1, time), limit=limit, latest_first=latest_first)
    visited = [row for block in blocks for row in block]
    assert all(len(block) == limit for block in blocks[:-1])
    assert sorted(row.uuid.int for row in visited) == sorted(row.uuid.int for row in stored)
    moments = [row.timestamp_ns for row in visited]
    assert moments == sorted(moments, reverse=latest_first)


def test_rows_of_one_moment_have_one_order_both_ways(app: Flask) -> None:
    """ClickHouse compares the second half of a uuid first, so Python's order must play no part."""
    uuids = [UUID(int=value << 64 | other) for value, other in ((1, 9), (2, 8), (3, 7), (4, 6), (5, 5))]
    insert(store, [Log(uuid=uuid) for uuid in uuids])
    down = [row.uuid for block in pages(Scope(1, HOUR), limit=2) for row in block]
    up = [row.uuid for block in pages(Scope(1, HOUR), limit=2, latest_first=False) for row in block]
    assert up == down[::-1]
    assert sorted(up) == uuids


def test_rows_that_arrive_while_paging_do_not_disturb_it(app: Flask) -> None:
    old = [Log(timestamp_ns=moment) for moment in every(MINUTE_NS, 50)]
    insert(store, old)
    scope = Scope(1, TimeRange(NOON_NS, NOON_NS + DAY_NS))
    visited: list[UUID] = []
    after = None
    for arrival in range(20):
        page = logs.search(scope, limit=7, after=after)
        visited += [row.uuid for row in page.rows]
        after = page.next_cursor
        if after is None:
            break
        insert(store, [Log(timestamp_ns=NOON_NS + HOUR_NS + arrival), Log(timestamp_ns=after.timestamp_ns)])
    assert after is None
    assert len(visited) == len(set(visited))
    assert {row.uuid for row in old} <= set(visited)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    offsets=st.lists(st.integers(0, 3) | st.integers(0, 20 * DAY_NS - 1), min_size=1, max_size=25),
    limit=st.integers(1, 9),
    latest_first=st.booleans(),
)
def test_any_rows_are_paged_as_they_would_be_sorted(
    app: Flask, offsets: list[int], limit: int, latest_first: bool
) -> None:
    project_id = next_uuid().int % 1_000_000
    stored = [Log(project_id=project_id, timestamp_ns=NOON_NS + offset) for offset in offsets]
    insert(store, stored)
    scope = Scope(project_id, TimeRange(NOON_NS, NOON_NS + 20 * DAY_NS))
    visited = [row.uuid for block in pages(scope, limit=limit, latest_first=latest_first) for row in block]
    direction = "DESC" if latest_first else "ASC"
    sql = f"SELECT uuid FROM logs WHERE project_id = {project_id} ORDER BY timestamp {direction}, uuid {direction}"
    assert visited == [uuid for (uuid,) in store.read(Query("test", sql, {}, project_id)).rows]
    assert len(visited) == len(stored)


def test_a_full_page_of_the_last_hour_looks_no_further(app: Flask) -> None:
    recent = [Log(timestamp_ns=moment) for moment in every(1, 200, start_ns=NOON_NS)]
    insert(store, recent)
    for day in range(1, 8):
        insert(store, [Log(timestamp_ns=moment) for moment in every(1, 1000, start_ns=NOON_NS - day * DAY_NS)])
    week = TimeRange(NOON_NS - 7 * DAY_NS, NOON_NS + MINUTE_NS)
    page = logs.search(Scope(1, week), limit=100)
    assert len(page.rows) == 100
    assert page.stats.rows_read <= 400


def test_a_filter_without_rows_looks_everywhere_and_ends(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=moment) for moment in every(DAY_NS, 40, start_ns=NOON_NS - 40 * DAY_NS)])
    everything = TimeRange(0, END_OF_TIME_NS)
    page = logs.search(Scope(1, everything, Match(MESSAGE, Operator.CONTAINS, ("absent",))))
    assert (page.rows, page.has_more, page.next_cursor) == ([], False, None)
    assert len(logs.search(Scope(1, everything), limit=1000).rows) == 40


def test_stats_add_up_over_the_windows(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 20 * DAY_NS), Log()])
    page = logs.search(Scope(1, TimeRange(NOON_NS - 30 * DAY_NS, NOON_NS + 1)))
    assert len(page.rows) == 2
    assert page.stats.elapsed_ms > 0
    assert page.stats.rows_read >= 2
    assert page.stats.bytes_read > 0


def test_an_empty_range_has_no_rows(app: Flask) -> None:
    insert(store, [Log()])
    for time in (TimeRange(NOON_NS, NOON_NS), TimeRange(NOON_NS + 1, NOON_NS - 1)):
        assert logs.search(Scope(1, time)).rows == []
        assert logs.count(Scope(1, time)).count == 0


def test_a_cursor_outside_the_range_stays_within_it(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS + 1), Log(timestamp_ns=NOON_NS + HOUR_NS + 1)])
    later, earlier = Cursor(NOON_NS + DAY_NS, next_uuid()), Cursor(NOON_NS - DAY_NS, next_uuid())
    assert len(logs.search(Scope(1, HOUR), after=later).rows) == 1
    assert logs.search(Scope(1, HOUR), after=earlier).rows == []
    assert len(logs.search(Scope(1, HOUR), after=earlier, latest_first=False).rows) == 1


def test_has_logs_is_true_from_the_first_row(app: Flask) -> None:
    assert not logs.has_logs(1)
    insert(store, [Log()])
    assert logs.has_logs(1)
    assert not logs.has_logs(2)


def test_find_row_needs_the_very_row(app: Flask) -> None:
    log = Log(timestamp_ns=NOON_NS + 123_456_789)
    insert(store, [log, Log(timestamp_ns=log.timestamp_ns)])
    found = logs.find_row(1, log.timestamp_ns, log.uuid)
    assert found is not None
    assert found.uuid == log.uuid
    assert logs.find_row(1, log.timestamp_ns + 1, log.uuid) is None
    assert logs.find_row(1, log.timestamp_ns, next_uuid()) is None
    assert logs.find_row(2, log.timestamp_ns, log.uuid) is None


def test_filters_and_pages_work_together(app: Flask) -> None:
    levels = ("info", "error", "warn")
    insert(store, [Log(timestamp_ns=NOON_NS + index, severity_text=levels[index % 3]) for index in range(90)])
    where = And((Match(LEVEL, Operator.EQUALS, ("error", "warn")),))
    blocks = pages(Scope(1, HOUR, where), limit=13)
    assert [len(block) for block in blocks] == [13, 13, 13, 13, 8]
    assert {row.severity_text for block in blocks for row in block} == {"error", "warn"}
