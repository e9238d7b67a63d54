"""``patterns/``: what lines have in common, how many there are, and a search that finds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.logs import NOON_NS, SECOND_NS, insert_before_noon
from webapp.api.schemas.patterns import PatternsAnswerSchema
from webapp.extensions import store

NOON = datetime.fromtimestamp(NOON_NS / SECOND_NS, UTC)
HOUR = {"date_from": (NOON - timedelta(hours=1)).isoformat(), "date_to": NOON.isoformat()}


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("patterns/", {"query": {"dateRange": HOUR, **query}})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json
    assert PatternsAnswerSchema().validate(answer) == {}
    return answer


def store_logs(api: Api, *logs: tuple[int, str, str, str]) -> None:
    insert_before_noon(store, api.ada.project_id, *logs)


def test_an_answer_has_every_number_of_each_pattern(api: Api) -> None:
    store_logs(
        api,
        (3600, "info", "api", "took 5 ms to load"),
        (90, "error", "web", "took 12 ms to load"),
        (30, "warn", "web", "took 12 ms to load"),
        (20, "info", "", "ready"),
        (0, "info", "api", "too late"),
    )
    answer = ask(api)
    buckets = answer.pop("sparkline_buckets")
    assert (len(buckets), buckets[0], buckets[-1]) == (
        60,
        {"start": "2026-09-27T11:00:00Z", "end": "2026-09-27T11:01:00Z"},
        {"start": "2026-09-27T11:59:00Z", "end": "2026-09-27T12:00:00Z"},
    )
    nothing = {"trace": 0, "debug": 0, "info": 0, "warn": 0, "error": 0, "fatal": 0}
    assert answer == {
        "patterns": [
            {
                "pattern": "took <num> ms to load",
                "count": 3,
                "estimated_count": 3,
                "volume_share_pct": 75.0,
                "error_count": 1,
                "first_seen": "2026-09-27T11:00:00.000000Z",
                "last_seen": "2026-09-27T11:59:30.000000Z",
                "examples": ["took 12 ms to load", "took 5 ms to load"],
                "services": ["web", "api"],
                "sparkline": [1, *[0] * 57, 1, 1],
                "severity_counts": {**nothing, "info": 1, "warn": 1, "error": 1},
                "match_regex": r"^took [-+]?\d[-+\d.,eE]* ms to load$",
                "match_literal": None,
            },
            {
                "pattern": "ready",
                "count": 1,
                "estimated_count": 1,
                "volume_share_pct": 25.0,
                "error_count": 0,
                "first_seen": "2026-09-27T11:59:40.000000Z",
                "last_seen": "2026-09-27T11:59:40.000000Z",
                "examples": ["ready"],
                "services": [],
                "sparkline": [*[0] * 59, 1],
                "severity_counts": {**nothing, "info": 1},
                "match_regex": "^ready$",
                "match_literal": None,
            },
        ],
        "scanned_count": 4,
        "total_count": 4,
        "total_is_estimate": False,
        "sampled": False,
        "sample_coverage_pct": 100.0,
        "truncated": False,
    }


HOSTILE = [
    "x" * 1_000_000,
    "a\x00b 5",
    "👩‍👩‍👧 \u202e5\u202c",
    "<*> <num> (a+)+$ \\Q {2} |",
    "it is 2026-11-23 14:02:11 5",
    " two  spaces\n\tand a line ",
    '{"level":"info","n":5}',
    "ſtraße KELVIN K 5",
]


def test_each_pattern_finds_its_rows_by_the_search_that_it_offers(api: Api) -> None:
    store_logs(api, *((60 + n, "info", "api", body) for n, body in enumerate(HOSTILE)))
    patterns = ask(api)["patterns"]
    assert len(patterns) == len(HOSTILE)
    for pattern in patterns:
        found = {"key": "message", "type": "log", "operator": "regex", "value": pattern["match_regex"]}
        bodies = api.bodies(dateRange=HOUR, filterGroup=[found])
        assert [body[:1000] for body in bodies] == pattern["examples"]


def test_an_empty_body_is_a_pattern_that_no_search_finds(api: Api) -> None:
    store_logs(api, (60, "info", "api", ""))
    [pattern] = ask(api)["patterns"]
    assert (pattern["pattern"], pattern["examples"], pattern["count"]) == ("", [""], 1)
    assert (pattern["match_regex"], pattern["match_literal"]) == (None, None)


def test_ten_examples_that_differ_and_four_services_are_shown(api: Api) -> None:
    store_logs(api, *((60 + n // 2, "info", f"s{n % 5}", f"took {n // 2} ms") for n in range(24)))
    [pattern] = ask(api)["patterns"]
    assert pattern["examples"] == [f"took {n} ms" for n in range(10)]
    assert pattern["services"] == ["s0", "s1", "s2", "s3"]


def test_filters_choose_the_lines(api: Api) -> None:
    store_logs(api, (60, "info", "api", "one"), (60, "error", "api", "two"), (60, "error", "web", "three"))
    assert [found["pattern"] for found in ask(api, severityLevels=["error"])["patterns"]] == ["three", "two"]
    assert [found["pattern"] for found in ask(api, serviceNames=["api"], searchTerm="TW")["patterns"]] == ["two"]
    nothing = ask(api, searchTerm="absent")
    assert (nothing["patterns"], nothing["total_count"], nothing["sample_coverage_pct"]) == ([], 0, 100.0)


def test_the_last_hour_is_the_default_on_every_path_to_it(api: Api) -> None:
    api.send({"body": "here"})
    for prefix in ("projects", "environments"):
        for project in (api.ada.project_id, "@current"):
            for end in ("", "/"):
                for body in (None, {}, {"query": None}):
                    answer = api.post(f"/api/{prefix}/{project}/logs/patterns{end}", body)
                    assert [found["pattern"] for found in answer.json["patterns"]] == ["here"]


def test_nobody_sees_the_lines_of_another_project(api: Api) -> None:
    store_logs(api, (60, "info", "api", "secret of ada"))
    answer = api.post(f"/api/projects/{api.bob.project_id}/logs/patterns/", {"query": {"dateRange": HOUR}}, api.bob.key)
    assert answer.json["patterns"] == []
    refused = api.post(f"/api/projects/{api.ada.project_id}/logs/patterns/", {}, api.bob.key)
    assert (refused.status_code, refused.json["code"]) == (403, "permission_denied")
    assert api.post("patterns/", {}, key="").status_code == 401


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"query": []}, "query", "invalid_input"),
        ({"query": {"severityLevels": ["loud"]}}, "query__severityLevels__0", "invalid_choice"),
        ({"query": {"dateRange": {"date_from": "soon"}}}, "query__dateRange__date_from", "invalid_input"),
    ],
)
def test_what_cannot_be_used_is_named(api: Api, body: dict[str, Any], attr: str, code: str) -> None:
    response = api.post("patterns/", body)
    assert (response.status_code, response.json["attr"], response.json["code"]) == (400, attr, code)
    assert response.json["error"] == response.json["detail"]
