"""Whatever logs hold travels in, is found by every operator, and comes out of every endpoint unchanged."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
import re2

from tests.api.conftest import Inhabited
from tests.support.databases import Databases
from tests.support.otlp import json_record
from tests.support.otlp_http import JSON
from tests.support.plain_filters import passes
from tests.support.travel import LONG_BODY, MANY, TEXTS, World, run_world, send_bytes
from webapp import create_app
from webapp.services.filter_operators import OPERATORS
from webapp.settings import Settings

pytestmark = pytest.mark.xdist_group("travel")  # one instance for all

COLUMNS = {"log": "attributes", "resource": "resource_attributes"}
FIELDS = [("log_attribute", ""), ("log_resource_attribute", ""), ("log_attribute", "same")]
FIELDS += [("log_resource_attribute", "own"), ("log", "message"), ("log", "service_name"), ("log", "event_name")]
STRICT = ("gt", "lt")  # operators that no value holds against itself


@pytest.fixture(scope="module")
def world(
    databases: Databases,
    inhabited: Inhabited,
    settings_in: Callable[..., Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The instance with the hostile logs."""
    data_dir = tmp_path_factory.mktemp("travel")
    with databases.lend(migrated=True) as name:
        settings = settings_in(data_dir, name)
        with run_world(inhabited.settle(create_app(settings), data_dir), settings) as started:
            yield started


def parts_of(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[at : at + size] for at in range(0, len(items), size))


def filters(kind: str, key: str, text: str, *, positive: bool) -> list[dict[str, Any]]:
    """Every operator that holds for a log's own value, or all others."""
    found = []
    for operator in OPERATORS:
        negated = operator.startswith(("not_", "is_not", "is_date")) or operator in STRICT
        if negated == positive or ("regex" in operator and len(text) > 200):
            continue
        value: Any = text
        if operator in ("in", "not_in"):
            value = [text, "another"]
        elif "between" in operator:
            value = [text, text]
        elif "regex" in operator:
            value = re2.escape(text)
        elif operator.startswith("is_date"):
            value = "2026-11-23"
        found.append({"key": key, "type": kind, "operator": operator, "value": value})
    return found


def test_rows_come_out_as_they_were_sent(world: World) -> None:
    rows = world.post("query", limit=2000)["results"]
    assert len(rows) == len(world.rows)
    for row in rows:
        sent = world.rows[row["attributes"]["n"]]
        for name in ("body", "service_name", "event_name", "attributes", "resource_attributes"):
            assert row[name] == getattr(sent, name), name
        assert row["instrumentation_scope"] == (f"{sent.scope_name}@" if sent.scope_name else "")


@pytest.mark.parametrize(("number", "field"), list(enumerate(FIELDS)))
def test_every_operator_finds_them(world: World, number: int, field: tuple[str, str]) -> None:
    kind, key = field
    own = [text for text in TEXTS if text or kind != "log"]
    for positive, texts in [(True, part) for part in parts_of(own[:: 1 if key == "" else 3], 20)] + [
        (False, own[number::7])
    ]:
        each = [
            {"type": "AND" if positive else "OR", "values": filters(kind, key or text, text, positive=positive)}
            for text in texts
        ]
        group = {"type": "OR" if positive else "AND", "values": each}
        expected = {number for number, row in world.rows.items() if passes([group], row)}
        assert len(expected) >= len(texts) if positive else len(expected) <= len(world.rows) - len(texts)
        assert world.found(filterGroup=group) == expected, texts


def test_the_search_finds_them_by_key_and_by_value_in_its_quotes(world: World) -> None:
    def quoted(text: str) -> str:
        escaped = re.sub(r'(["\\])', r"\\\1", text)
        return f'"{escaped}"'

    for prefix, column in (("", "attributes"), ("resource.", "resource_attributes")):
        for texts in parts_of(TEXTS, 20):
            search = " OR ".join(f"{prefix}{quoted(text)}:{quoted(text)}" for text in texts)
            expected = {n for n, row in world.rows.items() if any(getattr(row, column).get(t) == t for t in texts)}
            assert len(expected) >= len(texts)
            assert world.found(q=search) == expected, search
    for text in TEXTS[1::6]:
        expected = {number for number, row in world.rows.items() if text.lower() in row.body.lower()}
        assert world.found(searchTerm=text) == world.found(q=quoted(text)) == expected, text
        assert world.post("count", q=quoted(text)) == {"count": len(expected)}


