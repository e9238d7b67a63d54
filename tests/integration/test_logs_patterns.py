"""Patterns of more rows than are read: estimates that are near, and marked as such."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clickhouse_driver import Client
from flask import Flask

from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, Log, every, insert
from tests.support.slow import endless_before, slow_bodies
from webapp import create_app
from webapp.errors import QueryTimeout
from webapp.extensions import store
from webapp.language.tree import LEVEL, MESSAGE, And, Match, Operator
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_patterns
from webapp.services.log_patterns import Patterns, find_patterns
from webapp.services.log_sample import take_sample
from webapp.settings import Settings

HOUR = Scope(1, TimeRange(NOON_NS, NOON_NS + HOUR_NS))
# Three kinds of lines in 40,000 rows of an hour: one in the first ten minutes alone, and then one in twenty another.
FILL = f"""
INSERT INTO logs (project_id, timestamp, observed_timestamp, uuid, severity_text, service_name, body, expires_on)
SELECT 1, fromUnixTimestamp64Nano({NOON_NS} + toInt64(number) * {HOUR_NS // 40_000}, 'UTC') AS time, time,
  toUUID(leftPad(hex(number), 32, '0')), if(number % 20 = 0, 'error', 'info'), 'api',
  multiIf(number < 6667, concat('booting step ', toString(number)), number % 20 = 0,
    concat('cannot reach host ', toString(number)), concat('served request ', toString(number))), '2100-01-01'
FROM numbers(40000)
"""


@pytest.fixture
def filled(settings: Settings, app: Flask) -> Flask:
    """The application with the rows."""
    with Client.from_url(settings.clickhouse_url) as owner:
        owner.execute(FILL)
    return app


def test_a_sample_reads_few_rows_of_each_slice_and_estimates_the_rest(filled: Flask) -> None:
    found = find_patterns(HOUR, budget_s=60)
    assert found.sample.total == 40_000
    assert not (found.sample.is_complete or found.sample.total_is_estimate)
    assert len(found.sample.rows) == 60 * (10_000 // 60)
    assert found.coverage == pytest.approx(0.249, abs=0.001)
    served, booting, failed = found.patterns
    assert [served.text, booting.text, failed.text] == [
        "served request <num>",
        "booting step <num>",
        "cannot reach host <num>",
    ]
    assert served.estimated_count == pytest.approx(31_667, rel=0.02)
    assert failed.estimated_count == pytest.approx(1666, rel=0.15)
    assert failed.error_count == failed.severity_counts["error"] == failed.estimated_count
    assert booting.estimated_count == pytest.approx(6667, rel=0.05)
    assert sum(served.sparkline) == pytest.approx(served.estimated_count, abs=60)
    assert sum(pattern.share for pattern in found.patterns) == pytest.approx(1)
    assert find_patterns(HOUR, budget_s=60) == found


def test_patterns_of_two_ranges_are_sorted_together(filled: Flask) -> None:
    errors = replace(HOUR, where=Match(LEVEL, Operator.EQUALS, ("error",)))
    first, second = (TimeRange(NOON_NS + n * HOUR_NS // 2, NOON_NS + (n + 1) * HOUR_NS // 2) for n in range(2))
    found = find_patterns(replace(errors, time=second), before=first)
    assert [(each.text, each.count, each.before) for each in found.patterns] == [("cannot reach host <num>", 1000, 666)]
    assert isinstance(found.before, Patterns)
    assert [(each.text, each.count) for each in found.before.patterns] == [("booting step <num>", 334)]
    turned = find_patterns(replace(errors, time=first), before=second)
    assert [(each.text, each.count, each.before) for each in turned.patterns] == [
        ("cannot reach host <num>", 666, 1000),
        ("booting step <num>", 334, 0),
    ]
    assert isinstance(turned.before, Patterns)
    assert turned.before.patterns == []


def test_a_row_is_read_once(filled: Flask) -> None:
    rows = take_sample(HOUR, characters=100).rows
    assert len({row.timestamp_ns for row in rows}) == len(rows)


def test_few_rows_are_read_as_a_whole_wherever_they_lie(filled: Flask) -> None:
    errors = replace(HOUR, where=Match(LEVEL, Operator.EQUALS, ("error",)))
    found = find_patterns(errors)
    assert found.sample.is_complete
    assert [(pattern.text, pattern.count, pattern.estimated_count) for pattern in found.patterns] == [
        ("cannot reach host <num>", 1666, 1666),
        ("booting step <num>", 334, 334),
    ]
    minute = find_patterns(replace(HOUR, time=TimeRange(NOON_NS, NOON_NS + MINUTE_NS)))
    assert (minute.sample.is_complete, minute.sample.total, len(minute.buckets)) == (True, 667, 60)


def test_without_time_the_first_round_stands_for_all(settings: Settings, filled: Flask) -> None:
    hurried = create_app(replace(settings, search_budget_s=0))
    with hurried.app_context():
        found = find_patterns(HOUR)
        store.close()
    assert {row.bucket for row in found.sample.rows} == set(range(0, 60, 8))
    assert found.sample.total == 40_000
    assert sum(pattern.share for pattern in found.patterns) == pytest.approx(1)


def test_rows_that_cannot_be_counted_in_time_are_estimated(settings: Settings, app: Flask) -> None:
    """A row in each second, a burst where a minute is looked into, and too many rows where it is not."""
    burst, crowd = NOON_NS + 8 * MINUTE_NS + 57 * SECOND_NS // 2, NOON_NS + 15 * MINUTE_NS // 2
    moments = [*every(SECOND_NS, 3600), *every(1, 200, start_ns=burst), *every(1, 15_000, start_ns=crowd)]
    insert(store, [Log(timestamp_ns=moment, body=f"line {n}") for n, moment in enumerate(moments)])
    lines = replace(HOUR, where=Match(MESSAGE, Operator.CONTAINS, ("line",)))
    with slow_bodies(settings) as slow, create_app(slow).app_context():
        sample = take_sample(lines, characters=100)
        store.close()
    assert sample.total_is_estimate
    assert not sample.is_complete
    assert {0, 8, 16} <= {row.bucket for row in sample.rows}
    assert 3500 <= sample.total < 5500  # the burst alone would make a hundred thousand


def test_a_sample_that_cannot_begin_in_time_is_refused(settings: Settings, app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 5)])
    with endless_before(settings, NOON_NS) as slow, create_app(replace(slow, query_timeout_s=1)).app_context():
        with pytest.raises(QueryTimeout):
            find_patterns(Scope(1, TimeRange(NOON_NS - 60, NOON_NS)))
        store.close()


def test_more_patterns_than_are_shown_are_told_of(app: Flask) -> None:
    insert(store, [Log(body=body) for body in ("one", "two", "two", "three")])
    found = find_patterns(HOUR, max_patterns=2)
    assert [pattern.text for pattern in found.patterns] == ["two", "one"]
    assert found.truncated
    assert not find_patterns(HOUR, max_patterns=3).truncated


def test_all_of_time_has_few_buckets(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS - 4000 * DAY_NS), Log(timestamp_ns=NOON_NS)])
    found = find_patterns(Scope(1, TimeRange(0, NOON_NS + HOUR_NS), And(())))
    assert (found.patterns[0].count, found.sample.is_complete) == (2, True)
    assert 30 <= len(found.buckets) <= 64
    assert sum(found.patterns[0].sparkline) == 2
    assert find_patterns(Scope(1, TimeRange(NOON_NS, NOON_NS))).patterns == []
    assert log_patterns.MAX_PATTERNS == 200
