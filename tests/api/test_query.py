"""``query/``: rows, filters, order and pages."""

from __future__ import annotations

import base64
import itertools
import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.api import Api, attributes
from webapp.api.schemas.logs import QueryAnswerSchema

MINUTE_NS = 60 * 10**9
SERVER_TIMING = re.compile(
    r"clickhouse;dur=(?P<dur>[0-9.]+);queries=(?P<queries>\d+);rows=(?P<rows>\d+);bytes=(?P<bytes>\d+)"
)


def test_a_row_has_the_shape_of_the_logs_api(api: Api) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    api.send(
        {
            "timeUnixNano": str(int(at.timestamp()) * 10**9 + 123_456_789),
            "severityNumber": 17,
            "severityText": "ERROR",
            "body": "card declined",
            "attributes": attributes({"order": "42"}),
            "traceId": "0af7651916cd43dd8448eb211c80319c",
            "spanId": "b7ad6b7169203331",
            "flags": 1,
            "eventName": "payment.failed",
        },
        resource={"service.name": "checkout", "host.name": "web-1"},
    )
    response = api.post("query/", {"query": {}})
    (row,) = response.json["results"]
    assert UUID(row.pop("uuid")).version == 7
    assert row.pop("observed_timestamp").endswith("Z")
    assert row.pop("resource_fingerprint").isdigit()
    assert row.pop("live_logs_checkpoint") == response.json["liveLogsCheckpoint"]
    assert row == {
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.123456Z",
        "body": "card declined",
        "severity_text": "error",
        "severity_number": 17,
        "level": "error",
        "trace_id": "0AF7651916CD43DD8448EB211C80319C",
        "span_id": "B7AD6B7169203331",
        "trace_flags": 1,
        "attributes": {"order": "42"},
        "resource_attributes": {"service.name": "checkout", "host.name": "web-1"},
        "event_name": "payment.failed",
        "instrumentation_scope": "shop.cart@1.2",
        "service_name": "checkout",
    }
    assert QueryAnswerSchema().validate(response.json) == {}


def test_unset_ids_are_zeros(api: Api) -> None:
    api.send({"body": "plain"})
    (row,) = api.rows()
    assert (row["trace_id"], row["span_id"]) == ("0" * 32, "0" * 16)


def test_the_answer_repeats_the_question(api: Api) -> None:
    query = {"dateRange": {"date_from": "-2h", "date_to": None}, "limit": 7, "someday": {"x": [1]}}
    response = api.post("query/", {"query": query})
    answer = response.json
    assert answer.pop("liveLogsCheckpoint").endswith("Z")
    assert answer == {
        "query": query,
        "results": [],
        "hasMore": False,
        "nextCursor": None,
        "searchedTo": None,
        "maxExportableLogs": 10_000_000,
        "columns": None,
    }


def test_every_answer_says_what_it_cost(api: Api, subtests: pytest.Subtests) -> None:
    api.send(*({"body": f"line {number}"} for number in range(5)))
    asked = {"query": {"searchTerm": "line"}}
    answers = {
        "query": (api.post("query/", asked), 2),  # the rows, and which insertions run
        "count": (api.post("count/", asked), 1),
        "sparkline": (api.post("sparkline/", asked), 1),
        "has_logs": (api.get("has_logs/"), 1),
    }
    for name, (response, queries) in answers.items():
        with subtests.test(name):
            timing = SERVER_TIMING.fullmatch(response.headers["Server-Timing"])
            assert timing is not None
            assert float(timing["dur"]) > 0
            assert int(timing["queries"]) == queries
            assert 5 <= int(timing["rows"]) <= 10  # a list reads its keys, then the rows of the page
            assert int(timing["bytes"]) > 0
            assert response.headers["X-Request-Id"]


def test_what_asks_clickhouse_nothing_says_no_cost(api: Api) -> None:
    response = api.post("query/", {"query": {"limit": 0}})
    assert response.status_code == 400
    assert "Server-Timing" not in response.headers
    assert response.headers["X-Request-Id"]


def test_both_bases_answer_with_and_without_the_slash(api: Api) -> None:
    api.send({"body": "here"})
    projects = (api.ada.project_id, "@current")
    for base, project, slash in itertools.product(("projects", "environments"), projects, ("", "/")):
        root = f"/api/{base}/{project}/logs"
        assert len(api.post(f"{root}/query{slash}", {"query": {}}).json["results"]) == 1
        assert api.post(f"{root}/count{slash}", {"query": {}}).json == {"count": 1}
        assert api.get(f"{root}/has_logs{slash}").json == {"hasLogs": True}


def test_filters_narrow_together(api: Api) -> None:
    for service, number, body in (
        ("api", 17, "Timeout of payment"),
        ("api", 9, "payment done"),
        ("web", 17, "timeout of search"),
        ("web", 21, "out of memory"),
    ):
        api.send({"severityNumber": number, "body": body}, resource={"service.name": service})
    assert set(api.bodies(severityLevels=["error"])) == {"Timeout of payment", "timeout of search"}
    assert set(api.bodies(severityLevels=["error", "fatal"], serviceNames=["web"])) == {
        "timeout of search",
        "out of memory",
    }
    assert set(api.bodies(searchTerm="TIMEOUT")) == {"Timeout of payment", "timeout of search"}
    assert api.bodies(searchTerm="timeout", serviceNames=["api"]) == ["Timeout of payment"]
    assert set(api.bodies(searchTerm="ou")) == {"Timeout of payment", "timeout of search", "out of memory"}
    assert api.bodies(q="service:api -timeout") == ["payment done"]
    assert api.bodies(q="payment", severityLevels=["error"]) == ["Timeout of payment"]
    assert api.bodies(serviceNames=["API"]) == []
    assert api.count(severityLevels=["error"]) == 2
    assert api.count(q="service:api OR level:fatal") == 3


