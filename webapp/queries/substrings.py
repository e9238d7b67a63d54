"""Substrings in any case: the exact test of a row, and what the indexes of the body can rule out before.

ClickHouse's ``lower`` folds ASCII alone, and does so for nothing; ``lowerUTF8`` folds every alphabet, at 3 µs a row of
another one, and is used only where the needle has letters of another one. (``positionCaseInsensitiveUTF8`` would be
faster, but folds wrongly: Ⅳ is not found as ⅳ.) Two letters, the Kelvin sign and the dotted capital I, have ASCII in
their lower case, and a needle of ASCII does not find them.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase

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
    """Return conditions that hold for every body with the needle, and that its indexes answer without reading it.

    The n-gram index rules out blocks of rows by the trigrams of the needle, which fails for numbers and ids: all of
    their trigrams are everywhere. But the words that stand whole inside the needle are words of the body too, and the
    text index knows the rows of each.
    """
    hints = []
    runs = [run for run in _ASCII_RUN.findall(needle) if len(run) >= NGRAM]
    if _has_foreign_letters(needle) and runs:
        pattern = like_pattern(max(runs, key=len))
        hints.append(f"indexHint(lower(body) LIKE {parameters.text(pattern)})")
    if tokens := whole_tokens(needle):
        hints.append(f"hasAllTokens(body, {parameters.texts(tokens)})")
    return hints


def like_pattern(needle: str) -> str:
    """Return a LIKE pattern for lower-cased text that contains the needle."""
    escaped = _LIKE_SPECIAL.sub(r"\\\g<0>", needle.translate(_LOWER))
    return f"%{escaped}%"


def whole_tokens(needle: str) -> list[str]:
    """Return the longest tokens with a separator on both sides within the needle; others may go on in the body."""
    inner = _SEPARATORS.split(needle.translate(_LOWER))[1:-1]
    tokens = dict.fromkeys(token for token in inner if not _has_foreign_letters(token))
    return sorted(tokens, key=len, reverse=True)[:_MOST_TOKENS]


def _has_foreign_letters(text: str) -> bool:
    return not text.isascii() and any(
        not character.isascii() and (character.lower() != character or character.upper() != character)
        for character in text
    )
