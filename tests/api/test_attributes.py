"""``attributes/`` and ``values/``: what logs may be filtered by, known at once and counted by the hour."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.api import Api, attributes
from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, Log, arrive
from webapp.api.schemas.attributes import AttributeKeysAnswerSchema, AttributeValuesAnswerSchema
from webapp.extensions import store
from webapp.queries import windows
from webapp.services import log_attributes
from webapp.services.attribute_counts import count_arrivals

HOSTILE = ["a.b", "it's", 'say "hi"', "[0]", "back\\slash", "nul\x00byte", "🦔", "", "%_", "{p0:String}", "É"]
UUID = "0199d0c0-0000-7000-8000-00000000abcd"
LONG = "x" * 60 + " the end"


def iso(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns / SECOND_NS, UTC).isoformat()


DAY = {"dateRange": json.dumps({"date_from": iso(NOON_NS - 22 * HOUR_NS), "date_to": iso(NOON_NS + 2 * HOUR_NS)})}


def ask(api: Api, path: str, **args: Any) -> dict[str, Any]:
    response = api.get(f"{path}/?{urlencode({**DAY, **args})}")
    assert response.status_code == 200, response.text
    schema = AttributeKeysAnswerSchema if path == "attributes" else AttributeValuesAnswerSchema
    assert schema().validate(response.json) == {}
    found: dict[str, Any] = response.json
    return found


def keys(api: Api, **args: Any) -> list[str]:
    return [key["name"] for key in ask(api, "attributes", **args)["results"]]


def values(api: Api, key: str, **args: Any) -> dict[str, int]:
    found = ask(api, "values", key=key, **args)
    assert found["refreshing"] is False
    assert all(value["id"] == value["name"] for value in found["results"])
    return {value["name"]: value["count"] for value in found["results"]}


def keep(api: Api, *logs: dict[str, Any], counted: bool = True, **common: Any) -> None:
    """Store logs of Ada's project, and count them or not."""
    arrive(store, [Log(**{"project_id": api.ada.project_id, **common, **log}) for log in logs])
    if counted:
        time.sleep(0.01)
        count_arrivals(60)


def test_a_key_is_known_at_once_after_its_first_log(api: Api) -> None:
    api.send({"body": "one", "attributes": attributes({"cart.id": "17", "peer": "a"})})
    api.send({"body": "one", "attributes": attributes({"peer": "b"})})
    found = api.get("attributes/").json
    assert found["results"] == [
        {"name": "peer", "propertyFilterType": "log_attribute", "matchedOn": "key", "matchedValue": None},
        {"name": "cart.id", "propertyFilterType": "log_attribute", "matchedOn": "key", "matchedValue": None},
    ]
    assert (found["count"], found["approximate"]) == (2, False)
    resource = api.get("attributes?attribute_type=resource").json
    assert [(key["name"], key["propertyFilterType"]) for key in resource["results"]] == [
        ("service.name", "log_resource_attribute")
    ]
    assert [value["name"] for value in api.get("values/?key=peer").json["results"]] == ["a", "b"]
    assert api.get("values/?key=peer&attribute_type=resource").json["results"] == []


def test_the_last_hour_is_the_default_and_what_is_not_json_counts_as_not_sent(api: Api) -> None:
    api.send({"body": "now", "attributes": attributes({"now": "x"})})
    old = str(time.time_ns() - DAY_NS)
    api.send({"body": "old", "attributes": attributes({"old": "x"}), "timeUnixNano": old})
    for args in ({}, {"dateRange": "{", "serviceNames": "api", "filterGroup": "nope"}, {"dateRange": "null"}):
        response = api.get(f"attributes/?{urlencode(args)}")
        assert [key["name"] for key in response.json["results"]] == ["now"]
    both = api.get("attributes/?date_from=-2d").json["results"]
    assert [key["name"] for key in both] == ["now", "old"]


