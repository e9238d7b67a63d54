"""What a search finds in the message, to mark it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from webapp.language.regex import escape, find_spans
from webapp.language.tree import MESSAGE, And, Match, Node, Operator, Or

PATTERN_CHARACTERS = 16 * 1024  # what patterns are looked for in; words are cheap enough for all of it


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression whose hits are marked, whatever their case."""

    regex: str


Needle: TypeAlias = str | Pattern


def needles(node: Node) -> list[Needle]:
    """Return what a search looks for in the message; negated terms are not in the rows."""
    match node:
        case Match(field, operator, values) if field == MESSAGE:
            return [needle for value in values for needle in _needles(operator, value)]
        case And(items) | Or(items):
            return [needle for item in items for needle in needles(item)]
    return []


def _needles(operator: Operator, value: str) -> list[Needle]:
    match operator:
        case Operator.CONTAINS:
            return [value]
        case Operator.STARTS_WITH:
            return [Pattern(rf"\A(?-i:{escape(value)})")]
        case Operator.ENDS_WITH:
            return [Pattern(rf"(?-i:{escape(value)})\z")]
        case Operator.REGEX:
            return [Pattern(value)]
    return []


def spans(text: str, wanted: Iterable[Needle]) -> list[tuple[int, int]]:
    """Return where the needles are in a text: in order, and none inside another."""
    everything = set(wanted)
    words = sorted((needle for needle in everything if needle and isinstance(needle, str)), key=len, reverse=True)
    found: list[tuple[int, int]] = []
    if words:
        pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
        found += [hit.span() for hit in pattern.finditer(text)]
    for needle in everything:
        if isinstance(needle, Pattern):
            found += find_spans(needle.regex, text[:PATTERN_CHARACTERS])
    return _joined(found)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
