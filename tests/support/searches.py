"""Strategies for filter trees with hostile text in them."""

from __future__ import annotations

from hypothesis import strategies as st

from webapp.language import tree
from webapp.language.tree import And, Field, Match, Node, Not, Operator, Or

_PIECES = ['"', "\\", "(", ")", "-", " ", "OR", "AND", ":", ",", "a", "b", "Ab", "service", "resource.", "x:", "*", "="]
_PIECES += [
    "{",
    "//",
    ">",
    "localhost",
    "main.go",
    "42",
    "\n",
    "\u00a0",
    "é",
    "ſ",
    "@",
    "message",
    "%",
    "_",
    "'",
    "\x00",
]

hostile_text = st.lists(st.sampled_from(_PIECES), max_size=5).map("".join) | st.text(max_size=8)


def _values(one: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)


def _hex(digits: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=digits, max_size=digits)


def _equals(field: Field, value: st.SearchStrategy[str]) -> st.SearchStrategy[Match]:
    return st.builds(Match, st.just(field), st.just(Operator.EQUALS), _values(value))


def matches(text: st.SearchStrategy[str] = hostile_text) -> st.SearchStrategy[Match]:
    """Every kind of match that the language can express, with values and keys of the given text."""
    words = st.builds(
        Match, st.just(tree.MESSAGE), st.just(Operator.CONTAINS), _values(text.filter(lambda value: value != ""))
    )
    keyed = st.builds(
        Match,
        st.builds(tree.attribute, text) | st.builds(tree.resource_attribute, text),
        st.just(Operator.EQUALS),
        _values(text),
    )
    columns = (_equals(field, text) for field in (tree.SERVICE, tree.EVENT_NAME, tree.SCOPE))
    levels = _equals(tree.LEVEL, st.sampled_from(tree.LEVELS))
    ids = _equals(tree.TRACE_ID, _hex(32)) | _equals(tree.SPAN_ID, _hex(16))
    return st.one_of(words, keyed, *columns, levels, ids)


def trees(leaves: st.SearchStrategy[Match] | None = None, *, max_leaves: int = 12) -> st.SearchStrategy[Node]:
    """Trees of any shape over the matches, also in forms that ``normalise`` tidies up."""

    def branches(node: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        items = st.lists(node, min_size=1, max_size=4).map(tuple)
        return st.builds(Not, node) | st.builds(And, items) | st.builds(Or, items)

    start: st.SearchStrategy[Node] = st.one_of(matches() if leaves is None else leaves)
    return st.recursive(start, branches, max_leaves=max_leaves)
