"""Substrings in any case: the exact test of a row, and what the indexes of the body can rule out before.

ClickHouse's ``lower`` folds ASCII alone, and does so for nothing; ``lowerUTF8`` folds every alphabet, at 3 µs a row of
another one, and is used only where the needle has letters of another one. (``positionCaseInsensitiveUTF8`` would be
faster, but folds wrongly: Ⅳ is not found as ⅳ.) Two letters, the Kelvin sign and the dotted capital I, have ASCII in
their lower case, and a needle of ASCII does not find them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_lowercase, ascii_uppercase

from webapp.queries.literals import required_literals
from webapp.queries.logic import any_of
from webapp.queries.parameters import Parameters

# The n-gram index holds three characters at a time; the text index splits at ASCII that is no letter or digit.
NGRAM = 3
_SEPARATORS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
_ASCII_RUN = re.compile(r"[\x00-\x7f]+")
_LIKE_SPECIAL = re.compile(r"[\\%_]")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
# Each costs a look-up in the dictionary of every part, and the longest are the rarest.
_MOST_TOKENS = 3


def contains(expression: str, needle: str, parameters: Parameters) -> str:
    """Return the condition that a string contains the needle, whatever the case of either."""
    if not needle:
        return "true"
    if not _has_foreign_letters(needle):
        return f"lower({expression}) LIKE {parameters.text(like_pattern(needle))}"
    return f"position(lowerUTF8({expression}), lowerUTF8({parameters.text(needle)})) > 0"


def body_hints(needle: str, parameters: Parameters) -> list[str]:
    """Return conditions that hold for every body with the needle in any case, and that its indexes answer without it.

    The n-gram index rules out blocks of rows by the trigrams of the needle, which fails for numbers and ids: all of
    their trigrams are everywhere. But the words that stand whole inside the needle are words of the body too, and the
    text index knows the rows of each.
    """
    hints = []
    runs = [run for run in _ASCII_RUN.findall(needle) if len(run) >= NGRAM]
    if _has_foreign_letters(needle) and runs:
        hints.append(_ngrams([max(runs, key=len)], parameters))
    return hints + _words(whole_tokens(needle), parameters)


def affix_hints(needle: str, parameters: Parameters, *, at_start: bool, at_end: bool) -> list[str]:
    """Return conditions that hold for every body with the needle as it is, at its start, at its end, or as the whole.

    What stands at an end of the body is a word there without a separator.
    """
    if not needle:
        return []
    hints = [_ngrams([needle], parameters)] if len(needle) >= NGRAM else []
    return hints + _words(whole_tokens(" " * at_start + needle + " " * at_end), parameters)


def pattern_hints(pattern: str, parameters: Parameters) -> list[str]:
    """Return conditions that hold for every body that a regular expression matches, whatever the case."""
    alternatives = [[text for text in texts if len(text) >= NGRAM] for texts in required_literals(pattern)]
    if not all(alternatives):
        return []
    hints = [any_of(_ngrams(texts, parameters) for texts in alternatives)]
    if len(alternatives) == 1:
        tokens = [token for text in alternatives[0] for token in whole_tokens(text)]
        hints += _words(_rarest(tokens), parameters)
    return hints


def _ngrams(texts: list[str], parameters: Parameters) -> str:
    return f"indexHint(lower(body) LIKE {parameters.text(like_pattern(*texts))})"


def _words(tokens: list[str], parameters: Parameters) -> list[str]:
    return [f"hasAllTokens(body, {parameters.texts(tokens)})"] if tokens else []


def like_pattern(*needles: str) -> str:
    """Return a LIKE pattern for lower-cased text that contains the needles, one after the other."""
    escaped = (_LIKE_SPECIAL.sub(r"\\\g<0>", needle.translate(_LOWER)) for needle in needles)
    return f"%{'%'.join(escaped)}%"


def whole_tokens(needle: str) -> list[str]:
    """Return the longest tokens with a separator on both sides within the needle; others may go on in the body."""
    inner = _SEPARATORS.split(needle.translate(_LOWER))[1:-1]
    return _rarest(token for token in inner if not _has_foreign_letters(token))


def _rarest(tokens: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(tokens), key=len, reverse=True)[:_MOST_TOKENS]


def _has_foreign_letters(text: str) -> bool:
    return not text.isascii() and any(
        not character.isascii() and (character.lower() != character or character.upper() != character)
        for character in text
    )
