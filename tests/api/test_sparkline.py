"""``sparkline/``: counts and bytes over time, by severity or service."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.logs import HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, insert_before_noon
from webapp.api.schemas.sparkline import SparklinePointSchema
from webapp.extensions import store
from webapp.queries.scope import TimeRange
from webapp.queries.sparkline import nearest_grid

NOON = datetime.fromtimestamp(NOON_NS / SECOND_NS, UTC)
OTHER = "$$_posthog_breakdown_other_$$"


def iso(offset: timedelta) -> str:
    return (NOON + offset).isoformat()


def range_of(before: timedelta, after: timedelta = timedelta(0)) -> dict[str, str]:
    return {"date_from": iso(-before), "date_to": iso(after)}


def spark(api: Api, **query: Any) -> list[dict[str, Any]]:
    response = api.post("sparkline/", {"query": query})
    assert response.status_code == 200, response.text
    points: list[dict[str, Any]] = response.json
    return points


def store_logs(api: Api, *logs: tuple[int, str, str, str]) -> None:
    insert_before_noon(store, api.ada.project_id, *logs)


def test_points_are_a_bare_list_with_every_bucket(api: Api) -> None:
    store_logs(api, (60, "info", "api", "12345"), (59, "error", "api", "123"), (180, "info", "web", "1"))
    points = spark(api, dateRange=range_of(timedelta(minutes=50)))
    assert SparklinePointSchema(many=True).validate(points) == {}
    assert points[:2] == [
        {"time": "2026-09-27T11:10:00Z", "severity": "info", "count": 0, "bytes_uncompressed": 0},
        {"time": "2026-09-27T11:10:00Z", "severity": "error", "count": 0, "bytes_uncompressed": 0},
    ]
    assert [point for point in points if point["count"]] == [
        {"time": "2026-09-27T11:57:00Z", "severity": "info", "count": 1, "bytes_uncompressed": 1},
        {"time": "2026-09-27T11:59:00Z", "severity": "info", "count": 1, "bytes_uncompressed": 5},
        {"time": "2026-09-27T11:59:00Z", "severity": "error", "count": 1, "bytes_uncompressed": 3},
    ]
    assert len({point["time"] for point in points}) == 50
    assert len(points) == 100


def test_a_range_without_logs_has_its_buckets(api: Api) -> None:
    points = spark(api, dateRange=range_of(timedelta(minutes=50)), sparklineBreakdownBy="service")
    assert len(points) == 50
    assert {(point["service"], point["count"], point["bytes_uncompressed"]) for point in points} == {
        ("(no value)", 0, 0)
    }


def test_ten_services_have_names_and_the_others_are_one(api: Api) -> None:
    store_logs(api, *((60 + n, "info", f"s{n:02d}", "x") for n in range(12) for _ in range(n + 1)))
    points = spark(api, dateRange=range_of(timedelta(hours=1)), sparklineBreakdownBy="service")
    totals: Counter[str] = Counter()
    for point in points:
        totals[point["service"]] += point["count"]
    assert totals == {**{f"s{n:02d}": n + 1 for n in range(2, 12)}, OTHER: 3}


def test_bytes_may_decide_who_is_named(api: Api) -> None:
    store_logs(
        api, *((60, "info", f"s{n:02d}", "x") for n in range(10) for _ in range(2)), (61, "info", "fat", "x" * 99)
    )
    names = {}
    for rank in ("count", "bytes"):
        points = spark(
            api, dateRange=range_of(timedelta(hours=1)), sparklineBreakdownBy="service", sparklineRankBy=rank
        )
        names[rank] = {point["service"] for point in points}
    assert "fat" not in names["count"]
    assert {"fat", OTHER} <= names["bytes"]
    assert "s09" not in names["bytes"]


def test_a_log_without_a_service_has_a_name_of_its_own(api: Api) -> None:
    store_logs(api, (60, "info", "", "x"))
    points = spark(api, dateRange=range_of(timedelta(hours=1)), sparklineBreakdownBy="service")
    assert {point["service"] for point in points} == {"(no value)"}
    assert sum(point["count"] for point in points) == 1


@pytest.mark.parametrize(
    ("before_s", "after_s"), [(3600, 0), (3601, 1), (90, 30), (29, 0), (86400 * 7 + 13, 0), (86400 * 400, 1)]
)
@pytest.mark.parametrize("filters", [{}, {"severityLevels": ["error"]}, {"searchTerm": "LINE"}])
def test_the_sum_of_all_buckets_is_the_count(api: Api, before_s: int, after_s: int, filters: dict[str, Any]) -> None:
    store_logs(api, *((n * 7, ("info", "error")[n % 2], "api", f"line {n}") for n in range(60)))
    asked = {"dateRange": range_of(timedelta(seconds=before_s), timedelta(seconds=after_s)), **filters}
    count = api.count(**asked)
    assert count > 0
    for breakdown in ("severity", "service"):
        assert sum(point["count"] for point in spark(api, **asked, sparklineBreakdownBy=breakdown)) == count


def test_all_of_time_begins_with_the_first_log(api: Api) -> None:
    store_logs(api, (7200, "info", "api", "x"), (60, "info", "api", "x"))
    asked = {"dateRange": {"date_from": "all", "date_to": iso(timedelta(0))}}
    points = spark(api, **asked)
    assert points[0]["time"] == "2026-09-27T10:00:00Z"
    assert len(points) <= 80
    assert sum(point["count"] for point in points) == api.count(**asked) == 2


def test_the_last_hour_by_severity_is_the_default(api: Api) -> None:
    api.send({"body": "here"})
    for body in ({}, {"query": None}, {"query": {"sparklineBreakdownBy": None}}):
        points = api.post("sparkline/", body).json
        assert 60 <= len(points) <= 61
        assert [point["severity"] for point in points if point["count"]] == ["info"]


@pytest.mark.parametrize("field", ["sparklineBreakdownBy", "sparklineRankBy"])
def test_other_breakdowns_and_ranks_are_refused(api: Api, field: str) -> None:
    response = api.post("sparkline/", {"query": {field: "host"}})
    assert response.status_code == 400
    assert (response.json["attr"], response.json["code"]) == (f"query__{field}", "invalid_choice")


@pytest.mark.parametrize(
    ("length_s", "interval_s"),
    [
        (1, 1),
        (150, 1),
        (151, 5),
        (15 * 60, 10),
        (3600, 60),
        (86400, 1800),
        (7 * 86400, 4 * 3600),
        (30 * 86400, 12 * 3600),
        (365 * 86400, 86400),
        (1000 * 86400, 86400),
        (20_000 * 86400, 20 * 86400),
    ],
)
def test_the_interval_is_the_one_nearest_to_fifty_buckets(length_s: int, interval_s: int) -> None:
    start_ns = 10 * 86400 * SECOND_NS
    assert nearest_grid(TimeRange(start_ns, start_ns + length_s * SECOND_NS)).interval_s == interval_s


def test_buckets_are_aligned_in_utc() -> None:
    grid = nearest_grid(TimeRange(NOON_NS + 7 * MINUTE_NS + 1, NOON_NS + 2 * HOUR_NS + 7 * MINUTE_NS))
    assert (grid.interval_s, grid.start_s * SECOND_NS, grid.buckets) == (120, NOON_NS + 6 * MINUTE_NS, 61)
