"""What a regular expression says literally, for the indexes of the body.

A reader of the simple parts of RE2's syntax, to be believed because it gives up on all others: whatever it returns is
in every text that the pattern matches, but it may return nothing where a person sees a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# An item of a pattern at its top level. Group is only its opening; what is none of these is given up on.
_ITEM = re.compile(
    r"""
    (?P<class>\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\])
    | (?P<group>\()
    | (?P<alternative>\|)
    | (?P<optional>[*?]|\{[0-9]+(?:,[0-9]*)?\})   # of the character before: it may be missing
    | (?P<other>\+|[.^$]|\\[dDwWsSbBAafnrtv])
    | \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<literal>[^\\\[\](){}|*+?.^$])
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]|[()]|[^\\\[\]()]+|\]", re.DOTALL)

# Whatever the case, k is the Kelvin sign and s the long s too, and those are no ASCII.
_AMBIGUOUS = "kKsS"


def required_literals(pattern: str) -> list[list[str]]:
    """Return texts of ASCII, one of whose lists is in whatever the pattern matches, in that order, if case is ignored.

    There is a list for each alternative of the pattern. It may be empty: then nothing is known.
    """
    if r"\Q" in pattern:
        return [[]]
    alternatives: list[list[str]] = [[]]
    run = ""
    for kind, text in _items(pattern):
        if kind == "unknown":
            return [[]]
        if kind in ("literal", "escaped") and text.isascii() and text not in _AMBIGUOUS:
            run += text
            continue
        alternatives[-1].append(run[:-1] if kind == "optional" else run)
        run = ""
        if kind == "alternative":
            alternatives.append([])
    alternatives[-1].append(run)
    return [[text for text in texts if text] for texts in alternatives]


def _items(pattern: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(pattern):
        found = _ITEM.match(pattern, at)
        kind = (found.lastgroup if found else None) or "unknown"
        at = found.end() if found else len(pattern)
        if kind == "group":
            at = _end_of_group(pattern, at)
        yield kind, found[kind] if found else ""


def _end_of_group(pattern: str, at: int) -> int:
    depth = 1
    while depth and (found := _IN_GROUP.match(pattern, at)):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        at = found.end()
    return at
