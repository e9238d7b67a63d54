"""Every filter tree means in SQL what a plain evaluation over the rows means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clickhouse_driver import Client
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.evaluate import evaluate
from tests.support.logs import MINUTE_NS, NOON_NS, Log, insert, next_uuid
from tests.support.searches import trees
from webapp import extensions
from webapp.extensions import store
from webapp.language import tree
from webapp.language.tree import And, Field, Match, Node, Not, Operator
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs

HOUR = TimeRange(NOON_NS, NOON_NS + 60 * MINUTE_NS)
DAY = TimeRange(NOON_NS - 12 * 60 * MINUTE_NS, NOON_NS + 12 * 60 * MINUTE_NS)  # wide enough for other hints

# Few pieces, so that needles are found; hostile ones, so that finding them is hard. Left out are the Kelvin sign and
# the dotted capital I, whose lower case is ASCII (see webapp/queries/substrings.py).
PIECES = [
    *("a", "A", "b", "Ab", "ab", "error", "ERROR", "time out", "42", "1234", " ", "  ", "=", ":", "-", "_", "%", "%%"),
    *(
        "\\",
        "\\\\",
        "\\n",
        "\\%",
        "'",
        '"',
        "`",
        "\n",
        "\t",
        "\r",
        "\0",
        "\b",
        "\x1b[31m",
        "{p0:String}",
        "?",
        "(",
        ")",
    ),
    *("é", "É", "ß", "ſ", "Σ", "σ", "ς", "Ж", "ж", "日本", "語", "😀", "\u0301", "\u00a0", "NULL", "\\N", "k=v", "k"),
]
# Words that ordering and dates look at, and patterns whose meaning is more than their characters.
NUMBERS = ["0", "7", "-7", "+7", "7.0", "7.", ".5", "1e3", "1E-2", "-", "1e400", "-inf", "NaN", "12345678901234567890"]
NUMBERS += ["0x10", "1_0", " 7", "7\n", "٧", "1,5", "e5", "."]
DATES = ["2026-11-23", "2026-11-23T14:00:00Z", "2026-11-23 14:00", "2026-11-23T14:00:00.123456789+01:00", "2024-02-29"]
DATES += [
    "2026-02-30",
    "20261123",
    "2026-11-23T24:00:00",
    "2026-11-23T23:59:60Z",
    "1955-01-01T00:00:00.5-0330",
    "1795442400",
]
DATES += ["1795442400123", "9999999999", "1795442400123456789", "2263-01-01", "1899-12-31", "2026-11-23T14:00:00,5Z"]
DATES += [
    "2026-11-23T14:00+01",
    "2026-11-23T14",
    "2026-11-23T",
    "2026-11-23t14:00:00z",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
]
BOUNDS = ["", "0", "1795392000000000000", "1795438800123456789", "1795442400000000000", "1795442400123000000"]
PATTERNS = [
    "",
    ".",
    "a.b",
    "^a",
    "b$",
    "a|b",
    "(a|é)+",
    "[^a]",
    "error|time out",
    "e.ror",
    "\\d{2,}",
    "\\berror\\b",
    "ER{2}OR",
]
PATTERNS += [
    "s",
    "k",
    "ſ",
    "σ",
    "ab?c?",
    "(?-i)ERROR",
    "time out\\?",
    "\\x61b",
    "\\Qa.b\\E",
    "\\.",
    "[[:alpha:]]{3}",
    "\\pL",
    "error\\n?",
]
PATTERNS += [
    "a\nb",
    "\0",
    "'",
    '"',
    "\\\\",
    "{p0:String}",
    "12(34)?",
    "1234*",
    "^$",
    "\\Aab\\z",
    "日本?",
    "(?s).*",
    "=+1234",
]

texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join), st.sampled_from(NUMBERS), st.sampled_from(DATES)
)
keys = st.sampled_from(["k", "k=v", "", "a.b", "it's", "日本", "\\"])
maps = st.dictionaries(keys, texts, max_size=3)
ids = st.sampled_from(["0" * 32, "ab" * 16, "00112233445566778899aabbccddeeff"])
fingerprints = st.sampled_from([0, 7, 1234, 2**64 - 1])

COLUMNS = (tree.MESSAGE, tree.SERVICE, tree.EVENT_NAME, tree.SCOPE, tree.INSTRUMENTATION_SCOPE)
OTHERS = (tree.LEVEL, tree.TRACE_ID, tree.SPAN_ID, tree.FINGERPRINT)


def some(value: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(value, min_size=1, max_size=3).map(tuple)


def on(field: st.SearchStrategy[Field], text: st.SearchStrategy[str]) -> st.SearchStrategy[Match]:
    """Every operator on a field, with values that may be found in it."""

    def with_values(operator: Operator) -> st.SearchStrategy[Match]:
        values = {
            Operator.EXISTS: st.just(()),
            Operator.IN_TIME: st.tuples(st.sampled_from(BOUNDS), st.sampled_from(BOUNDS)),
            Operator.REGEX: some(st.sampled_from(PATTERNS)),
        }
        return st.builds(Match, field, st.just(operator), values.get(operator, some(text)))

    return st.sampled_from(Operator).flatmap(with_values)


def matches() -> st.SearchStrategy[Match]:
    keyed = st.builds(tree.attribute, keys) | st.builds(tree.resource_attribute, keys)
    pieces = st.sampled_from([*tree.LEVELS, "AB", "ab" * 16, "AB" * 8, "0" * 32, "0011", "ff", "7", "1234", "", "1e2"])
    return st.one_of(on(st.sampled_from(COLUMNS) | keyed, texts), on(keyed, texts), on(st.sampled_from(OTHERS), pieces))


rows = st.builds(
    Log,
    uuid=st.builds(next_uuid),
    timestamp_ns=st.integers(HOUR.start_ns, HOUR.end_ns - 1),
    body=texts,
    severity_text=st.sampled_from(tree.LEVELS),
    service_name=texts,
    event_name=texts,
    scope_name=texts,
    scope_version=st.sampled_from(["", "1.2", "1.2@"]),
    resource_fingerprint=fingerprints,
    attributes=maps,
    resource_attributes=maps,
    trace_id=ids,
    span_id=ids.map(lambda value: value[:16]),
)


def found(project_id: int, where: Node) -> set[object]:
    return {row.uuid for row in logs.search(Scope(project_id, HOUR, where), limit=1000).rows}


def merge() -> None:
    """Give the rows that are there the indexes that only a merge makes."""
    with Client.from_url(extensions.settings.clickhouse_url) as owner:
        owner.execute("OPTIMIZE TABLE logs FINAL")


@pytest.fixture
def new_project() -> Callable[[], int]:
    numbers = iter(range(1, 10_000))
    return lambda: next(numbers)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(stored=st.lists(rows, min_size=1, max_size=12), wanted=st.lists(trees(matches()), min_size=6, max_size=6))
def test_sql_finds_what_a_plain_evaluation_finds(
    app: Flask, new_project: Callable[[], int], stored: list[Log], wanted: list[Node]
) -> None:
    project_id = new_project()
    mine = [replaced(row, project_id) for row in stored]
    half = len(mine) // 2
    insert(store, mine[:half])
    merge()
    insert(store, mine[half:])
    for where in wanted:
        expected = {row.uuid for row in stored if evaluate(where, row)}
        assert found(project_id, where) == expected
        assert logs.count(Scope(project_id, HOUR, where)).count == len(expected)
        assert logs.count(Scope(project_id, DAY, where)).count == len(expected)
        assert sum(logs.histogram(Scope(project_id, HOUR, where)).totals.values()) == len(expected)


def replaced(row: Log, project_id: int) -> Log:
    values = {name: getattr(row, name) for name in Log.__dataclass_fields__}
    return Log(**{**values, "project_id": project_id})


@pytest.mark.parametrize(
    ("body", "needle", "matches"),
    [
        ("Timeout after 30s", "TIMEOUT", True),
        ("100% done", "0% d", True),
        ("100 done", "0% d", False),
        ("a_b", "A_B", True),
        ("axb", "a_b", False),
        ("C:\\temp\\x", "\\TEMP\\", True),
        ("C:/temp/x", "\\temp\\", False),
        ("line one\nline two", "one\nline", True),
        ("nul\0inside", "L\0I", True),
        ("Übergröße erreicht", "übergrösse", False),
        ("Übergröße erreicht", "ÜBERGRÖßE ERR", True),
        ("ошибка сети", "ОШИБКА", True),
        ("日本語のログ", "語の", True),
        ("deploy 🚀 done", "🚀 DONE", True),
        ("user=u12345 ok", "user=u1234", True),
        ("user=u12345 ok", "user=u1234 ok", False),
        ("user=u12345 ok", "r=u12345 o", True),
        ("a b", "a  b", False),
        ("SocketTimeoutError", "timeout", True),
        ("error2timeout3x", "TIMEOUT", True),
        ("time0out", "timeout", False),
        ("time out", "timeout", False),
        ("größerals", "erals", True),
        ("id=ab12cd34ef", "b12CD3", True),
        ("id=ab12cd34ef", "b12cd35", False),
        ("12.5% of größe 7", "5% OF GRÖßE", True),
        ("x", "", True),
    ],
)
@pytest.mark.parametrize("merged", [False, True])
def test_substrings(app: Flask, body: str, needle: str, matches: bool, merged: bool) -> None:
    insert(store, [Log(body=body)])
    if merged:
        merge()
    where = Match(tree.MESSAGE, Operator.CONTAINS, (needle,))
    assert len(found(1, where)) == matches
    assert len(found(1, Not(where))) == (not matches)
    assert logs.count(Scope(1, DAY, where)).count == matches


@pytest.mark.parametrize(
    ("attributes", "match", "matches"),
    [
        ({"k": "v"}, ("k", "v"), True),
        ({"k": "V"}, ("k", "v"), False),
        ({"k": ""}, ("k", ""), True),
        ({}, ("k", ""), False),
        ({"a=b": "c"}, ("a", "b=c"), False),  # the index cannot tell the two apart
        ({"a": "b=c"}, ("a", "b=c"), True),
        ({"a": "b=c"}, ("a=b", "c"), False),
        ({"": "v"}, ("", "v"), True),
        ({"k": "it's \\ \n \0 {p0:String}"}, ("k", "it's \\ \n \0 {p0:String}"), True),
    ],
)
@pytest.mark.parametrize("kind", ["attributes", "resource_attributes"])
def test_attributes(app: Flask, kind: str, attributes: dict[str, str], match: tuple[str, str], matches: bool) -> None:
    insert(store, [Log(attributes=attributes) if kind == "attributes" else Log(resource_attributes=attributes)])
    key, value = match
    field = tree.attribute(key) if kind == "attributes" else tree.resource_attribute(key)
    where = Match(field, Operator.EQUALS, (value,))
    assert len(found(1, where)) == matches
    assert len(found(1, Not(where))) == (not matches)


@pytest.mark.parametrize("where", [And(()), Match(tree.SERVICE, Operator.EQUALS, ("'; DROP TABLE logs; --",))])
def test_two_projects_never_see_each_other(app: Flask, where: Node) -> None:
    names = ("api", "'; DROP TABLE logs; --")
    mine, theirs = ([Log(project_id=number, service_name=name) for name in names] for number in (1, 2))
    insert(store, mine)
    insert(store, theirs)
    seen = {number: found(number, where) for number in (1, 2)}
    assert seen[1] == {row.uuid for row in mine if evaluate(where, row)}
    assert seen[2] == {row.uuid for row in theirs if evaluate(where, row)}
    assert found(3, where) == set()
    assert logs.count(Scope(3, HOUR, where)).count == 0
    assert logs.find_row(2, mine[0].timestamp_ns, mine[0].uuid) is None
    assert not logs.has_logs(3)


def test_half_of_a_surrogate_pair_is_searched_as_it_is_stored(app: Flask) -> None:
    insert(store, [Log(body="cut \ufffd here")])
    assert len(found(1, Match(tree.MESSAGE, Operator.CONTAINS, ("cut \ud83d",)))) == 1


def test_a_tree_of_the_largest_allowed_size_is_answered(app: Flask) -> None:
    insert(store, [Log(body="needle")])
    node: Node = Match(tree.MESSAGE, Operator.CONTAINS, ("needle",))
    for depth in range(14):
        node = And(
            (Not(Not(node)), *(Not(Match(tree.MESSAGE, Operator.CONTAINS, (f"no {depth} {i}",))) for i in range(8)))
        )
    assert len(found(1, node)) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.text(max_size=30), value=st.text(max_size=30))
def test_any_text_can_be_a_value(app: Flask, name: str, value: str) -> None:
    for field in (tree.SERVICE, tree.attribute(name), tree.MESSAGE):
        assert found(77, Match(field, Operator.EQUALS, (value,))) == set()
        assert found(77, Match(field, Operator.CONTAINS, (value,))) == set()
