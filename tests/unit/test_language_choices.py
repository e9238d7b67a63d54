"""Choosing several values of a field changes a search by one term, and nothing else of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.evaluate import PlainRow, evaluate
from tests.support.searches import every_match, trees
from webapp.language import tree
from webapp.language.clicks import chosen, terms, with_values, without_field, without_value
from webapp.language.parse import parse
from webapp.language.printing import print_query
from webapp.language.tree import Node, attribute

VALUES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True)
KEY = attribute("k")


@pytest.mark.parametrize(
    ("search", "values", "after"),
    [
        ("", ["web"], "service:web"),
        ("timeout service:api level:error", ["api", "web"], "timeout service:api,web level:error"),
        ("service:api*", ["web"], "service:web"),
        ("-service:api -service:web -host:x", ["web"], "-host:x service:web"),
        ("(service:api OR level:error)", ["web"], "(service:api OR level:error) service:web"),
    ],
)
def test_the_chosen_values_take_the_place_of_what_was_asked_of_the_field(
    search: str, values: list[str], after: str
) -> None:
    assert print_query(with_values(parse(search), tree.SERVICE, values)) == after


@pytest.mark.parametrize(
    ("search", "value", "after"),
    [
        ("service:api,web a", "web", "service:api a"),
        ("service:web a", "web", "a"),
        ("-service:web,api a", "web", "-service:api a"),
        ("-service:web", "web", ""),
        ("service:web*", "web", "service:web*"),
        ("(service:web OR a)", "web", "service:web OR a"),
        ("-(service:web a)", "web", "-(service:web a)"),
    ],
)
def test_a_value_that_is_let_go_of_is_neither_asked_for_nor_left_out(search: str, value: str, after: str) -> None:
    assert print_query(without_value(parse(search), tree.SERVICE, value)) == after


def test_clearing_a_field_takes_away_all_that_is_said_of_it_alone() -> None:
    search = parse("service:web* -service:api a (service:x OR service:y) (service:x OR b) -level:info")
    assert print_query(without_field(search, tree.SERVICE)) == "a (service:x OR b) -level:info"
    assert without_field(parse(""), tree.SERVICE) == parse("")


def test_a_search_tells_which_values_are_chosen() -> None:
    found = chosen(parse("service:a,b -service:c service:a -(service:d e) service:f* -service:c,g"), tree.SERVICE)
    assert (found.included, found.excluded) == (("a", "b"), ("c", "g"))


@given(trees(every_match()), VALUES)
def test_what_was_chosen_is_told_and_can_be_let_go_of(node: Node, values: list[str]) -> None:
    after = with_values(node, KEY, values)
    if after == tree.NOTHING:  # as it was before
        assert tree.NOTHING in terms(node) or tree.normalise(node) == tree.NOTHING
        return
    assert chosen(after, KEY).included == tuple(values)
    assert chosen(after, KEY).excluded == ()
    for value in values:
        after = without_value(after, KEY, value)
    assert chosen(after, KEY) == chosen(parse(""), KEY)


@given(trees(every_match()), VALUES, st.sampled_from(["a", "b", "d"]))
def test_only_rows_with_a_chosen_value_are_left(node: Node, values: list[str], value: str) -> None:
    row = PlainRow(body="a", attributes={"k": value})
    assert not evaluate(with_values(node, KEY, values), row) or value in values
