"""Regular expressions as the store reads them: RE2, found anywhere, a dot being any character.

RE2 needs time in proportion to the text whatever the pattern; that time depends on the size of the pattern alone.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

import re2

MAX_CHARACTERS = 1000
MAX_INSTRUCTIONS = 10_000  # of the compiled pattern: \pL{50} has 60,000, and no question over many rows ends in time
MAX_HITS = 500
IGNORE_CASE = "(?i)"  # before a pattern, for a store that takes no options

_LIMITS = "Regular expressions follow RE2: no lookaround and no backreferences."


@lru_cache(maxsize=256)
def check_regex(pattern: str, *, ignore_case: bool = False) -> str | None:
    """Say in plain words why a pattern cannot be used, None if it can."""
    if len(pattern) > MAX_CHARACTERS:
        return f"A regular expression has {MAX_CHARACTERS:,} characters at most; this one has {len(pattern):,}."
    try:
        compiled = compile_regex(pattern, ignore_case=ignore_case)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        return f"This is not a regular expression: {reason}. {_LIMITS}"
    except UnicodeEncodeError:
        return "This is not a regular expression: half a character is not valid Unicode."
    if compiled.programsize > MAX_INSTRUCTIONS:
        return "This regular expression is too large. Use smaller counts in braces."
    return None


def find_spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """Find where a valid pattern matches something, whatever the case: the first ``MAX_HITS`` places.

    Half characters in the text, which are not valid Unicode, read as question marks.
    """
    readable = text.encode(errors="replace").decode()
    spans = (hit.span() for hit in islice(_compile_kept(pattern).finditer(readable), MAX_HITS))
    return [(start, end) for start, end in spans if start < end]


def escape(text: str) -> str:
    """Write the pattern that matches a text as it stands."""
    return str(re2.escape(text))


@lru_cache(maxsize=16)
def _compile_kept(pattern: str) -> re2._Regexp:
    return compile_regex(pattern, ignore_case=True)


def compile_regex(pattern: str, *, ignore_case: bool) -> re2._Regexp:
    """Compile with the options of the store, and let the library keep nothing; raises re2.error.

    A program takes up to 8 MB; the library would hold the last 128, whoever wrote them.
    """
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    finally:
        re2.purge()
