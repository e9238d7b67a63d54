"""What a regular expression surely says: believed by the indexes, so never more than is true."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.regex import compile_regex
from webapp.queries.literals import required_literals


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("timeout", [["timeout"]]),
        ("Timeout after [0-9]+ ms", [["Timeout after ", " m"]]),
        ("timeout|refu.ed", [["timeout"], ["refu", "ed"]]),
        ("^ab$", [["ab"]]),
        ("abc?d", [["ab", "d"]]),
        ("abc*d", [["ab", "d"]]),
        ("abc+d", [["abc", "d"]]),
        ("abc{0,3}d", [["ab", "d"]]),
        ("abc{2}d", [["ab", "d"]]),
        ("abc??d", [["ab", "d"]]),
        ("ab{c", [[]]),
        ("ab{,2}", [[]]),
        ("a(bc|de)f", [["a", "f"]]),
        ("a(b(c)\\)[)])?f", [["a", "f"]]),
        ("(?i)error", [["error"]]),
        ("a[bc]d", [["a", "d"]]),
        ("a[]x]d", [["a", "d"]]),
        ("a[^]x]d", [["a", "d"]]),
        ("a[[:alpha:]]d", [["a", "d"]]),
        ("a[\\]x]d", [["a", "d"]]),
        ("a\\.b\\d+c", [["a.b", "c"]]),
        ("a\\.?b", [["a", "b"]]),
        ("a\\x62", [[]]),
        ("a\\pLb", [[]]),
        ("a\\Qb.c\\E", [[]]),
        ("task", [["ta"]]),  # s and k have relatives that are no ASCII
        ("größe", [["gr", "e"]]),
        ("", [[]]),
        ("a|", [["a"], []]),
    ],
)
def test_literals(pattern: str, literals: list[list[str]]) -> None:
    assert required_literals(pattern) == literals


ATOMS = ["a", "b", "xyz", "S", "k", "é", ".", "\\.", "\\d", "\\bb", "[ab]", "[^\\]a]", "[]a]", "(ab|c)", "(?:b(a))"]
ATOMS += ["|", "*", "+", "?", "{2}", "{0,1}", "{,2}", "{", "}", "^", "$", "\\x61", "\\Qa\\E", "\\\\", "(?i)", "(?-i:B)"]
ATOMS += ["\\pL", "]"]
TEXTS = ["a", "b", "c", "A", "B", "xyz", "XYZ", "s", "ſ", "K", "\u212a", "é", ".", "1", "]", "{", "}", "\\", ",", "2"]


@given(
    pattern=st.lists(st.sampled_from(ATOMS), max_size=6).map("".join),
    text=st.lists(st.sampled_from(TEXTS), max_size=8).map("".join),
)
def test_whatever_matches_holds_the_literals_of_an_alternative(pattern: str, text: str) -> None:
    try:
        matches = compile_regex(pattern, ignore_case=True).search(text) is not None
    except re2.error:
        matches = False
    if matches:
        lowered = text.translate({ord(upper): upper.lower() for upper in "ABCXYZ"})
        assert any(all(literal.lower() in lowered for literal in texts) for texts in required_literals(pattern))