def test_a_long_body_is_found_by_its_end_and_many_attributes_by_each(world: World) -> None:
    number = next(number for number, row in world.rows.items() if row.body is LONG_BODY)
    assert world.found(searchTerm="THE VERY END") == {number}
    for operator, value in (("ends_with", "the very end"), ("regex", "very end$"), ("starts_with", LONG_BODY[:9_000])):
        for key, kind in (("message", "log"), ("long", "log_attribute")):
            asked = {"key": key, "type": kind, "operator": operator, "value": value}
            assert world.found(filterGroup=[asked]) == {number}
    asked = {"key": f"many.{MANY - 1:04}", "type": "log_attribute", "operator": "exact", "value": f"v{MANY - 1}"}
    assert len(world.found(filterGroup=[asked])) == 1


def test_columns_are_named_after_them(world: World) -> None:
    asked = [f"{column}.{text}" for column in COLUMNS.values() for text in TEXTS if text]
    for columns in parts_of(asked, 50):
        page = world.post("query", limit=2000, customColumns=columns)
        assert page["columns"] == columns
        for row in page["results"]:
            for column in columns:
                source, _, key = column.partition(".")
                shown = row[f"col_{sha256(column.encode()).hexdigest()[:12]}"]
                assert shown == getattr(world.rows[row["attributes"]["n"]], source).get(key)


@pytest.mark.parametrize("kind", ["log", "resource"])
def test_keys_are_listed_and_found(world: World, kind: str) -> None:
    maps: list[dict[str, str]] = [getattr(row, COLUMNS[kind]) for row in world.rows.values()]
    keys = {key for attributes in maps for key in attributes}

    def listed(**args: Any) -> set[str]:
        found = world.ask("attributes", attribute_type=kind, **args)
        assert found["count"] == len(found["results"])
        return {key["name"] for key in found["results"]}

    assert world.ask("attributes", attribute_type=kind)["count"] == len(keys)
    assert listed(keys=json.dumps(TEXTS)) == set(TEXTS)
    assert listed(keys="a.b,[0],a,b") == {"a.b", "[0]"}
    for text in TEXTS[1::5]:
        if text not in "many.0123456789":
            assert listed(search=text) == {key for key in keys if text.lower() in key.lower()}, text
    for text in ("🦔🦔end", "x" * 256, 'SAY "HI"', "nul\0byte", "'; drop table"):
        having = {key for attributes in maps for key, value in attributes.items() if text.lower() in value.lower()}
        named = {key for key in keys if text.lower() in key.lower()}
        assert listed(search=text, search_values="true") == having | named, text


@pytest.mark.parametrize("kind", ["log", "resource"])
def test_values_are_listed_and_found_by_key(world: World, kind: str) -> None:
    maps: list[dict[str, str]] = [getattr(row, COLUMNS[kind]) for row in world.rows.values()]
    for at, text in enumerate(TEXTS[kind == "log" :: 2]):
        wanted = (text, "", text[1:].upper())[at % 3]
        found = world.ask("values", key=text, attribute_type=kind, value=wanted)["results"]
        expected = Counter(m[text] for m in maps if text in m and wanted.lower() in m[text].lower())
        assert {value["name"]: value["count"] for value in found} == dict(expected), text
    own = "same" if kind == "log" else "own"
    found = world.ask("values", key=own, attribute_type=kind)["results"]
    assert {value["id"] for value in found} == set(TEXTS)
    assert world.ask("values", key=own, attribute_type=kind, value="🦔🦔END")["results"][0]["name"] == TEXTS[-1]
    found = world.ask("values", key="long", value="the very end")["results"]
    assert [value["name"] == LONG_BODY for value in found] == [True]


