"""``count-ranges/``: stretches of a range that can be asked about one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.logs import DAY_NS, HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp.api.aggregates import interval_text
from webapp.api.schemas.ranges import RangesAnswerSchema
from webapp.extensions import store
from webapp.queries.cursor import iso_nanoseconds


def dates(first_ns: int, stop_ns: int) -> dict[str, str]:
    return {"date_from": iso_nanoseconds(first_ns), "date_to": iso_nanoseconds(stop_ns)}


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("count-ranges/", {"query": query})
    assert response.status_code == 200, response.text
    assert RangesAnswerSchema().validate(response.json) == {}
    found: dict[str, Any] = response.json
    return found


def test_stretches_have_the_counts_that_their_dates_find(api: Api, subtests: pytest.Subtests) -> None:
    moments = [0, 1, 7 * SECOND_NS, HOUR_NS - 1, HOUR_NS, 30 * HOUR_NS, 119 * HOUR_NS + 1, 5 * DAY_NS - 1, 5 * DAY_NS]
    rows = [
        Log(project_id=api.ada.project_id, timestamp_ns=NOON_NS + moment, severity_text=("info", "error")[n % 2])
        for n, moment in enumerate(moments)
    ]
    insert(store, [*rows, Log(project_id=api.bob.project_id)])
    for first, stop in ((0, 5 * DAY_NS), (1, 5 * DAY_NS + 1), (3, 3 * HOUR_NS), (0, 8 * SECOND_NS), (5, 5)):
        for filters in ({}, {"severityLevels": ["error"]}, {"searchTerm": "HELL"}):
            with subtests.test(first=first, stop=stop, filters=filters):
                asked = {"dateRange": dates(NOON_NS + first, NOON_NS + stop), **filters}
                found = ask(api, **asked)["ranges"]
                assert sum(stretch["count"] for stretch in found) == api.count(**asked)
                assert all(stretch["count"] > 0 for stretch in found)
                ends = [datetime.fromisoformat(stretch[end]) for stretch in found for end in ("date_from", "date_to")]
                assert ends == sorted(ends)
                for stretch in found:
                    itself = {"date_from": stretch["date_from"], "date_to": stretch["date_to"]}
                    assert api.count(**{**asked, "dateRange": itself}) == stretch["count"]
    intervals = {
        buckets: ask(api, dateRange=dates(NOON_NS, NOON_NS + 5 * DAY_NS), targetBuckets=buckets)["interval"]
        for buckets in (5, 10, 20, 50, None, 0, -7, 100, 1000)
    }
    assert intervals == {
        5: "1d", 10: "12h", 20: "6h", 50: "2h", None: "12h", 0: "1d", -7: "1d", 100: "1h", 1000: "1h"
    }  # fmt: skip
    refused = api.post("count-ranges/", {"query": {"targetBuckets": "5"}})
    assert (refused.status_code, refused.json["attr"]) == (400, "query__targetBuckets")
    assert api.post("count-ranges", {}).json == {"ranges": [], "interval": "5m"}


def test_the_first_and_last_stretch_end_with_the_range(api: Api) -> None:
    insert(store, [Log(project_id=api.ada.project_id, timestamp_ns=NOON_NS + 1)])
    found = ask(api, dateRange=dates(NOON_NS + 1, NOON_NS + 100 * SECOND_NS))
    assert found == {
        "ranges": [{"date_from": "2026-09-27T12:00:00.000000001Z", "date_to": "2026-09-27T12:00:10Z", "count": 1}],
        "interval": "10s",
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (10, "10s"), (60, "1m"), (1800, "30m"), (3600, "1h"), (43200, "12h"), (86400, "1d")],
)
def test_an_interval_is_written_in_its_largest_unit(seconds: int, text: str) -> None:
    assert interval_text(seconds) == text