def test_what_is_counted_and_what_has_arrived_since_add_up_and_come_by_count_and_text(api: Api) -> None:
    keep(api, *[{"attributes": {"a": "x"}}] * 3, {"attributes": {"a": "y"}})
    assert values(api, "a") == {"x": 3, "y": 1}
    keep(api, {"attributes": {"a": "y"}}, {"attributes": {"a": "z", "b": ""}}, counted=False)
    assert values(api, "a") == {"x": 3, "y": 2, "z": 1}
    assert keys(api) == ["a", "b"]
    before = ask(api, "values", key="a")
    keep(api)
    assert ask(api, "values", key="a") == before
    assert before["approximate"] is False
    rows = [("b", 2), ("a", 2), ("ab", 5), ("É", 1)]
    keep(api, *({"attributes": {"k": value}} for value, n in rows for _ in range(n)))
    assert list(values(api, "k").items()) == [("ab", 5), ("a", 2), ("b", 2), ("É", 1)]
    assert values(api, "k", value="B") == {"ab": 5, "b": 2}
    assert values(api, "k", value="é") == {"É": 1}
    assert values(api, "k", limit=2, offset=1) == {"a": 2, "b": 2}
    assert values(api, "nothing") == {}


def test_keys_come_in_the_order_of_how_well_they_match_and_before_values_that_match(api: Api) -> None:
    stored = [("status_code", 9), ("http.status", 2), ("rpc.STATUS.x", 3), ("status", 1), ("other", 20)]
    keep(api, *({"attributes": {key: "v"}} for key, n in stored for _ in range(n)))
    assert keys(api, search="StatuS") == ["status", "status_code", "rpc.STATUS.x", "http.status"]
    assert keys(api) == ["other", "status_code", "rpc.STATUS.x", "http.status", "status"]
    page = ask(api, "attributes", search="status", limit=2, offset=1)
    assert [key["name"] for key in page["results"]] == ["status_code", "rpc.STATUS.x"]
    assert page["count"] == 4
    assert ask(api, "attributes", offset=100) == {"results": [], "count": 5, "approximate": False}
    assert keys(api, keys="status,other,nothing") == ["other", "status"]

    stock = "the inventory"
    rows = [{"peer": "inventory", "x": "a"}, {"peer": stock}, {"peer": stock}, {"inventory": "1"}]
    keep(api, *({"attributes": row} for row in rows))
    for counted in (True, False):
        found = ask(api, "attributes", search="INVENTORY", search_values="true")
        assert [(key["name"], key["matchedOn"], key["matchedValue"]) for key in found["results"]] == [
            ("inventory", "key", None),
            ("peer", "value", stock),
        ], counted
        keep(api, {"attributes": {"peer": stock}}, counted=False)
    assert keys(api, search="INVENTORY", search_values="false") == ["inventory"]
    assert keys(api, search="e i", search_values="true") == []


def test_values_that_are_not_counted_are_found_in_the_rows(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "GROWTH", 10)  # so that a day is more than one window
    rows = [UUID, UUID, LONG, "", "plain", "0199d0c0-ffff"]
    keep(api, *({"attributes": {"k": value}} for value in rows), {"attributes": {"k": "of old ffffff0"}})
    keep(api, {"attributes": {"k": "old 9abcdef"}}, timestamp_ns=NOON_NS - 11 * HOUR_NS)
    assert values(api, "k", value="0199D0") == {UUID: 2, "0199d0c0-ffff": 1}
    assert values(api, "k", value="THE END") == {LONG: 1}
    assert values(api, "k", value="old 9") == {"old 9abcdef": 1}
    assert values(api, "k", value="plain") == {"plain": 1}
    assert values(api, "k", value=UUID) == {UUID: 2}
    assert ask(api, "values", key="k", value="0199")["approximate"] is False
    everything = ask(api, "values", key="k")
    assert {value["name"]: value["count"] for value in everything["results"]} == dict(
        Counter([*rows, "of old ffffff0"])
    )
    assert everything["approximate"] is True  # only the newest hour was looked at for those


