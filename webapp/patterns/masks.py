"""The parts of a line that differ from one occurrence to the next by their nature: moments, ids, addresses, numbers.

A masked line is text in which each such part has become two characters: ``MARK`` and a letter. A mark that was in the
text itself is doubled, so nothing that a line says can be taken for a mask.

One pass over the line does it: of the masks that match at a place the first in ``MASKS`` wins. Every repetition has a
bound or begins where no character before it could have begun it, so the time is in proportion to the line, whatever
is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

MARK = "\x1a"

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_OFFSET = r"(?: ?(?:Z|UTC|[-+]\d\d:?\d\d))?"
_HEX = "[0-9A-Fa-f]"
# No mask begins or ends within a word. Asked once before all of them, it spares most places of a line the eleven.
_AT_START = "(?<![0-9A-Za-z])(?=[-+._%0-9A-Za-z])"
_AT_END = "(?![0-9A-Za-z])"


@dataclass(frozen=True, slots=True)
class Mask:
    """One kind of such parts.

    Attributes:
        code: the letter that stands for it in a masked line.
        name: the word that stands for it in a template.
        pattern: what it is, for Python with ASCII classes, so that ``\\d`` is a digit of ASCII.
        finds: a shorter expression of RE2 that matches all of that and little else.
        has_spaces: whether it may hold white space.
        before, after: what must not be beside it, more than letters and digits before it.
    """

    code: str
    name: str
    pattern: str
    finds: str
    has_spaces: bool = False
    before: str = ""
    after: str = _AT_END


MASKS = (
    # A date with or without a time: ISO 8601, and the slashes of Go and nginx.
    Mask(
        "t",
        "time",
        rf"\d{{4}}([-/])\d\d\1\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{{1,9}})?)?{_OFFSET})?",
        r"\d{4}[-/]\d\d[-/]\d\d[-+:.,TZUC\d ]*",
        has_spaces=True,
    ),
    # 10/Oct/2026:13:55:36 +0200
    Mask(
        "a",
        "time",
        rf"\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d(?: [-+]\d{{4}})?",
        r"\d\d/[A-Z][a-z]{2}/[-+:\d ]+",
        has_spaces=True,
    ),
    # Oct  3 13:55:36
    Mask("y", "time", rf"{_MONTH} [ \d]\d {_CLOCK}", r"[A-Z][a-z]{2} [ \d]\d [\d:.,]+", has_spaces=True),
    # Before the clock, for it may be written in digits alone.
    Mask("m", "mac", rf"{_HEX}{{2}}([:-]){_HEX}{{2}}(?:\1{_HEX}{{2}}){{4}}", r"[-0-9A-Fa-f:]{17}"),
    Mask("c", "time", _CLOCK, r"\d\d:\d\d:\d\d[.,\d]*"),
    Mask("u", "uuid", rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}", r"[-0-9A-Fa-f]{36}"),
    Mask(
        "e",
        "email",
        r"[0-9A-Za-z._%+-]{1,64}@[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){1,8}",
        r"\S+@\S+",
        before=r"(?<![._%+-])",
    ),
    Mask(
        "i",
        "ip",
        r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?",
        r"[\d.:]+",
        before=r"(?<!\.)",
        after=r"(?![0-9A-Za-z]|\.\d)",
    ),
    Mask(
        "j",
        "ip",
        rf"(?:{_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}|(?:{_HEX}{{1,4}}:){{1,6}}(?::{_HEX}{{1,4}}){{1,6}}",
        r"[0-9A-Fa-f:]+",
        before="(?<!:)",
        after=r"(?![0-9A-Za-z:])",
    ),
    # Digits and letters, both, or else it is a number or a word.
    Mask("h", "hex", rf"0[xX]{_HEX}++|(?=\d*[A-Fa-f])(?=[A-Fa-f]*\d){_HEX}{{8,}}+", "[0-9A-Fa-fxX]+"),
    # A unit may follow: 12ms, 3.5GB.
    Mask(
        "n",
        "num",
        r"[-+]?\d++(?:[.,]\d++){0,4}(?:[eE][-+]?\d{1,3})?",
        r"[-+]?\d[-+\d.,eE]*",
        after=r"(?=[A-Za-zµ%]{0,3}(?![0-9A-Za-z]))",
    ),
)
BY_CODE = {mask.code: mask for mask in MASKS}


def _combined() -> re.Pattern[str]:
    """Return all masks as alternatives, each a group named by its code; their own groups are numbered anew."""
    alternatives = []
    groups = 0
    for mask in MASKS:
        groups += 1  # the named one
        inner = re.compile(mask.pattern, re.ASCII).groups
        pattern = re.sub(r"\\(\d)", partial(_renumbered, groups), mask.pattern)
        alternatives.append(f"(?P<{mask.code}>{mask.before}(?:{pattern}){mask.after})")
        groups += inner
    return re.compile(f"{_AT_START}(?:{'|'.join(alternatives)})", re.ASCII)


def _renumbered(groups_before: int, reference: re.Match[str]) -> str:
    return rf"\{groups_before + int(reference[1])}"


_ANY = _combined()


def mask(line: str) -> str:
    """Return the line with its changing parts masked."""
    return _ANY.sub(_code, line.replace(MARK, MARK + MARK))


def _code(found: re.Match[str]) -> str:
    return MARK + str(found.lastgroup)
