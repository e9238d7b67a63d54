"""Values as numbers, dates and patterns: each pair of them compares in SQL as it does in Python."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.integration.test_logs_filters import BOUNDS, DATES, NUMBERS, PATTERNS, PIECES, found
from tests.support.evaluate import evaluate
from tests.support.logs import Log, insert
from webapp.errors import ValidationFailed
from webapp.extensions import store
from webapp.language import tree
from webapp.language.tree import And, Match, Node, Not, Operator, Or

KEY = tree.attribute("k")
ORDERINGS = (Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST)


@pytest.fixture
def values(app: Flask) -> list[Log]:
    """A log for each value of the attribute ``k``, and one without it."""
    texts = ["", *NUMBERS, *DATES, *PIECES, "1970-01-01", "0.30000000000000004", "9007199254740993", "1e-400", "6e3"]
    rows = [Log(), *(Log(attributes={"k": text}, body=text, service_name=text) for text in texts)]
    insert(store, rows)
    return rows


def assert_same(rows: list[Log], where: Node) -> None:
    by_uuid = {row.uuid: row.body for row in rows}
    expected = {row.uuid for row in rows if evaluate(where, row)}
    assert {by_uuid[uuid] for uuid in found(1, where)} == {by_uuid[uuid] for uuid in expected}  # type: ignore[index]
    assert len(found(1, Not(where))) == len(rows) - len(expected)


def test_orderings(values: list[Log], subtests: pytest.Subtests) -> None:
    for wanted in (
        "7",
        "-7",
        ".5",
        "1e3",
        "0.3",
        "9007199254740992",
        "12345678901234567890",
        "1e400",
        "inf",
        "",
        "a",
        "语",
    ):
        for operator in ORDERINGS:
            with subtests.test(wanted=wanted, operator=operator):
                assert_same(values, Match(KEY, operator, (wanted,)))
                assert_same(values, Match(tree.SERVICE, operator, (wanted, "B")))


def test_dates(values: list[Log], subtests: pytest.Subtests) -> None:
    for bound in BOUNDS:
        for pair in ((bound, ""), ("", bound), ("1795392000000000000", bound)):
            with subtests.test(pair=pair):
                assert_same(values, Match(KEY, Operator.IN_TIME, pair))


def test_patterns(values: list[Log], subtests: pytest.Subtests) -> None:
    for pattern in PATTERNS:
        with subtests.test(pattern=pattern):
            on_key, on_body = (Match(field, Operator.REGEX, (pattern,)) for field in (KEY, tree.MESSAGE))
            assert_same(values, Or((on_key, on_body)))
            assert_same(values, on_body)


def test_what_clickhouse_cannot_compile_is_the_callers_mistake(app: Flask) -> None:
    insert(store, [Log(attributes={"k": "v"})])
    with pytest.raises(ValidationFailed, match=r"regular expression.*missing \)"):
        found(1, And((Match(KEY, Operator.REGEX, ("(",)),)))


def test_a_word_cut_by_an_affix_is_not_looked_up_as_a_whole_word(app: Flask) -> None:
    insert(store, [Log(body="xab middle cdy")])
    assert len(found(1, Match(tree.MESSAGE, Operator.ENDS_WITH, ("ab middle cdy",)))) == 1
    assert len(found(1, Match(tree.MESSAGE, Operator.STARTS_WITH, ("xab middle cd",)))) == 1
    assert len(found(1, Match(tree.MESSAGE, Operator.REGEX, ("ab middle cd",)))) == 1
    assert found(1, Match(tree.MESSAGE, Operator.EQUALS, ("ab middle cd",))) == set()