def test_keys_are_found_by_values_that_are_not_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "GROWTH", 10)  # so that a day is more than one window
    old = {"timestamp_ns": NOON_NS - 11 * HOUR_NS}

    def matched(text: str, **args: Any) -> tuple[dict[str, str], bool]:
        found = ask(api, "attributes", search=text, search_values="1", **args)
        return {key["name"]: key["matchedValue"] for key in found["results"]}, found["approximate"]

    for kind, counted in (("log", True), ("resource", False)):
        column = "attributes" if kind == "log" else "resource_attributes"
        rows = [{"id": UUID, "the end": UUID}, {"id": UUID}, {"text": LONG, "id": "plain"}, {"text": "x the end"}]
        keep(api, *({column: row} for row in rows), {column: {"id": "old 9abcdef", "since": UUID}, **old})
        if not counted:
            keep(api, {column: {"late": UUID}}, counted=False)
        late = {} if counted else {"late": UUID}
        assert matched("0199D0C0", attribute_type=kind) == ({"id": UUID, "the end": UUID, "since": UUID, **late}, False)
        # The short ids of a resource are counted: as soon as the one key that hides values is found, nothing is left.
        assert matched("THE END", attribute_type=kind) == ({"the end": None, "text": LONG}, not counted)
        assert matched("old 9", attribute_type=kind) == ({"id": "old 9abcdef"}, False)
        assert matched("0199d0c0", attribute_type=kind, keys="since") == ({"since": UUID}, False)
        assert matched("nowhere", attribute_type=kind) == ({}, False)


def test_who_searches_in_values_is_told_of_the_time_that_was_not_looked_at(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "GROWTH", 10)
    keep(api, {"attributes": {"new": UUID, "none": ""}}, timestamp_ns=NOON_NS + HOUR_NS)  # in the newest window
    keep(api, {"attributes": {"id": UUID, "name": "old 9abcdef"}}, timestamp_ns=NOON_NS - 11 * HOUR_NS)
    monkeypatch.setattr(log_attributes, "BUDGET_S", 0)
    found = ask(api, "attributes", search="0199d0c0-0000", search_values="1")
    assert ([key["name"] for key in found["results"]], found["approximate"]) == (["new"], True)
    found = ask(api, "attributes", search="old 9", search_values="1")
    assert (found["results"], found["approximate"]) == ([], True)
    found = ask(api, "attributes", search=UUID, search_values="1")  # the whole value is found at any time
    assert ([key["name"] for key in found["results"]], found["approximate"]) == (["id", "new"], True)
    assert ask(api, "attributes", search="none", search_values="1")["approximate"] is True


def test_columns_answer_like_keys(api: Api) -> None:
    rows = [("api", "info", "boot"), ("api", "error", ""), ("web", "info", "")]
    keep(api, *({"service_name": s, "severity_text": level, "event_name": e} for s, level, e in rows))
    assert values(api, "service_name") == {"api": 2, "web": 1}
    assert values(api, "severity_text", value="ERR") == {"error": 1}
    assert values(api, "event_name") == {"": 2, "boot": 1}
    assert values(api, "service_name", attribute_type="resource") == {}
    errors = json.dumps([{"key": "message", "type": "log", "operator": "icontains", "value": "HELL"}])
    assert values(api, "service_name", filterGroup=errors) == {"api": 2, "web": 1}


def test_filters_are_honoured_and_hours_counted_as_a_whole(api: Api) -> None:
    keep(
        api,
        {"service_name": "api", "attributes": {"a": "x"}, "resource_attributes": {"host": "h1"}},
        {"service_name": "web", "attributes": {"a": UUID, "b": "y"}, "resource_attributes": {"host": "h2"}},
        {"service_name": "web", "attributes": {"a": UUID}, "timestamp_ns": NOON_NS - 11 * HOUR_NS},
    )
    web = {"serviceNames": '["web"]'}
    assert keys(api, **web) == ["a", "b"]
    assert keys(api, serviceNames='["api"]') == ["a"]
    assert values(api, "a", **web) == {UUID: 2}
    assert values(api, "host", attribute_type="resource", **web) == {"h2": 1}
    group = json.dumps([{"key": "a", "type": "log_attribute", "operator": "exact", "value": "x"}])
    assert keys(api, filterGroup=group) == ["a"]
    assert keys(api, search="web", filterGroup=group) == []
    found = ask(api, "attributes", search="0199d0", search_values="1", **web)
    assert [(key["name"], key["matchedValue"]) for key in found["results"]] == [("a", UUID)]

    keep(api, {"attributes": {"hours": "x"}}, {"attributes": {"hours": "x"}, "timestamp_ns": NOON_NS + 40 * MINUTE_NS})
    keep(api, {"attributes": {"hours": "y"}}, timestamp_ns=NOON_NS + HOUR_NS)
    part = {"date_from": iso(NOON_NS + 30 * MINUTE_NS), "date_to": iso(NOON_NS + 50 * MINUTE_NS), "dateRange": ""}
    found = ask(api, "values", key="hours", **part)
    assert found["results"] == [{"id": "x", "name": "x", "count": 2}]
    assert found["approximate"] is True
    exact = ask(api, "values", key="hours", **part, serviceNames='["api"]')
    assert exact["results"] == [{"id": "x", "name": "x", "count": 1}]
    assert exact["approximate"] is False


