"""The histogram by a field where not all can be read, and what it costs where counts by minute answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clickhouse_driver import Client
from flask import Flask

from tests.support.logs import HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, Log, every, insert
from webapp import create_app
from webapp.extensions import store
from webapp.language.tree import LEVEL, SERVICE, Match, Operator, attribute
from webapp.queries.scope import Scope, TimeRange
from webapp.services.log_breakdown import break_down, break_down_before
from webapp.settings import Settings

HOUR = Scope(1, TimeRange(NOON_NS, NOON_NS + HOUR_NS))
# Two hours of ten rows a second; half of them of one tenant, one in ten of none, the others of twenty.
FILL = f"""
INSERT INTO logs (project_id, timestamp, observed_timestamp, uuid, severity_text, service_name, attributes, expires_on)
SELECT 1, fromUnixTimestamp64Nano({NOON_NS - HOUR_NS} + toInt64(number) * {SECOND_NS // 10}, 'UTC') AS time, time,
  toUUID(leftPad(hex(number), 32, '0')), 'info', concat('service ', toString(number % 3)),
  multiIf(dice % 10 = 0, map(), dice % 2 = 1, map('tenant', 'large'), map('tenant', toString(dice % 20))),
  '2100-01-01'
FROM (SELECT number, cityHash64(number) AS dice FROM numbers(72000))
"""


@pytest.fixture
def filled(settings: Settings, app: Flask) -> Flask:
    """The application with the rows."""
    with Client.from_url(settings.clickhouse_url) as owner:
        owner.execute(FILL)
    return app


def test_without_time_the_rows_of_each_bucket_are_split_as_a_part_of_it_is(settings: Settings, filled: Flask) -> None:
    hurried = create_app(replace(settings, search_budget_s=0))
    with hurried.app_context():
        found = break_down(HOUR, attribute("tenant"))
        before = break_down_before(HOUR, found)
        store.close()
    for side in (found, before):
        assert side.approximate
        assert side.total == 36_000
        assert side.values[0] == "large"
        totals = side.histogram.totals
        assert totals["v1"] == pytest.approx(18_000, rel=0.05)
        assert totals["unset"] == pytest.approx(3600, rel=0.2)
        assert [sum(bucket.counts.values()) for bucket in side.histogram.buckets] == [600] * 60


def test_few_rows_are_read_as_a_whole(filled: Flask) -> None:
    found = break_down(HOUR, attribute("tenant"))
    assert not found.approximate
    assert sum(found.histogram.totals.values()) == found.total == 36_000
    assert found.values[0] == "large"
    assert len(found.values) == 5


def test_services_and_levels_come_from_the_counts_by_minute(filled: Flask) -> None:
    for field in (SERVICE, LEVEL):
        found = break_down(HOUR, field)
        before = break_down_before(HOUR, found)
        assert found.total == before.total == 36_000
        assert found.histogram.stats.rows_read < 1000
        assert before.histogram.stats.rows_read < 1000


def test_the_range_before_has_the_bars_that_stand_for_the_same(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=moment) for moment in every(MINUTE_NS, 60, start_ns=NOON_NS - HOUR_NS)])
    insert(store, [Log(timestamp_ns=NOON_NS - HOUR_NS - 1), Log(timestamp_ns=NOON_NS)])
    before = break_down_before(HOUR, break_down(HOUR, LEVEL))
    assert [bucket.counts for bucket in before.histogram.buckets] == [{"info": 1}] * 60
    odd = replace(HOUR, time=TimeRange(NOON_NS, NOON_NS + 47 * MINUTE_NS + 13 * SECOND_NS))
    before = break_down_before(odd, break_down(odd, LEVEL))
    assert sum(len(bucket.counts) for bucket in before.histogram.buckets) >= 46
    assert before.total == 47


def test_of_one_value_only_that_is_there(app: Flask) -> None:
    insert(store, [Log(service_name="", attributes={"tenant": ""}), Log(service_name="", attributes={})])
    found = break_down(HOUR, attribute("tenant"))
    assert (found.values, found.histogram.totals) == ([""], {"v1": 1, "unset": 1})
    assert break_down(HOUR, SERVICE).histogram.totals == {"unset": 2}
    nothing = replace(HOUR, where=Match(SERVICE, Operator.EQUALS, ("none",)))
    found = break_down(nothing, attribute("tenant"))
    assert (found.values, found.total, found.histogram.totals) == ([], 0, {})
    assert break_down_before(nothing, found).total == 0


def test_before_all_of_time_there_is_nothing(app: Flask) -> None:
    insert(store, [Log()])
    every_row = Scope(1, TimeRange(0, NOON_NS + HOUR_NS))
    for field in (LEVEL, SERVICE, attribute("tenant")):
        found = break_down(every_row, field)
        assert found.total == 1
        assert break_down_before(every_row, found).total == 0
