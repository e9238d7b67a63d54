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
from webapp.queries.logic import all_of, any_of
from webapp.queries.parameters import Parameters

# What the index ``body_letters`` is on: the body in lower case, with a space for each digit. Its words are runs of
# letters alone. So there are few of them, and a piece of a word is looked up among all words; with ids among the words
# there would be millions. A needle of letters stands in a body exactly if it stands in one of these words.
BODY_LETTERS = f"translate(lower(body), '0123456789', '{' ' * 10}')"

_SEPARATORS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")  # of the index ``body_words``
_ASCII_RUN = re.compile(r"[\x00-\x7f]+")
_LETTERS = re.compile(r"[a-z]{2,}")
_WORD_WITH_DIGITS = re.compile(r"[a-z0-9]{4,}")
_LIKE_SPECIAL = re.compile(r"[\\%_]")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
# Each costs a look-up in the dictionary of every part, and the longest are the rarest.
_MOST_TOKENS = 3
_MOST_RUNS = 2
# The lower case of the Kelvin sign is k, and that of the dotted capital I begins with i.
_FROM_OTHER_ALPHABETS = re.compile("[ik]")


def contains(expression: str, needle: str, parameters: Parameters) -> str:
    """Return the condition that a string contains the needle, whatever the case of either."""
    if not needle:
        return "true"
    if not _has_foreign_letters(needle):
        return f"lower({expression}) LIKE {parameters.text(like_pattern(needle))}"
    return f"position(lowerUTF8({expression}), lowerUTF8({parameters.text(needle)})) > 0"


def body_contains(needle: str, parameters: Parameters) -> str:
    """Return the condition that the body contains the needle; one of letters alone is answered by their index."""
    lowered = needle.translate(_LOWER)
    return _has_letters(lowered, parameters) if _LETTERS.fullmatch(lowered) else contains("body", needle, parameters)


def body_hints(needle: str, parameters: Parameters, *, wide: bool) -> list[str]:
    """Return conditions that hold for every body with the needle in any case, and that its indexes answer without it.

    The words that stand whole inside the needle are words of the body too, and its runs of letters are pieces of such
    runs. A piece of a word with digits has to be looked up among all words: that takes as long as it takes to read the
    bodies of a quarter of their time, so it is done only where the time is long.
    """
    lowered = needle.translate(_LOWER)
    if _LETTERS.fullmatch(lowered):
        return []
    if _has_foreign_letters(needle):
        runs = [run for part in _ASCII_RUN.findall(lowered) for run in _FROM_OTHER_ALPHABETS.split(part)]
        return _letters(runs, parameters) + _words(whole_tokens(needle), parameters)
    if wide and _WORD_WITH_DIGITS.fullmatch(lowered):
        return [f"body ILIKE {parameters.text(like_pattern(needle))}"]
    return _letters([lowered], parameters) + _words(whole_tokens(needle), parameters)


def affix_hints(needle: str, parameters: Parameters, *, at_start: bool, at_end: bool) -> list[str]:
    """Return conditions that hold for every body with the needle as it is, at its start, at its end, or as the whole.

    What stands at an end of the body is a word there without a separator.
    """
    tokens = whole_tokens(" " * at_start + needle + " " * at_end)
    return _letters([needle.translate(_LOWER)], parameters) + _words(tokens, parameters)


def pattern_hints(pattern: str, parameters: Parameters) -> list[str]:
    """Return conditions that hold for every body that a regular expression matches, whatever the case."""
    alternatives = [[text.translate(_LOWER) for text in texts] for texts in required_literals(pattern)]
    hints = [_letters(texts, parameters) for texts in alternatives]
    if len(alternatives) > 1:
        return [any_of(map(all_of, hints))] if all(hints) else []
    tokens = [token for text in alternatives[0] for token in whole_tokens(text)]
    return hints[0] + _words(_rarest(tokens), parameters)


def _has_letters(letters: str, parameters: Parameters) -> str:
    return f"{BODY_LETTERS} LIKE {parameters.text(like_pattern(letters))}"


def _letters(texts: Iterable[str], parameters: Parameters) -> list[str]:
    """Return the conditions for the longest runs of letters in texts of lower case."""
    runs = {run for text in texts for run in _LETTERS.findall(text)}
    return [_has_letters(run, parameters) for run in sorted(runs, key=lambda run: (-len(run), run))[:_MOST_RUNS]]


def _words(tokens: list[str], parameters: Parameters) -> list[str]:
    return [f"hasAllTokens(body, {parameters.texts(tokens)})"] if tokens else []


def like_pattern(needle: str) -> str:
    """Return a LIKE pattern for lower-cased text that contains the needle."""
    escaped = _LIKE_SPECIAL.sub(r"\\\g<0>", needle.translate(_LOWER))
    return f"%{escaped}%"


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
