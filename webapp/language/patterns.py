"""Regular expressions, as ClickHouse understands them: RE2, found anywhere, a dot being any character.

A pattern is compiled here before it is part of a question, by the library and within the memory that ClickHouse uses,
so that a mistake is the caller's and has a sentence, and so that no pattern is so large that every row is slow.
"""

from __future__ import annotations

import re2

from webapp.language.errors import LanguageError

MAX_CHARACTERS = 1000
# Instructions of the compiled pattern. `.{1000}` has 7,000 and costs four times what a word does; `\pL{50}` has 60,000,
# and 400,000 rows take longer than any question may.
MAX_INSTRUCTIONS = 10_000

IGNORE_CASE = "(?i)"


class PatternError(LanguageError):
    """A regular expression cannot be used."""


def check_pattern(pattern: str, *, ignore_case: bool) -> None:
    """Raise PatternError unless ClickHouse can use the pattern at a cost that a question may have."""
    if len(pattern) > MAX_CHARACTERS:
        raise PatternError(f"A regular expression has {MAX_CHARACTERS:,} characters at most, not {len(pattern):,}.")
    try:
        compiled = compile_pattern(pattern, ignore_case=ignore_case)
    except UnicodeEncodeError:
        raise PatternError("The regular expression is not valid Unicode.") from None
    except re2.error as error:
        raise PatternError(f"{_quoted(pattern)} is not a regular expression of RE2: {_reason(error)}.") from None
    if compiled.programsize > MAX_INSTRUCTIONS:
        raise PatternError(
            f"{_quoted(pattern)} is too large. Use smaller counts in braces, or fewer classes of Unicode."
        )


def compile_pattern(pattern: str, *, ignore_case: bool) -> re2._Regexp:
    """Compile a pattern to what ClickHouse makes of it; raises re2.error."""
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    return re2.compile(IGNORE_CASE + pattern if ignore_case else pattern, options)


def _reason(error: re2.error) -> str:
    reason = error.args[0]
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return text.replace(IGNORE_CASE, "", 1)  # it quotes a part of the pattern, which had this added


def _quoted(pattern: str) -> str:
    return f'"{pattern}"' if len(pattern) <= 60 else f'"{pattern[:59]}…"'
