"""Columns that the caller names: keys of attributes, and places in bodies that are JSON."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tests.support.api import Api, attributes

HOSTILE = ("it's", 'a"b', "a\\b", "{p0:String}", "'] OR 1=1 --", "with.dots", "grün", "\0", "a b", "`", "%")


def key_of(expression: str) -> str:
    return f"col_{sha256(expression.encode()).hexdigest()[:12]}"


def column(api: Api, expression: str, **query: Any) -> list[str | None]:
    """Return the values of one column, earliest row first."""
    rows = api.rows(customColumns=[expression], orderBy="earliest", **query)
    return [row[key_of(expression)] for row in rows]


def send_in_order(api: Api, *bodies: str) -> None:
    for body in bodies:
        api.send({"body": body})


def test_each_column_is_a_key_of_every_row_and_named_in_the_answer(api: Api) -> None:
    api.send({"body": '{"user": {"id": 7}}', "attributes": attributes({"http.route": "/pay"})})
    expressions = ["attributes.http.route", "resource_attributes.service.name", "body.user.id"]
    answer = api.post("query/", {"query": {"customColumns": expressions}}).json
    assert answer["columns"] == expressions
    (row,) = answer["results"]
    assert [row[key_of(expression)] for expression in expressions] == ["/pay", "api", "7"]
    assert row["attributes"] == {"http.route": "/pay"}


def test_a_column_that_is_named_twice_is_one(api: Api) -> None:
    api.send({"body": "here", "attributes": attributes({"k": "v"})})
    answer = api.post("query/", {"query": {"customColumns": ["attributes.k", "attributes.k"]}}).json
    assert answer["columns"] == ["attributes.k"]
    assert answer["results"][0][key_of("attributes.k")] == "v"


def test_columns_come_without_the_maps_that_hold_them(api: Api) -> None:
    api.send({"body": "here", "attributes": attributes({"k": "v", "other": "w"})})
    (row,) = api.rows(customColumns=["attributes.k", "resource_attributes.service.name"], excludeAttributes=True)
    assert (row["attributes"], row["resource_attributes"]) == ({}, {})
    assert (row[key_of("attributes.k")], row[key_of("resource_attributes.service.name")]) == ("v", "api")


def test_a_missing_key_is_null_and_an_empty_value_is_empty(api: Api) -> None:
    api.send({"body": "1", "attributes": attributes({"k": ""})}, {"body": "2"})
    by_body = {row["body"]: row[key_of("attributes.k")] for row in api.rows(customColumns=["attributes.k"])}
    assert by_body == {"1": "", "2": None}


def test_any_key_can_be_named(api: Api, subtests: pytest.Subtests) -> None:
    api.send({"body": "here", "attributes": attributes({key: f"value of {key}" for key in HOSTILE})})
    for key in HOSTILE:
        with subtests.test(key=key):
            assert column(api, f"attributes.{key}") == [f"value of {key}"]
            assert column(api, f"body.{key}") == [None]


def test_values_of_a_json_body_are_text_as_it_stands_or_json(api: Api) -> None:
    send_in_order(
        api,
        '{"a": {"b": "two\\nlines"}}',
        '{"a": {"b": 1.5}}',
        '{"a": {"b": 12345678901234567890123}}',
        '{"a": {"b": true}}',
        '{"a": {"b": {"c": [1, null]}}}',
        '{"a": {"b": ""}}',
        '{"a": {"b": null}}',
        '{"a": 1}',
        "[1]",
        "not json",
        "",
    )
    shown = ["two\nlines", "1.5", "12345678901234567890123", "true", '{"c":[1,null]}', ""]
    assert column(api, "body.a.b") == [*shown, None, None, None, None, None]


def test_a_path_is_also_a_key_with_dots(api: Api) -> None:
    send_in_order(api, '{"http.status": 500}', '{"http": {"status": 404}}', '{"http": {"status": 1}, "http.status": 2}')
    assert column(api, "body.http.status") == ["500", "404", "1"]


def test_columns_come_with_every_page(api: Api) -> None:
    api.send(*({"body": f'{{"n": {number}}}'} for number in range(5)))
    seen: list[str] = []
    query: dict[str, Any] = {"customColumns": ["body.n"], "limit": 2}
    for _ in range(3):
        answer = api.post("query/", {"query": query}).json
        seen += [row[key_of("body.n")] for row in answer["results"]]
        query["after"] = answer["nextCursor"]
    assert sorted(seen) == ["0", "1", "2", "3", "4"]
