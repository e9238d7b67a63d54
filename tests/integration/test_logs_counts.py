"""Counts and histograms: they agree with each other and with the rows, to the nanosecond."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.evaluate import evaluate
from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, Log, every, insert, next_uuid
from webapp.extensions import store
from webapp.language.tree import LEVEL, LEVELS, MESSAGE, SERVICE, And, Match, Node, Not, Operator, Or
from webapp.queries.scope import END_OF_TIME_NS, Scope, TimeRange
from webapp.services import logs
from webapp.services.log_sparkline import sparkline

HOUR = TimeRange(NOON_NS, NOON_NS + HOUR_NS)
ERRORS = Match(LEVEL, Operator.EQUALS, ("error", "fatal"))
API = Match(SERVICE, Operator.EQUALS, ("api",))
HELLO = Match(MESSAGE, Operator.CONTAINS, ("HELLO",))


def total(scope: Scope, **options: int) -> int:
    histogram = logs.histogram(scope, **options)
    assert sum(histogram.totals.values()) == sum(sum(bucket.counts.values()) for bucket in histogram.buckets)
    return sum(histogram.totals.values())


def test_rows_fall_into_their_buckets_by_level(app: Flask) -> None:
    insert(
        store,
        [
            Log(timestamp_ns=NOON_NS, severity_text="info"),
            Log(timestamp_ns=NOON_NS + 59 * SECOND_NS, severity_text="error"),
            Log(timestamp_ns=NOON_NS + MINUTE_NS - 1, severity_text="error"),
            Log(timestamp_ns=NOON_NS + MINUTE_NS, severity_text="info"),
        ],
    )
    histogram = logs.histogram(Scope(1, HOUR), max_buckets=60)
    assert (histogram.start_ns, histogram.interval_s, len(histogram.buckets)) == (NOON_NS, 60, 60)
    assert [bucket.counts for bucket in histogram.buckets[:3]] == [{"info": 1, "error": 2}, {"info": 1}, {}]
    assert histogram.totals == {"trace": 0, "debug": 0, "info": 2, "warn": 0, "error": 2, "fatal": 0}


def test_every_bucket_is_there_even_without_rows(app: Flask) -> None:
    histogram = logs.histogram(Scope(1, HOUR))
    assert len(histogram.buckets) == 60
    assert [bucket.start_ns for bucket in histogram.buckets] == list(every(MINUTE_NS, 60))
    assert sum(histogram.totals.values()) == 0


@pytest.mark.parametrize("where", [And(()), ERRORS, And((API, Not(ERRORS))), HELLO, Or((HELLO, ERRORS))])
@pytest.mark.parametrize(
    "time",
    [
        TimeRange(NOON_NS + 1, NOON_NS + 3 * HOUR_NS - 1),
        TimeRange(NOON_NS + 30 * SECOND_NS, NOON_NS + 2 * HOUR_NS + 30 * SECOND_NS, end_inclusive=True),
        TimeRange(NOON_NS, NOON_NS + 3 * HOUR_NS),
        TimeRange(NOON_NS + 7, NOON_NS + 90 * SECOND_NS),
        TimeRange(NOON_NS + 7, NOON_NS + 8),
        TimeRange(NOON_NS - 40 * DAY_NS, NOON_NS + 40 * DAY_NS),
    ],
)
def test_buckets_count_and_rows_agree(app: Flask, where: Node, time: TimeRange) -> None:
    stored = [
        Log(
            timestamp_ns=moment,
            severity_text=LEVELS[index % 6],
            service_name=("api", "web")[index % 2],
            body=("hello", "goodbye")[index % 3 == 0],
        )
        for index, moment in enumerate(every(30 * SECOND_NS, 400))
    ]
    insert(store, stored)
    scope = Scope(1, time, where)
    expected = sum(time.first_ns <= row.timestamp_ns < time.stop_ns and evaluate(where, row) for row in stored)
    assert len(logs.search(scope, limit=1000).rows) == expected
    assert logs.count(scope).count == expected
    assert total(scope) == expected


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    moments=st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([-1, 0, 1, SECOND_NS]), st.sampled_from(LEVELS)), max_size=20
    ),
    start=st.tuples(st.integers(0, 200), st.sampled_from([-1, 0, 1])),
    length_ns=st.integers(0, 200 * MINUTE_NS) | st.sampled_from([0, 1, MINUTE_NS - 1, MINUTE_NS, MINUTE_NS + 1]),
    end_inclusive=st.booleans(),
    where=st.sampled_from([And(()), ERRORS, Not(API), HELLO]),
    max_buckets=st.integers(2, 120),
)
def test_any_range_counts_the_same_every_way(
    app: Flask,
    moments: list[tuple[int, int, str]],
    start: tuple[int, int],
    length_ns: int,
    end_inclusive: bool,
    where: Node,
    max_buckets: int,
) -> None:
    project_id = next_uuid().int % 1_000_000
    stored = [
        Log(project_id=project_id, timestamp_ns=NOON_NS + minute * MINUTE_NS + offset, severity_text=level)
        for minute, offset, level in moments
    ]
    insert(store, stored)
    start_ns = NOON_NS + start[0] * MINUTE_NS + start[1]
    time = TimeRange(start_ns, start_ns + length_ns, end_inclusive)
    scope = Scope(project_id, time, where)
    matching = [row for row in stored if time.first_ns <= row.timestamp_ns < time.stop_ns and evaluate(where, row)]
    assert logs.count(scope).count == len(matching)
    histogram = logs.histogram(scope, max_buckets=max_buckets)
    assert len(histogram.buckets) <= max_buckets
    by_bucket = {bucket.start_ns: bucket.counts for bucket in histogram.buckets if bucket.counts}
    expected: dict[int, dict[str, int]] = {}
    step_ns = histogram.interval_s * SECOND_NS
    for row in matching:
        counts = expected.setdefault(row.timestamp_ns // step_ns * step_ns, {})
        counts[row.severity_text] = counts.get(row.severity_text, 0) + 1
    assert by_bucket == expected
    for breakdown in ("severity", "service"):
        points = sparkline(scope, breakdown=breakdown)
        assert sum(point.count for point in points) == len(matching)
        assert sum(point.size_bytes for point in points) == sum(len(row.body) for row in matching)
    assert len(logs.search(scope, limit=1000).rows) == len(matching)


def test_all_of_time_is_counted(app: Flask) -> None:
    moments = [0, 1, NOON_NS, NOON_NS + 50 * 365 * DAY_NS, END_OF_TIME_NS - 1]
    insert(store, [Log(timestamp_ns=moment) for moment in moments])
    for time in (TimeRange(0, END_OF_TIME_NS), TimeRange(-(10**30), 10**30, end_inclusive=True)):
        for where in (And(()), API):
            assert logs.count(Scope(1, time, where)).count == len(moments)
            assert total(Scope(1, time, where)) == len(moments)
        assert len(logs.search(Scope(1, time)).rows) == len(moments)


def test_a_level_that_others_have_written_is_counted_too(app: Flask) -> None:
    insert(store, [Log()])
    from tests.support.logs import columns

    block = columns([Log()])
    block["severity_text"] = ["notice"]
    store.insert("logs", block, "other")
    assert total(Scope(1, HOUR)) == logs.count(Scope(1, HOUR)).count == 2


def test_counts_say_what_they_cost(app: Flask) -> None:
    insert(store, [Log()])
    assert logs.count(Scope(1, HOUR, HELLO)).stats.rows_read == 1
    assert logs.histogram(Scope(1, HOUR, HELLO)).stats.elapsed_ms > 0
