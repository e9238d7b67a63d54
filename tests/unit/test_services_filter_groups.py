"""Filter groups of the API as filter trees: every operator and type, and every refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.tree import EVERYTHING, And, Match, Node, Not, Operator, Or, attribute, resource_attribute
from webapp.services.filter_groups import LOG_KEYS, filter_group
from webapp.services.filter_operators import OPERATORS

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
DAY_NS = 86_400 * 10**9
MIDNIGHT_NS = 1_795_392_000 * 10**9  # of the day that NOW is in
KEY = attribute("k")


def read(value: Any) -> Node:
    return filter_group(value, NOW, "query__filterGroup")


def one(operator: str, value: Any = None, key: str = "k", kind: str = "log_attribute") -> Node:
    """Read a single filter, without the group round it."""
    node = read([{"key": key, "type": kind, "operator": operator, "value": value}])
    assert isinstance(node, And)
    (item,) = node.items
    return item


def match(operator: Operator, *values: str) -> Match:
    return Match(KEY, operator, values)


LOW, HIGH = match(Operator.AT_LEAST, "1"), match(Operator.AT_MOST, "9")


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("exact", "a", match(Operator.EQUALS, "a")),
        ("exact", ["a", "b"], match(Operator.EQUALS, "a", "b")),
        ("is_not", "a", Not(match(Operator.EQUALS, "a"))),
        ("is_not", ["a", "b"], Not(match(Operator.EQUALS, "a", "b"))),
        ("in", ["a"], match(Operator.EQUALS, "a")),
        ("not_in", ["a", "b"], Not(match(Operator.EQUALS, "a", "b"))),
        ("icontains", "a", match(Operator.CONTAINS, "a")),
        ("icontains", ["a", "b"], match(Operator.CONTAINS, "a", "b")),
        ("not_icontains", ["a", "b"], Not(match(Operator.CONTAINS, "a", "b"))),
        ("starts_with", "a", match(Operator.STARTS_WITH, "a")),
        ("not_starts_with", ["a", "b"], Not(match(Operator.STARTS_WITH, "a", "b"))),
        ("ends_with", ["a", "b"], match(Operator.ENDS_WITH, "a", "b")),
        ("not_ends_with", "a", Not(match(Operator.ENDS_WITH, "a"))),
        ("regex", "a.*b", match(Operator.REGEX, "a.*b")),
        ("not_regex", "^$", Not(match(Operator.REGEX, "^$"))),
        ("gt", 5, match(Operator.GREATER, "5")),
        ("gte", "5", match(Operator.AT_LEAST, "5")),
        ("lt", 0.5, match(Operator.LESS, "0.5")),
        ("lte", "zoo", match(Operator.AT_MOST, "zoo")),
        ("between", [1, 9], And((LOW, HIGH))),
        (
            "not_between",
            ["1", "9"],
            Or((Not(match(Operator.EXISTS)), match(Operator.LESS, "1"), match(Operator.GREATER, "9"))),
        ),
        ("not_between", ["a", "b"], Not(And((match(Operator.AT_LEAST, "a"), match(Operator.AT_MOST, "b"))))),
        ("between", ["a", "b"], And((match(Operator.AT_LEAST, "a"), match(Operator.AT_MOST, "b")))),
        ("is_set", None, match(Operator.EXISTS)),
        ("is_set", "is_set", match(Operator.EXISTS)),
        ("is_not_set", "anything", Not(match(Operator.EXISTS))),
        ("is_date_exact", "2026-11-23", match(Operator.IN_TIME, str(MIDNIGHT_NS), str(MIDNIGHT_NS + DAY_NS))),
        ("is_date_before", "2026-11-23", match(Operator.IN_TIME, "", str(MIDNIGHT_NS))),
        ("is_date_after", "2026-11-23", match(Operator.IN_TIME, str(MIDNIGHT_NS + DAY_NS), "")),
    ],
)
def test_an_operator(operator: str, value: Any, expected: Node) -> None:
    assert one(operator, value) == expected


def test_every_operator_is_tested_here() -> None:
    mark = next(mark for mark in test_an_operator.pytestmark if mark.name == "parametrize")
    assert {operator for operator, _, _ in mark.args[1]} == set(OPERATORS)


@pytest.mark.parametrize("operator", ["exact", "is_not", "in", "not_in", "icontains", "not_regex", "starts_with"])
def test_an_empty_list_asks_nothing(operator: str) -> None:
    assert one(operator, []) == EVERYTHING


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (5.0, "5.0"), (1e22, "1e+22"), (True, "true"), (False, "false"), ("", ""), (-0.5, "-0.5")],
)
def test_values_become_text_as_logs_store_it(value: Any, text: str) -> None:
    assert one("exact", value) == match(Operator.EQUALS, text)
    assert one("exact", [value, "x"]) == match(Operator.EQUALS, text, "x")


@pytest.mark.parametrize(
    ("kind", "key", "field"),
    [
        ("log_attribute", "message", attribute("message")),
        ("log_attribute", "", attribute("")),
        ("log_resource_attribute", "host.name", resource_attribute("host.name")),
        *(("log", key, field) for key, field in LOG_KEYS.items() if field not in (tree.TRACE_ID, tree.SPAN_ID)),
    ],
)
def test_a_field(kind: str, key: str, field: tree.Field) -> None:
    assert one("exact", "a", key, kind) == Match(field, Operator.EQUALS, ("a",))


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("key", "value", "digits"),
    [
        ("trace_id", TRACE, TRACE),
        ("trace_id", TRACE.upper(), TRACE),
        ("trace_id", "CvdlGRbNQ92ESOshHIAxnA==", TRACE),
        ("trace_id", "CvdlGRbNQ92ESOshHIAxnA", TRACE),
        ("trace_id", "//////////////////////==", "f" * 32),
        ("trace_id", "______________________", "f" * 32),
        ("span_id", "B7AD6B7169203331", "b7ad6b7169203331"),
        ("span_id", "t61rcWkgMzE=", "b7ad6b7169203331"),
    ],
)
def test_an_id_may_be_hex_or_base64(key: str, value: str, digits: str) -> None:
    expected = Match(LOG_KEYS[key], Operator.EQUALS, (digits,))
    assert one("exact", value, key, "log") == expected
    assert one("not_in", [value], key, "log") == Not(expected)


def test_a_part_of_an_id_is_text() -> None:
    assert one("starts_with", "0AF7", "trace_id", "log") == Match(tree.TRACE_ID, Operator.STARTS_WITH, ("0AF7",))


@pytest.mark.parametrize(
    ("operator", "value", "levels"),
    [
        ("gt", "warn", ("error", "fatal")),
        ("gte", "warn", ("warn", "error", "fatal")),
        ("lt", "info", ("trace", "debug")),
        ("lte", "trace", ("trace",)),
        ("gt", "fatal", ()),
    ],
)
def test_levels_are_ordered_by_severity(operator: str, value: str, levels: tuple[str, ...]) -> None:
    assert one(operator, value, "severity_level", "log") == Match(tree.LEVEL, Operator.EQUALS, levels)


HOUR_NS = 3600 * 10**9
TWO_PM_NS = MIDNIGHT_NS + 14 * HOUR_NS


@pytest.mark.parametrize(
    ("value", "exact", "before", "after"),
    [
        ("2026-11-23T14:00", (TWO_PM_NS, TWO_PM_NS + 60 * 10**9), TWO_PM_NS, TWO_PM_NS + 1),
        ("2026-11-23T15:00:00+01:00", (TWO_PM_NS, TWO_PM_NS + 10**9), TWO_PM_NS, TWO_PM_NS + 1),
        ("2026-11-23T14:00:00.25Z", (TWO_PM_NS + 25 * 10**7, TWO_PM_NS + 26 * 10**7), TWO_PM_NS + 25 * 10**7, None),
        ("-1h", (MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS), TWO_PM_NS - HOUR_NS // 2, TWO_PM_NS - HOUR_NS // 2 + 1),
        ("-1d", (MIDNIGHT_NS - DAY_NS, MIDNIGHT_NS), TWO_PM_NS + HOUR_NS // 2 - DAY_NS, None),
        ("dStart", (MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS), MIDNIGHT_NS, MIDNIGHT_NS + 1),
        (" 2026-11-23 ", (MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS), MIDNIGHT_NS, MIDNIGHT_NS + DAY_NS),
    ],
)
def test_a_date(value: str, exact: tuple[int, int], before: int, after: int | None) -> None:
    assert one("is_date_exact", value) == match(Operator.IN_TIME, str(exact[0]), str(exact[1]))
    assert one("is_date_before", value) == match(Operator.IN_TIME, "", str(before))
    assert one("is_date_after", value) == match(Operator.IN_TIME, str(before + 1 if after is None else after), "")


def said(word: str) -> dict[str, Any]:
    return {"key": "k", "type": "log_attribute", "operator": "exact", "value": word}


A, B, C = (match(Operator.EQUALS, word) for word in "abc")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, EVERYTHING),
        ([], EVERYTHING),
        ({}, EVERYTHING),
        ({"type": "OR", "values": []}, EVERYTHING),
        ({"type": "AND", "values": [{"type": "OR", "values": []}, {"type": "AND", "values": []}]}, EVERYTHING),
        ([said("a"), said("b")], And((A, B))),
        ({"type": "AND", "values": [said("a"), said("b")]}, And((A, B))),
        ({"type": "OR", "values": [said("a"), said("b")]}, Or((A, B))),
        ({"type": "AND", "values": [{"type": "AND", "values": [said("a")]}]}, And((And((A,)),))),
        (
            {"type": "AND", "values": [{"type": "OR", "values": [said("a"), said("b")]}, said("c")]},
            And((Or((A, B)), C)),
        ),
        ([{"type": "OR", "values": [said("a"), said("b")]}, said("c")], And((Or((A, B)), C))),
        ({"type": "OR", "values": [{"type": "AND", "values": []}, said("a")]}, Or((A,))),
        ({"type": "OR", "values": [{**said("a"), "value": []}, said("a")]}, Or((EVERYTHING, A))),
        ([{**said("a"), "label": "mine", "values": ["b"]}], And((A,))),
    ],
)
def test_groups(value: Any, expected: Node) -> None:
    assert read(value) == expected


def nested(depth: int) -> Any:
    node: Any = said("a")
    for _ in range(depth):
        node = {"type": "AND", "values": [node]}
    return node


def test_groups_of_the_largest_size_are_read() -> None:
    assert tree.normalise(read(nested(16))) == A
    assert tree.count_nodes(read([said("a")] * 256)) == 257
    read([{**said("a"), "value": ["v"] * 1000}, {**said("a"), "operator": "regex", "value": ["v"] * 256}])


def fields(**changes: Any) -> list[Any]:
    return [said("a"), {name: value for name, value in {**said("a"), **changes}.items() if value != "absent"}]


def asking(operator: str, value: Any, **changes: Any) -> list[Any]:
    return fields(operator=operator, value=value, **changes)


@pytest.mark.parametrize(
    ("value", "attr", "code", "words"),
    [
        ("text", "", "invalid_input", "list of filters"),
        (5, "", "invalid_input", "list of filters"),
        ([5], "__0", "invalid_input", "object"),
        ([[]], "__0", "invalid_input", "object"),
        ([None], "__0", "invalid_input", "object"),
        ({"type": "XOR", "values": []}, "__type", "invalid_choice", "Choose from AND, OR."),
        ({"type": {}, "values": []}, "__type", "invalid_choice", "Choose from AND, OR."),
        ({"values": []}, "__type", "required", "required"),
        ({"type": "AND"}, "__values", "required", "required"),
        ({"type": "AND", "values": None}, "__values", "null", "null"),
        ({"type": "AND", "values": {}}, "__values", "invalid_input", "list"),
        ({"type": "AND", "values": [5]}, "__values__0", "invalid_input", "object"),
        ({"type": "AND", "values": [{"type": "no", "values": []}]}, "__values__0__type", "invalid_choice", "AND, OR"),
        (
            {"type": "AND", "values": [{**said("a"), "operator": "like"}]},
            "__values__0__operator",
            "invalid_choice",
            "exact",
        ),
        (nested(17), "__values__0" * 16 + "__values", "invalid_input", "16 deep"),
        ([said("a")] * 257, "__256", "max_length", "256 filters and groups"),
        ([{**said("a"), "value": ["v"] * 501}] * 2, "__1__value", "max_length", "1,000 equal values"),
        ([{**said("a"), "operator": "icontains", "value": ["v"] * 129}] * 2, "__1__value", "max_length", "256 values"),
        ([{}], "__0__key", "required", "required"),
        (fields(key="absent"), "__1__key", "required", "required"),
        (fields(key=None), "__1__key", "null", "null"),
        (fields(key=5), "__1__key", "invalid_input", "text"),
        (fields(key="k" * 1001), "__1__key", "max_length", "1,000 characters"),
        (fields(type="absent"), "__1__type", "required", "required"),
        (fields(type="event"), "__1__type", "invalid_choice", "log, log_attribute, log_resource_attribute"),
        (fields(type=["log"]), "__1__type", "invalid_choice", "log, log_attribute, log_resource_attribute"),
        (fields(type="log"), "__1__key", "invalid_choice", "message, body, severity_level"),
        (fields(operator="absent"), "__1__operator", "required", "required"),
        (fields(operator=None), "__1__operator", "null", "null"),
        (
            fields(operator="like"),
            "__1__operator",
            "invalid_choice",
            '"like" is not a valid choice. Choose from exact, ',
        ),
        (fields(operator={"a": 1}), "__1__operator", "invalid_choice", "is_date_after"),
        (fields(value="absent"), "__1__value", "required", "exact needs a value"),
        (fields(value=None), "__1__value", "required", "exact needs a value"),
        (fields(value={"a": 1}), "__1__value", "invalid_input", "true or false"),
        (fields(value=["a", None]), "__1__value__1", "invalid_input", "true or false"),
        (fields(value=["a", ["b"]]), "__1__value__1", "invalid_input", "true or false"),
        (fields(value="x" * 10_001), "__1__value", "max_length", "10,000 characters"),
        (fields(value=["a", "x" * 10_001]), "__1__value__1", "max_length", "10,000 characters"),
        (asking("in", "a"), "__1__value", "invalid_input", "in needs a list"),
        (asking("not_in", 5), "__1__value", "invalid_input", "not_in needs a list"),
        (asking("gt", None), "__1__value", "required", "gt needs a value"),
        (asking("gt", [1]), "__1__value", "invalid_input", "one value"),
        (asking("between", 5), "__1__value", "invalid_input", "two values"),
        (asking("between", [1]), "__1__value", "invalid_input", "two values"),
        (asking("not_between", [1, 2, 3]), "__1__value", "invalid_input", "two values"),
        (asking("regex", "("), "__1__value", "invalid_input", "This is not a regular expression: missing )"),
        (asking("regex", "(?=a)"), "__1__value", "invalid_input", "invalid perl operator"),
        (asking("not_regex", ["a", "*"]), "__1__value__1", "invalid_input", "no argument for repetition"),
        (asking("regex", "x" * 1001), "__1__value", "invalid_input", "1,000 characters"),
        (asking("regex", "\\pL{50}"), "__1__value", "invalid_input", "too large"),
        (asking("regex", "(((a{100}){100}){100})"), "__1__value", "invalid_input", "RE2"),
        (asking("exact", "abc", key="trace_id", type="log"), "__1__value", "invalid_input", "32 hexadecimal digits"),
        (asking("in", ["0" * 32, "0" * 16], key="trace_id", type="log"), "__1__value__1", "invalid_input", "16 bytes"),
        (asking("is_not", "====", key="span_id", type="log"), "__1__value", "invalid_input", "16 hexadecimal digits"),
        (asking("gt", "loud", key="severity_text", type="log"), "__1__value", "invalid_choice", "trace, debug"),
        (asking("is_date_exact", "soon"), "__1__value", "invalid_input", '"soon" is not a date'),
        (asking("is_date_before", ["2026-11-23"]), "__1__value", "invalid_input", "one date"),
        (asking("is_date_before", "1955-01-01"), "__1__value", "invalid_input", "before 1970"),
        (asking("is_date_after", None), "__1__value", "required", "needs a value"),
    ],
)
def test_what_cannot_be_used_is_named(value: Any, attr: str, code: str, words: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read(value)
    assert caught.value.attr == f"query__filterGroup{attr}"
    assert caught.value.code == code
    assert words in caught.value.detail
    assert caught.value.detail.endswith((".", "]"))


def test_errors_begin_with_the_path_that_the_caller_gives() -> None:
    with pytest.raises(ValidationFailed) as caught:
        filter_group([said("a"), 5], NOW, "filters__filterGroup")
    assert caught.value.attr == "filters__filterGroup__1"
