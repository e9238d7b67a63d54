"""Every form of a date, through the API."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.api import Api
from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, Log, insert
from webapp.extensions import store

# Far from the edges of all ranges below but those of the calendar, which are reckoned in the test.
AGES_NS = (
    10 * SECOND_NS,
    10 * MINUTE_NS,
    5 * HOUR_NS,
    40 * HOUR_NS,
    10 * DAY_NS,
    45 * DAY_NS,
    200 * DAY_NS,
    900 * DAY_NS,
)
SPANS = {"-90s": 1, "-30M": 2, "30M": 2, "-12h": 3, "-3d": 4, "-2w": 5, "-2m": 6, "-1q": 6, "-1y": 7, "all": 8}


def midnight(now: datetime, days_ago: int = 0) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


@pytest.fixture
def aged(api: Api) -> Api:
    """Ada's project with a log of each age."""
    now = time.time_ns()
    insert(store, [Log(project_id=api.ada.project_id, timestamp_ns=now - age) for age in AGES_NS])
    return api


def counted(api: Api, date_from: str, date_to: str | None = None) -> tuple[int, int]:
    dates = {"date_from": date_from, "date_to": date_to}
    return api.count(dateRange=dates), len(api.rows(dateRange=dates))


def test_spans_reach_back_as_far_as_they_say(aged: Api, subtests: pytest.Subtests) -> None:
    for text, found in SPANS.items():
        with subtests.test(text):
            assert counted(aged, text) == (found, found)


def test_a_missing_end_is_now_and_a_missing_begin_an_hour_ago(aged: Api) -> None:
    assert aged.count(dateRange={}) == aged.count(dateRange={"date_from": ""}) == 2
    assert aged.count(dateRange={"date_from": "-1y", "date_to": "-1h"}) == 5


def test_edges_of_calendar_units_are_those_of_utc(aged: Api, subtests: pytest.Subtests) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(microseconds=age // 1000) for age in AGES_NS]
    first_of_month = midnight(now).replace(day=1)
    starts = {
        "dStart": midnight(now),
        "-1dStart": midnight(now, 1),
        "wStart": midnight(now, now.weekday()),
        "mStart": first_of_month,
        "yStart": first_of_month.replace(month=1),
    }
    for text, start in starts.items():
        with subtests.test(text):
            assert aged.count(dateRange={"date_from": text}) == sum(now - age >= start for age in ages)
    with subtests.test("-1dEnd"):
        expected = sum(now - age < midnight(now) for age in ages)
        assert aged.count(dateRange={"date_from": "all", "date_to": "-1dEnd"}) == expected


def test_iso_dates_with_and_without_a_zone_are_one_moment(aged: Api, subtests: pytest.Subtests) -> None:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
    shifted = start + timedelta(hours=2)
    forms = (
        f"{start:%Y-%m-%d}",
        f"{start:%Y-%m-%dT%H:%M:%S}",
        f"{start:%Y-%m-%d %H:%M:%S}",
        f"{start:%Y-%m-%dT%H:%M:%S}Z",
        f"{start:%Y-%m-%dT%H:%M:%S}.123456Z",
        f"{shifted:%Y-%m-%dT%H:%M:%S}+02:00",
    )
    for text in forms:
        with subtests.test(text):
            assert counted(aged, text) == (5, 5)


def test_what_is_no_date_is_refused_by_every_question(api: Api, subtests: pytest.Subtests) -> None:
    for path in ("query/", "count/", "sparkline/", "patterns/"):
        for text in ("soon", "-1", "--1h", "2026-02-30", "-1H", "1h ago"):
            with subtests.test(path=path, text=text):
                response = api.post(path, {"query": {"dateRange": {"date_from": text}}})
                assert (response.status_code, response.json["attr"]) == (400, "query__dateRange__date_from")


def test_all_of_time_costs_no_scan(aged: Api) -> None:
    response = aged.post("query/", {"query": {"dateRange": {"date_from": "all"}, "orderBy": "earliest", "limit": 1}})
    timing = dict(part.split("=") for part in response.headers["Server-Timing"].split(";")[1:])
    assert int(timing["rows"]) <= 3 * len(AGES_NS)
    assert len(response.json["results"]) == 1
