"""A regular expression is refused here where the store would refuse it, or would not be done in time."""

import pytest

from webapp.language.regex import MAX_CHARACTERS, check_regex, escape, find_spans


@pytest.mark.parametrize(
    "pattern", ["", "a|b", r"^\d{3}$", "(?i)a", "(?P<name>a)", "[[:alpha:]]", "é", "a\x00", r"\Q(\E"]
)
def test_what_the_store_reads_is_a_regular_expression(pattern: str) -> None:
    assert check_regex(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "This is not a regular expression: missing ): (a."),
        ("é(", "This is not a regular expression: missing ): é(."),
        ("*", "no argument for repetition operator: *"),
        ("[a", "missing ]: [a"),
        (r"\1", r"invalid escape sequence: \1"),
        ("(?<=a)b", "Regular expressions follow RE2: no lookaround and no backreferences."),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("\ud83d", "half a character is not valid Unicode"),
        (r"\pL{50}", "This regular expression is too large. Use smaller counts in braces."),
        ("a" * (MAX_CHARACTERS + 1), "at most; this one has 1,001"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said_in_words(pattern: str, reason: str) -> None:
    assert reason in (check_regex(pattern) or "")


def test_a_pattern_may_be_too_large_only_where_case_is_ignored() -> None:
    pattern = "k{1000}" * 4  # whatever the case it is one of three characters
    assert check_regex(pattern) is None
    assert "too large" in (check_regex(pattern, ignore_case=True) or "")


def test_hits_are_found_in_characters_whatever_the_case_and_across_lines() -> None:
    assert find_spans("x.y", "éX\ny \ud83dxyy") == [(1, 4), (6, 9)]


def test_an_escaped_text_is_found_as_it_stands() -> None:
    text = "".join(map(chr, range(1, 128)))
    assert find_spans(escape(text), f"é{text}") == [(1, 128)]