def test_facets_have_them_as_keys_and_as_values(world: World) -> None:
    for name, column in (("facetAttributes", "attributes"), ("facetResourceAttributes", "resource_attributes")):
        for texts in parts_of(TEXTS, 50):
            for facet in world.post("facet_values", **{name: texts})[name]:
                maps: list[dict[str, str]] = [getattr(row, column) for row in world.rows.values()]
                counts = {value["value"]: value["count"] for value in facet["values"]}
                assert counts == dict(Counter(m[facet["key"]] for m in maps if facet["key"] in m)), facet["key"]
    for text in TEXTS[1::4]:
        one = {"facetAttribute": "same"} if len(text) % 2 else {"facetResourceAttribute": "own"}
        results = world.post("facet_values", facetSearch=text, **one)["results"]
        assert {value["value"] for value in results} == {t for t in TEXTS if text.lower() in t.lower()}, text
    services = world.post("facet_values", facetField="service_name")["results"]
    assert {value["value"] for value in services} == {row.service_name for row in world.rows.values()}


def test_groups_have_them_as_keys_and_as_values(world: World) -> None:
    for at, keys in enumerate(parts_of(TEXTS, 4)):
        source = ("log", "resource")[at % 2]
        found = world.post("group-by", groupBys=[{"key": key, "source": source} for key in keys], limit=500)
        maps: list[dict[str, str]] = [getattr(row, COLUMNS[source]) for row in world.rows.values()]
        expected = Counter(tuple(m[key] for key in keys) for m in maps if all(key in m for key in keys))
        assert {tuple(group["values"]): group["log_count"] for group in found["groups"]} == dict(expected), keys
    assert {group["value"] for group in world.post("group-by", groupBy="same", limit=500)["groups"]} == set(TEXTS)


def test_services_are_named_as_they_name_themselves(world: World) -> None:
    names = {row.service_name for row in world.rows.values()}
    found = world.post("services")
    assert {service["service_name"] for service in found["services"]} == names - {""} | {"(no service)"}
    assert found["total_services"] == len(names)
    for text in TEXTS[5::12]:
        one = world.post("services", serviceNameSearch=text)
        expected = {name for name in names if text.lower() in name.lower()}
        assert {service["service_name"] for service in one["services"]} == expected, text
        assert world.found(serviceNames=[text]) == {n for n, row in world.rows.items() if row.service_name == text}
        points = world.post("sparkline", sparklineBreakdownBy="service", serviceNames=[text])
        assert {(point["service"], point["count"]) for point in points if point["count"]} == {(text, 1)}
    points = world.post("sparkline", sparklineBreakdownBy="service")
    assert sum(point["count"] for point in points) == len(world.rows)


def test_patterns_find_the_lines_that_they_are_of(world: World) -> None:
    found = world.post("patterns")
    assert sum(pattern["count"] for pattern in found["patterns"]) == len(world.rows)
    assert all(len(example) <= 1000 for pattern in found["patterns"] for example in pattern["examples"])
    for pattern in found["patterns"]:
        if pattern["match_regex"] is None and pattern["match_literal"] is None:
            assert pattern["examples"] == [""]  # no search finds a body that is empty
    regexes = [pattern["match_regex"] for pattern in found["patterns"] if pattern["match_regex"] is not None]
    asked = {"key": "message", "type": "log", "operator": "regex", "value": regexes}
    by_regex = sum(pattern["count"] for pattern in found["patterns"] if pattern["match_regex"] is not None)
    assert by_regex > len(world.rows) / 2
    assert world.post("count", filterGroup=[asked])["count"] >= by_regex


def test_views_keep_what_they_are_made_of(world: World) -> None:
    group = [{"key": text, "type": "log_attribute", "operator": "exact", "value": text} for text in TEXTS]
    view = {
        "name": TEXTS[48],
        "filters": {"filterGroup": group, **{text: text for text in TEXTS}},
        "columns": TEXTS[:50],
    }
    made = world.api.post("views/", view)
    assert made.status_code == 201, made.text
    kept = world.ask(f"views/{made.json['short_id']}")
    assert {name: kept[name] for name in view} == view
    assert world.found(filterGroup=kept["filters"]["filterGroup"][48:49]) == {"48"}


