"""``group-by/``: logs by the values of one to four keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp.api.schemas.groups import GroupsAnswerSchema
from webapp.extensions import store

HOSTILE = ["a.b", "it's", 'say "hi"', "[0]", "back\\slash", "nul\x00byte", "🦔", "", "%_", "{p0:String}", "É"]
RANGE = {
    "date_from": datetime.fromtimestamp(NOON_NS / SECOND_NS, UTC).isoformat(),
    "date_to": datetime.fromtimestamp((NOON_NS + HOUR_NS) / SECOND_NS, UTC).isoformat(),
}


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("group-by/", {"query": {"dateRange": RANGE, **query}})
    assert response.status_code == 200, response.text
    assert GroupsAnswerSchema().validate(response.json) == {}
    found: dict[str, Any] = response.json
    return found


def counts(api: Api, **query: Any) -> list[tuple[str, int]]:
    return [(group["value"], group["log_count"]) for group in ask(api, **query)["groups"]]


def keep(api: Api, *logs: dict[str, Any]) -> None:
    insert(
        store,
        [
            Log(**{"project_id": api.ada.project_id, "timestamp_ns": NOON_NS + n * SECOND_NS + 1000, **log})
            for n, log in enumerate(logs)
        ],
    )


def test_groups_have_their_counts_and_the_time_of_their_last_log(api: Api) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    keep(
        api,
        {"attributes": {"tier": "pro", "shop": "1"}, "severity_text": "error", "trace_id": trace},
        {"attributes": {"tier": "pro", "shop": "2"}, "severity_text": "fatal"},
        {"attributes": {"tier": "pro", "shop": "1"}, "resource_attributes": {"tier": "resource's"}},
        {"attributes": {"tier": "free", "shop": "1"}, "service_name": "web"},
        {"attributes": {"tier": "", "shop": "2"}, "severity_text": "error", "service_name": ""},
        {"attributes": {"tier": "free"}, "body": "other"},
        {"attributes": {"shop": "1"}},
        {"attributes": {"tier": "theirs"}, "project_id": api.bob.project_id},
    )
    found = ask(api, groupBys=[{"key": "tier"}])
    assert found == {
        "groups": [
            {
                "value": value,
                "values": [value],
                "log_count": rows,
                "error_count": errors,
                "last_seen": f"2026-09-27T12:00:{second:02d}.000001Z",
            }
            for value, rows, errors, second in [("pro", 3, 2, 2), ("free", 2, 0, 5), ("", 1, 1, 4)]
        ],
        "total_groups": 3,
        "total_logs": 6,
        "truncated": False,
    }
    assert ask(api, groupBy="tier", groupBySource="log") == ask(api, groupBy="tier") == found
    assert counts(api, groupBy="tier", groupBySource="resource") == [("resource's", 1)]
    assert counts(api, groupBy="tier", orderGroupsBy="error_count") == [("pro", 3), ("", 1), ("free", 2)]
    assert counts(api, groupBy="tier", orderGroupsBy="last_seen") == [("free", 2), ("", 1), ("pro", 3)]
    assert counts(api, groupBy="tier", searchTerm="OTHER") == [("free", 1)]
    assert counts(api, groupBy="nothing") == []
    both = ask(api, groupBys=[{"key": "tier", "source": "log"}, {"key": "shop"}], limit=2)
    assert [(group["value"], group["values"]) for group in both["groups"]] == [
        ("pro, 1", ["pro", "1"]),
        (", 2", ["", "2"]),
    ]
    assert (both["total_groups"], both["total_logs"], both["truncated"]) == (4, 5, True)
    columns = {name: counts(api, groupBy=name, groupBySource="column") for name in ("service_name", "trace_id")}
    assert columns == {"service_name": [("api", 5), ("web", 1)], "trace_id": [(trace.upper(), 1)]}
    levels = counts(api, groupBy="severity_level", groupBySource="column")
    assert levels == counts(api, groupBy="severity_text", groupBySource="column")
    assert levels == [("info", 4), ("error", 2), ("fatal", 1)]


def test_hostile_keys_and_values_come_out_unchanged(api: Api) -> None:
    keep(api, *({"attributes": {key: f"v {key}"}, "resource_attributes": {"all": key}} for key in HOSTILE))
    for key in HOSTILE:
        assert counts(api, groupBys=[{"key": key, "source": "log"}]) == [(f"v {key}", 1)]
    assert dict(counts(api, groupBy="all", groupBySource="resource")) == dict.fromkeys(HOSTILE, 1)


def test_unusable_groupings_are_named(api: Api, subtests: pytest.Subtests) -> None:
    for query, attr, code in [
        ({}, "groupBys", "required"),
        ({"groupBys": []}, "groupBys", "required"),
        ({"groupBys": [{"key": "a"}], "groupBy": "b"}, "groupBys", "required"),
        ({"groupBys": [{"key": str(n)} for n in range(5)]}, "groupBys", "max_length"),
        ({"groupBys": [{"source": "log"}]}, "groupBys__0__key", "required"),
        ({"groupBys": [{"key": "a", "source": "body"}]}, "groupBys__0__source", "invalid_choice"),
        ({"groupBys": [{"key": "body", "source": "column"}]}, "groupBys__0__key", "invalid_choice"),
        ({"groupBy": "body", "groupBySource": "column"}, "groupBy", "invalid_choice"),
        ({"groupBy": "a", "orderGroupsBy": "value"}, "orderGroupsBy", "invalid_choice"),
        ({"groupBy": "a", "limit": 501}, "limit", "max_value"),
        ({"groupBy": "a", "limit": 0}, "limit", "min_value"),
        ({"groupBy": "a" * 1001}, "groupBy", "max_length"),
    ]:
        with subtests.test(str(query)[:60]):
            response = api.post("group-by/", {"query": query})
            assert response.status_code == 400
            assert (response.json["attr"], response.json["code"]) == (f"query__{attr}", code)
    assert api.post("group-by", {}).json["attr"] == "query"