def test_a_search_term_means_itself(api: Api, subtests: pytest.Subtests) -> None:
    terms = ("100%", "a_b", "c\\d", "it's", '"quoted"', "tab\there", "grün", "{x:String}")
    api.send({"body": "100 aXb cd its quoted tab gruen x"}, *({"body": f"before {term} after"} for term in terms))
    for term in terms:
        with subtests.test(term=term):
            assert api.bodies(searchTerm=term) == [f"before {term} after"]
            assert api.bodies(searchTerm=term.upper()) == [f"before {term} after"]


def test_empty_and_null_filters_ask_for_everything(api: Api) -> None:
    api.send({"body": "here"})
    nothing: dict[str, Any] = {
        "dateRange": None,
        "severityLevels": [],
        "serviceNames": None,
        "searchTerm": "",
        "q": "  ",
        "filterGroup": {"type": "AND", "values": [{"type": "OR", "values": []}]},
        "resourceFingerprint": None,
        "sessionId": "",
        "customColumns": [],
        "liveLogsCheckpoint": None,
        "after": None,
        "limit": None,
        "orderBy": None,
        "excludeAttributes": None,
    }
    assert api.bodies(**nothing) == ["here"]
    assert api.bodies(dateRange={"date_from": None, "date_to": ""}, filterGroup=[]) == ["here"]
    assert api.count(**nothing) == 1


def test_the_last_hour_is_searched_by_default(api: Api) -> None:
    now = time.time_ns()
    api.send(
        {"body": "old", "timeUnixNano": str(now - 61 * MINUTE_NS)},
        {"body": "new", "timeUnixNano": str(now - 59 * MINUTE_NS)},
        {"body": "ahead", "timeUnixNano": str(now + 10 * MINUTE_NS)},
    )
    assert api.bodies() == ["new"]
    assert api.count() == 1
    assert api.bodies(dateRange={"date_from": "-2h"}) == ["new", "old"]
    assert api.bodies(dateRange={"date_from": "-61M", "date_to": "-60M"}) == []
    assert api.bodies(dateRange={"date_from": "-62M", "date_to": "-60M"}) == ["old"]


def test_a_page_includes_both_ends_and_a_count_only_the_first(api: Api) -> None:
    at = (time.time_ns() - 10 * MINUTE_NS) // 1000 * 1000
    api.send(*({"body": str(step), "timeUnixNano": str(at + step * 1000 + 789)} for step in range(3)))
    first, _, last = (row["timestamp"] for row in api.rows(orderBy="earliest"))
    both = {"date_from": first, "date_to": last}
    assert api.bodies(dateRange=both, orderBy="earliest") == ["0", "1", "2"]
    assert api.count(dateRange=both) == 2
    assert api.bodies(dateRange={"date_from": last, "date_to": last}) == ["2"]


def test_the_latest_come_first_unless_the_earliest_are_asked_for(api: Api) -> None:
    now = time.time_ns()
    api.send(*({"body": str(step), "timeUnixNano": str(now - step * MINUTE_NS)} for step in range(1, 4)))
    assert api.bodies() == api.bodies(orderBy="latest") == ["1", "2", "3"]
    assert api.bodies(orderBy="earliest") == ["3", "2", "1"]


def test_attributes_can_be_left_out(api: Api) -> None:
    api.send({"body": "here", "attributes": attributes({"k": "v"})})
    (row,) = api.rows(excludeAttributes=True)
    assert (row["attributes"], row["resource_attributes"]) == ({}, {})
    assert row["body"] == "here"


@pytest.mark.parametrize("order", ["latest", "earliest"])
def test_pages_visit_every_row_once_though_many_share_a_moment_and_more_arrive(api: Api, order: str) -> None:
    at = time.time_ns() - MINUTE_NS
    api.send(*({"body": str(number), "timeUnixNano": str(at + number // 40)} for number in range(107)))
    end = datetime.now(UTC).isoformat()
    seen, cursor = [], None
    for _page in range(20):
        query = {"limit": 10, "orderBy": order, "after": cursor, "dateRange": {"date_to": end}}
        answer = api.post("query/", {"query": query}).json
        seen += [row["body"] for row in answer["results"]]
        cursor = answer["nextCursor"]
        assert answer["hasMore"] is (cursor is not None)
        if cursor is None:
            break
        assert len(answer["results"]) == 10
        api.send({"body": "late", "timeUnixNano": str(time.time_ns())})
    assert _page == 10
    assert sorted(seen, key=int) == [str(number) for number in range(107)]
    groups = [int(body) // 40 for body in seen]
    assert groups == sorted(groups, reverse=order == "latest")


def test_a_cursor_is_base64_of_json_with_timestamp_and_uuid(api: Api) -> None:
    api.send({"body": "1"}, {"body": "2"})
    answer = api.post("query/", {"query": {"limit": 1}}).json
    cursor = json.loads(base64.b64decode(answer["nextCursor"]))
    assert set(cursor) == {"timestamp", "uuid"}
    assert cursor["uuid"] == answer["results"][0]["uuid"]


def test_large_limits_count_as_2000(api: Api) -> None:
    now = time.time_ns()
    api.send(*({"body": "x", "timeUnixNano": str(now - number)} for number in range(2005)))
    assert len(api.rows(limit=1_000_000_000_000)) == 2000
    assert len(api.rows(limit=1)) == 1
    assert len(api.rows()) == 100
