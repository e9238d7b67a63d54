"""``facet_values/``: how often each value occurs among the logs that the other filters leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.api import Api, SeparateClient
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp import create_app
from webapp.api.schemas.facets import FacetsAnswerSchema
from webapp.extensions import store
from webapp.settings import Settings

HOSTILE = ["a.b", "it's", 'say "hi"', "[0]", "back\\slash", "nul\x00byte", "🦔", "", "%_", "{p0:String}", "É"]


def iso(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns / SECOND_NS, UTC).isoformat()


RANGE = {"date_from": iso(NOON_NS), "date_to": iso(NOON_NS + 2 * HOUR_NS)}


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("facet_values/", {"query": {"dateRange": RANGE, **query}})
    assert response.status_code == 200, response.text
    assert FacetsAnswerSchema().validate(response.json) == {}
    found: dict[str, Any] = response.json
    return found


def counts(api: Api, **query: Any) -> list[tuple[str, int]]:
    found = ask(api, **query)
    assert set(found) == {"results"}
    return [(value["value"], value["count"]) for value in found["results"]]


def keep(api: Api, *logs: dict[str, Any]) -> None:
    insert(store, [Log(**{"project_id": api.ada.project_id, "timestamp_ns": NOON_NS + 7, **log}) for log in logs])


@pytest.fixture
def shop(api: Api) -> Api:
    """The API with seven logs of three services in Ada's project, and one in Bob's."""
    rows = [
        ("api", "info", "paid", {"tier": "pro", "region": "eu"}),
        ("api", "info", "paid", {"tier": "free", "region": "eu"}),
        ("api", "error", "refused", {"tier": "pro", "region": "us"}),
        ("web", "info", "shown", {"tier": "pro", "region": "us"}),
        ("web", "error", "refused", {"tier": ""}),
        ("web", "warn", "slow", {}),
        ("", "info", "paid", {"region": "eu"}),
    ]
    keep(
        api,
        *(
            {
                "service_name": service,
                "severity_text": level,
                "body": body,
                "attributes": attributes,
                "resource_attributes": {"host": f"{service}-1"},
            }
            for service, level, body, attributes in rows
        ),
        {"project_id": api.bob.project_id, "service_name": "theirs", "attributes": {"tier": "theirs"}},
    )
    return api


def equals(key: str, *values: str, operator: str = "exact", kind: str = "log_attribute") -> dict[str, Any]:
    return {"key": key, "type": kind, "operator": operator, "value": list(values)}


def test_a_facet_ignores_the_filter_on_itself_and_honours_every_other(shop: Api) -> None:
    assert counts(shop, facetField="service_name") == [("api", 3), ("web", 3), ("", 1)]
    assert counts(shop, facetField="service_name", serviceNames=["api"]) == [("api", 3), ("web", 3), ("", 1)]
    assert counts(shop, facetField="severity_text", serviceNames=["api"]) == [("info", 2), ("error", 1)]
    assert counts(shop, facetField="severity_text", serviceNames=["api"], severityLevels=["warn"]) == [
        ("info", 2),
        ("error", 1),
    ]
    assert counts(shop, facetField="service_name", searchTerm="PAI") == [("api", 2), ("", 1)]
    assert counts(shop, facetField="service_name", q="level:error -service:api") == [("api", 1), ("web", 1)]
    assert counts(shop, facetAttribute="tier") == [("pro", 3), ("", 1), ("free", 1)]
    assert counts(shop, facetAttribute="tier", filterGroup=[equals("tier", "free")]) == [
        ("pro", 3),
        ("", 1),
        ("free", 1),
    ]
    assert counts(shop, facetAttribute="tier", filterGroup=[equals("region", "eu")]) == [("free", 1), ("pro", 1)]
    assert counts(shop, facetResourceAttribute="host", severityLevels=["error"]) == [("api-1", 1), ("web-1", 1)]
    assert counts(shop, facetAttribute="nothing") == []
    either = {"type": "OR", "values": [equals("tier", "free"), equals("region", "us")]}
    assert counts(shop, facetAttribute="tier", filterGroup=either) == [("pro", 2), ("free", 1)]
    assert counts(shop, facetAttribute="tier", facetSearch="R") == [("pro", 3), ("free", 1)]


def test_several_facets_in_one_call_each_ignore_their_own_filter(shop: Api) -> None:
    asked = {"facetFields": ["severity_text", "service_name"], "facetAttributes": ["tier", "nothing", "region", "tier"]}
    chosen = {
        "severityLevels": ["info"],
        "filterGroup": [equals("tier", "pro"), equals("region", "us", operator="is_not")],
    }
    for filters in ({}, {"severityLevels": ["info"]}, chosen, {**chosen, "searchTerm": "paid"}, {"q": "paid"}):
        found = ask(shop, **asked, **filters, facetResourceAttributes=["host"])
        assert set(found) == {"facetFields", "facetResourceAttributes", "facetAttributes"}
        assert [facet["key"] for facet in found["facetAttributes"]] == ["tier", "nothing", "region"]
        for plural, single in (("facetFields", "facetField"), ("facetAttributes", "facetAttribute")):
            for facet in found[plural]:
                alone = ask(shop, **filters, **{single: facet["key"]})
                assert facet["values"] == alone["results"], (filters, facet["key"])
    assert found["facetResourceAttributes"] == [
        {"key": "host", "values": [{"value": "api-1", "count": 2}, {"value": "-1", "count": 1}]}
    ]


def test_the_hundred_most_frequent_values_come_and_a_search_finds_the_others(api: Api) -> None:
    keep(api, *({"attributes": {"n": f"v{number:03d}"}} for number in range(120) for _ in range(1 + (number > 110))))
    found = counts(api, facetAttribute="n")
    assert found == [(f"v{n}", 2) for n in range(111, 120)] + [(f"v{n:03d}", 1) for n in range(91)]
    assert counts(api, facetAttribute="n", facetSearch="V109") == [("v109", 1)]
    # Hostile keys and values come out unchanged.
    keep(api, *({"attributes": {key: f"v {key}"}, "service_name": key} for key in HOSTILE))
    facets = ask(api, facetAttributes=HOSTILE)["facetAttributes"]
    assert {facet["key"]: facet["values"] for facet in facets} == {
        key: [{"value": f"v {key}", "count": 1}] for key in HOSTILE
    }
    services = dict(counts(api, facetField="service_name"))
    assert {name: services[name] for name in HOSTILE} == dict.fromkeys(HOSTILE, 1)


@pytest.fixture
def quick(api: Api, settings: Settings) -> Iterator[Api]:
    """The same API on an instance that has no time."""
    hurried = create_app(replace(settings, search_budget_s=0))
    hurried.test_client_class = SeparateClient
    yield replace(api, app=hurried, client=hurried.test_client())
    with hurried.app_context():
        store.close()


def test_facets_for_which_there_is_no_time_are_sampled_and_say_so(api: Api, quick: Api) -> None:
    rows = ({"timestamp_ns": NOON_NS + 2 * n * SECOND_NS, "attributes": {"half": str(n % 2)}} for n in range(3600))
    keep(api, *rows)
    found = ask(quick, facetAttributes=["half"], facetFields=["severity_text"])
    [facet] = found["facetAttributes"]
    assert facet["approximate"] is True
    assert sorted(value["value"] for value in facet["values"]) == ["0", "1"]
    assert all(1600 <= value["count"] <= 2000 for value in facet["values"])
    assert found["facetFields"] == [{"key": "severity_text", "values": [{"value": "info", "count": 3600}]}]
    alone = ask(quick, facetAttribute="half")
    assert (alone["approximate"], alone["results"]) == (True, facet["values"])
    assert sorted(counts(api, facetAttribute="half")) == [("0", 1800), ("1", 1800)]


def test_one_field_or_lists_of_fields_are_needed(api: Api, subtests: pytest.Subtests) -> None:
    for query, attr, code in [
        ({}, "query", "invalid_input"),
        ({"facetAttributes": []}, "query", "invalid_input"),
        ({"facetField": "service_name", "facetAttribute": "k"}, "query", "invalid_input"),
        ({"facetField": "service_name", "facetAttributes": ["k"]}, "query", "invalid_input"),
        ({"facetField": "body"}, "query__facetField", "invalid_choice"),
        ({"facetFields": ["body"]}, "query__facetFields__0", "invalid_choice"),
        ({"facetAttributes": ["k"] * 51}, "query", "max_length"),
        ({"facetAttribute": "k" * 1001}, "query__facetAttribute", "max_length"),
        ({"facetAttributes": "k"}, "query__facetAttributes", "invalid_input"),
    ]:
        with subtests.test(str(query)[:60]):
            response = api.post("facet_values/", {"query": query})
            assert response.status_code == 400
            assert (response.json["attr"], response.json["code"]) == (attr, code)
    assert api.post("facet_values/", {}).json["attr"] == "query"
    assert api.post("facet_values", {"query": {"facetField": "service_name"}}).json == {"results": []}
