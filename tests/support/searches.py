"""Strategies for filter trees with hostile text in them."""

from __future__ import annotations

from hypothesis import strategies as st

from webapp.language import tree
from webapp.language.nanoseconds import LATEST_NS
from webapp.language.regex import check_regex
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
    "~",
    ">=",
    "<",
    "5",
    "..",
    "2026-11-20",
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


def every_match() -> st.SearchStrategy[Match]:
    """Every operator on every field, with hostile values and keys, where the language has a form for it."""
    return st.one_of(
        matches(),
        _compared(_fields(), _TEXT_OPERATORS, hostile_text),
        _compared(_fields(), [Operator.REGEX], hostile_text.filter(lambda text: check_regex(text) is None)),
        _compared(_fields().filter(lambda field: field != tree.LEVEL), _ORDERS, hostile_text | _numbers),
        st.builds(Match, _fields(), st.just(Operator.EXISTS), st.just(())),
        st.builds(Match, _fields(), st.just(Operator.IN_TIME), _spans),
    )


_TEXT_OPERATORS = [Operator.EQUALS, Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH]
_ORDERS = [Operator.GREATER, Operator.AT_LEAST, Operator.LESS, Operator.AT_MOST]
_numbers = st.sampled_from(["5", "-0.5", "+1e3", ".5", "5.", "1e", "0x10"]) | st.floats(allow_nan=False).map(str)
_moments = st.integers(0, LATEST_NS) | st.integers(0, 106_000).map(lambda days: days * 86_400 * 10**9)
_spans = st.one_of(
    st.tuples(_moments, _moments)
    .filter(lambda ends: ends[0] != ends[1])
    .map(lambda ends: tuple(map(str, sorted(ends)))),
    st.tuples(_moments.map(str), st.just("")),
    st.tuples(st.just(""), _moments.map(str)),
)


def _fields() -> st.SearchStrategy[Field]:
    keyed = st.builds(tree.attribute, hostile_text) | st.builds(tree.resource_attribute, hostile_text)
    return st.sampled_from(list(tree.COLUMNS.values())) | keyed


def _compared(
    fields: st.SearchStrategy[Field], operators: list[Operator], value: st.SearchStrategy[str]
) -> st.SearchStrategy[Match]:
    return st.builds(Match, fields, st.sampled_from(operators), _values(value))


def trees(leaves: st.SearchStrategy[Match] | None = None, *, max_leaves: int = 12) -> st.SearchStrategy[Node]:
    """Trees of any shape over the matches, also in forms that ``normalise`` tidies up."""

    def branches(node: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        items = st.lists(node, min_size=1, max_size=4).map(tuple)
        return st.builds(Not, node) | st.builds(And, items) | st.builds(Or, items)

    start: st.SearchStrategy[Node] = st.one_of(matches() if leaves is None else leaves)
    return st.recursive(start, branches, max_leaves=max_leaves)
