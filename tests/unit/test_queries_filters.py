"""Conditions as text: values travel as parameters, and hints stand only where they cannot lose a row."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.searches import hostile_text, matches, trees
from webapp.language.tree import (
    LEVEL,
    MESSAGE,
    SERVICE,
    TRACE_ID,
    And,
    Match,
    Node,
    Not,
    Operator,
    Or,
    attribute,
    resource_attribute,
)
from webapp.queries.count import count
from webapp.queries.filters import condition, fields_of
from webapp.queries.histogram import Grid, histogram
from webapp.queries.minutes import answerable
from webapp.queries.parameters import Parameters
from webapp.queries.rows import rows
from webapp.queries.scope import Scope, TimeRange
from webapp.queries.substrings import BODY_LETTERS as LETTERS
from webapp.queries.substrings import like_pattern, whole_tokens

HOUR = TimeRange(0, 3600 * 10**9)
KEY = re.compile(
    r"project_id = \{(?P<project>\w+):UInt32\}"
    r" AND \S+ >= \S+?\{(?P<first>\w+):\w+\}, 'UTC'\)"
    r" AND \S+ < \S+?\{(?P<stop>\w+):\w+\}, 'UTC'\)"
)


def compiled(node: Node) -> tuple[str, dict[str, object]]:
    parameters = Parameters()
    return condition(node, parameters), parameters.values


@given(node=trees(matches(st.text(min_size=3).map(lambda text: f"⟦{text}⟧"))))
def test_no_value_is_ever_part_of_a_statement(node: Node) -> None:
    scope = Scope(1, HOUR, node)
    for query in (rows(scope, latest_first=True, limit=5), count(scope), histogram(scope, Grid.over(HOUR, 60))):
        assert "⟦" not in query.sql
        assert set(re.findall(r"\{(\w+):", query.sql)) == set(query.params)


@given(node=trees(matches(hostile_text)))
def test_every_statement_names_its_project_and_its_time(node: Node) -> None:
    scope = Scope(7, HOUR, node)
    for query in (rows(scope, latest_first=True, limit=5), count(scope), histogram(scope, Grid.over(HOUR, 60))):
        sources = query.sql.split("FROM logs WHERE ")[1:]
        assert sources
        for source in sources:
            found = KEY.match(source)
            assert found
            assert query.params[found["project"]] == 7
            assert query.params[found["first"]] < query.params[found["stop"]]
        assert query.project_id == 7


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (And(()), "true"),
        (Or(()), "false"),
        (Match(SERVICE, Operator.EQUALS, ()), "false"),
        (Match(TRACE_ID, Operator.EQUALS, ("no hex",)), "false"),
        (Match(TRACE_ID, Operator.EQUALS, ("abcd",)), "false"),
        (Match(MESSAGE, Operator.CONTAINS, ("",)), "(body != '' AND true)"),
        (Not(Or(())), "NOT (false)"),
        (Match(LEVEL, Operator.EQUALS, ("error",)), "severity_text IN {p0:Array(String)}"),
        (Match(MESSAGE, Operator.CONTAINS, ("Ab",)), f"{LETTERS} LIKE {{p0:String}}"),
        (Match(MESSAGE, Operator.CONTAINS, ("A",)), "lower(body) LIKE {p0:String}"),
        (
            Match(MESSAGE, Operator.CONTAINS, ("Ab1",)),
            f"({LETTERS} LIKE {{p0:String}} AND lower(body) LIKE {{p1:String}})",
        ),
    ],
)
def test_conditions(node: Node, text: str) -> None:
    assert compiled(node)[0] == text


HINTED = And((Match(MESSAGE, Operator.CONTAINS, ("a word here",)), Match(attribute("k"), Operator.EQUALS, ("v",))))


def test_hints_stand_beside_what_must_match() -> None:
    for node in (HINTED, Or((HINTED, HINTED)), And((HINTED,))):
        text, _ = compiled(node)
        assert "hasAllTokens" in text
        assert "indexHint" in text


@pytest.mark.parametrize("node", [Not(HINTED), Not(Not(HINTED)), Not(Or((HINTED,)))])
def test_hints_are_left_out_under_a_negation(node: Node) -> None:
    text, _ = compiled(node)
    assert "hasAllTokens" not in text
    assert "indexHint" not in text


@pytest.mark.parametrize(
    ("needle", "pattern"),
    [("Foo", "%foo%"), ("50%", "%50\\%%"), ("a_b", "%a\\_b%"), ("C:\\x", "%c:\\\\x%"), ("É", "%É%")],
)
def test_patterns_match_themselves_alone(needle: str, pattern: str) -> None:
    assert like_pattern(needle) == pattern


@pytest.mark.parametrize(
    ("needle", "tokens"),
    [
        ("word", []),
        ("two words", []),
        ("these three words", ["three"]),
        (" word ", ["word"]),
        ("=Word", []),
        ("[u1234] x", ["u1234"]),
        ("a b b c", ["b"]),
        ("a bbb cc dddd e f", ["dddd", "bbb", "cc"]),
        ("a naïve b", []),  # the index folds ASCII alone
        ("a 日本語 b", ["日本語"]),
        ("x_y_z", ["y"]),
    ],
)
def test_tokens_that_stand_whole_in_the_needle(needle: str, tokens: list[str]) -> None:
    assert whole_tokens(needle) == tokens


def test_fields_of_a_tree() -> None:
    key = resource_attribute("host")
    node = And((Or((Match(LEVEL, Operator.EQUALS, ("info",)), Not(Match(key, Operator.EQUALS, ("a",))))), And(())))
    assert fields_of(node) == {LEVEL, key}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (And(()), True),
        (Match(LEVEL, Operator.EQUALS, ("info",)), True),
        (Not(Or((Match(SERVICE, Operator.CONTAINS, ("a",)), Match(LEVEL, Operator.EQUALS, ("info",))))), True),
        (Match(MESSAGE, Operator.CONTAINS, ("a",)), False),
        (And((Match(LEVEL, Operator.EQUALS, ("info",)), Match(attribute("k"), Operator.EQUALS, ("v",)))), False),
    ],
)
def test_counts_by_minute_answer_for_level_and_service(node: Node, expected: bool) -> None:
    assert answerable(node) == expected