def test_an_empty_value_is_no_missing_key(world: World) -> None:
    own = {number for number, row in world.rows.items() if row.attributes.get("same") == ""}
    missing = {number for number, row in world.rows.items() if "same" not in row.attributes}
    assert own
    assert missing
    same = {"key": "same", "type": "log_attribute"}
    assert world.found(filterGroup=[{**same, "operator": "exact", "value": ""}]) == own
    assert world.found(filterGroup=[{**same, "operator": "is_not_set"}]) == missing
    assert world.found(q='same:""') == own


def test_text_that_is_not_unicode_is_mended_on_its_way_in(world: World) -> None:
    fields = {"body": {"stringValue": "@ cut"}, "attributes": [{"key": "@ key", "value": {"stringValue": "@ value"}}]}
    for broken in (b"\\ud83d", b"\xff"):
        send_bytes(world.api, json_record(**fields).replace(b"@", broken), {"Content-Type": JSON})
    asked = {"key": "\ufffd key", "type": "log_attribute", "operator": "exact", "value": "\ufffd value"}
    rows = world.post("query", filterGroup=[asked])["results"]
    assert [(row["body"], row["attributes"]) for row in rows] == [("\ufffd cut", {"\ufffd key": "\ufffd value"})] * 2
    half = world.api.call(
        "POST", "count/", data=b'{"query": {"searchTerm": "\\ud83d"}}', headers={"Content-Type": JSON}
    )
    assert (half.status_code, half.json["code"]) == (400, "parse_error")


LONG = "x" * 1_000_000


@pytest.mark.parametrize(
    ("path", "query", "attr"),
    [
        ("query", {"searchTerm": LONG}, "searchTerm"),
        ("count", {"q": LONG}, "q"),
        ("count", {"sessionId": LONG}, "sessionId"),
        ("count", {"serviceNames": [LONG]}, "serviceNames__0"),
        ("query", {"after": LONG}, "after"),
        ("query", {"customColumns": [f"attributes.{LONG}"]}, "customColumns__0"),
        (
            "sparkline",
            {"filterGroup": [{"key": LONG, "type": "log_attribute", "operator": "is_set"}]},
            "filterGroup__0__key",
        ),
        (
            "count",
            {"filterGroup": [{"key": "k" * 1001, "type": "log_attribute", "operator": "is_set"}]},
            "filterGroup__0__key",
        ),
        (
            "count",
            {"filterGroup": [{"key": "k", "type": "log_attribute", "operator": "exact", "value": LONG}]},
            "filterGroup__0__value",
        ),
        ("facet_values", {"facetAttribute": LONG}, "facetAttribute"),
        ("facet_values", {"facetField": "service_name", "facetSearch": LONG}, "facetSearch"),
        ("group-by", {"groupBy": LONG}, "groupBy"),
        ("services", {"serviceNameSearch": LONG}, "serviceNameSearch"),
    ],
)
def test_what_is_too_long_to_be_asked_is_refused_by_name(
    world: World, path: str, query: dict[str, Any], attr: str
) -> None:
    reply = world.api.post(f"{path}/", {"query": query})
    assert (reply.status_code, reply.json["attr"]) == (400, f"query__{attr}")
    assert len(reply.data) < 2_000


def test_addresses_hold_long_keys_and_say_where_they_end(world: World) -> None:
    for key, status in (
        ("k" * 1000, 200),
        ("k" * 1001, 400),
        ("🦔" * 600, 200),
        ("\0" * 1000, 200),
        ("🦔" * 1000, 414),
    ):
        reply = world.api.get(f"values/?{urlencode({'key': key})}")
        assert reply.status_code == status, key[:1]
    assert world.ask("attributes", search="k" * 1000)["results"][0]["name"] == "k" * 1001


def test_they_are_found_in_no_other_project(world: World) -> None:
    reply = world.api.post(
        f"/api/projects/{world.api.bob.project_id}/logs/count/", {"query": {}}, key=world.api.bob.key
    )
    assert reply.json == {"count": 0}