def test_hostile_keys_and_values_come_out_unchanged(api: Api, subtests: pytest.Subtests) -> None:
    for counted in (True, False):
        rows = ({"attributes": {key: f"v {key}"}, "resource_attributes": {key: key}} for key in HOSTILE)
        keep(api, *rows, counted=counted)
        assert sorted(keys(api)) == sorted(keys(api, attribute_type="resource")) == sorted(HOSTILE)
        for key in HOSTILE:
            with subtests.test(key=key, counted=counted):
                kind, stored = ("log", f"v {key}") if counted else ("resource", key)
                assert values(api, key, attribute_type=kind, value=key.lower()) == {stored: 1 + (not counted)}


def test_projects_are_apart_and_rows_beside_the_counts_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(api, {"attributes": {"mine": "x"}})
    keep(api, {"attributes": {"theirs": UUID}, "project_id": api.bob.project_id})
    keep(api, {"attributes": {"theirs": "later"}, "project_id": api.bob.project_id}, counted=False)
    assert keys(api) == ["mine"]
    assert values(api, "theirs") == values(api, "theirs", value="0199d0") == {}
    theirs = f"/api/environments/{api.bob.project_id}/logs/values?{urlencode({**DAY, 'key': 'theirs'})}"
    assert [value["name"] for value in api.get(theirs, key=api.bob.key).json["results"]] == [UUID, "later"]
    monkeypatch.setattr(log_attributes, "MOST_UNCOUNTED", 2)
    keep(api, *[{"attributes": {"more": "x"}}] * 3, counted=False)
    assert ask(api, "values", key="more") == {
        "results": [{"id": "x", "name": "x", "count": 2}],
        "refreshing": False,
        "approximate": True,
    }
    assert ask(api, "attributes")["approximate"] is True


def test_unusable_arguments_are_named(api: Api, subtests: pytest.Subtests) -> None:
    for path, args, attr, code in [
        ("values", {}, "key", "required"),
        ("values", {"key": "k", "limit": "0"}, "limit", "min_value"),
        ("attributes", {"limit": "101"}, "limit", "max_value"),
        ("attributes", {"limit": "many"}, "limit", "invalid_input"),
        ("attributes", {"offset": "-1"}, "offset", "min_value"),
        ("attributes", {"attribute_type": "span"}, "attribute_type", "invalid_choice"),
        ("attributes", {"search_values": "perhaps"}, "search_values", "invalid_input"),
        ("attributes", {"dateRange": '{"date_from": "soon"}'}, "dateRange__date_from", "invalid_input"),
        ("attributes", {"dateRange": "[]"}, "dateRange", "invalid_input"),
        ("attributes", {"date_from": "-1h", "date_to": "-2h"}, "dateRange__date_from", "invalid_input"),
        ("attributes", {"serviceNames": '"api"'}, "serviceNames", "invalid_input"),
        ("attributes", {"filterGroup": '[{"key": "k"}]'}, "filterGroup__0__type", "required"),
        ("attributes", {"filterGroup": "[" * 100 + "]" * 100}, "filterGroup", "invalid_input"),
        ("attributes", {"keys": ",".join("k" * 1001)}, "keys", "max_length"),
    ]:
        with subtests.test(path=path, args=str(args)[:60]):
            response = api.get(f"{path}/?{urlencode(args)}")
            assert response.status_code == 400
            assert (response.json["attr"], response.json["code"]) == (attr, code)
