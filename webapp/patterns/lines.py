"""A line taken apart: the words that may differ, and the shape that they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from webapp.patterns.masks import MARK, mask

# What is beyond them is not looked at: a line costs no more than this, however long it is.
MAX_CHARACTERS = 1000
MAX_WORDS = 64

# Places of a shape: a word, white space that is not one space, the end of what was looked at.
WORD, SPACE, REST = f"{MARK}x", f"{MARK}s", f"{MARK}T"

# White space is what RE2 calls \s; Python's own would take in other alphabets'.
_WORD = re.compile(r"""[^ \t\n\r\f=,;:"'(){}\[\]]+""")
_SPACES = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")


@dataclass(frozen=True, slots=True)
class Line:
    """A masked line.

    Attributes:
        shape: the line with ``WORD`` for each word; lines of other shapes never have the same template.
        words: its words in order, masked parts included.
    """

    shape: str
    words: tuple[str, ...]


def read_line(text: str, characters: int = MAX_CHARACTERS) -> Line:
    """Take a line apart. Of one that is too long, the begin is taken, and the shape ends with ``REST``."""
    masked = mask(text[:characters])
    is_cut = len(text) > characters
    found = list(islice(_WORD.finditer(masked), MAX_WORDS + 1))
    if len(found) > MAX_WORDS:
        masked, is_cut = masked[: found.pop().start()], True
    shape = _SPACES.sub(SPACE, _WORD.sub(WORD, masked))
    return Line(shape + REST * is_cut, tuple(word[0] for word in found))
