"""The terms of a search as chips that lie over its box until somebody types: what each says, where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from webapp.language.keys import read_key
from webapp.language.tree import Or
from webapp.language.written import WrittenTerm, text_without, written_terms
from webapp.pages.logs.text import plain, render

MOST_CHIPS = 20
CHIP_CHARACTERS = 80
TITLE_CHARACTERS = 300
NAME_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Chip:
    """A term. Its text runs from ``start`` to ``end`` in the box, counted as browsers count: in UTF-16 units.

    ``key`` is empty for text of the message; ``name`` is what it is called aloud; ``url`` is the page without it, or
    empty where there is none.
    """

    key: Markup
    shown: Markup
    title: str
    name: str
    is_negated: bool
    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class ChipRow:
    """The first of the chips, and how many more terms there are."""

    chips: list[Chip]
    left_out: int


def chip_row(text: str, searching: Callable[[str | None], str]) -> ChipRow:
    """Lay out the chips of a search that can be read.

    Args:
        searching: makes the address of the page with another search, if it can.
    """
    terms = written_terms(text)
    shown = terms[:MOST_CHIPS]
    chips = [_chip(text, term, searching(text_without(text, terms, term))) for term in shown]
    return ChipRow(chips, len(terms) - len(shown))


def units(text: str) -> int:
    """Return the length of a text as browsers count it."""
    return len(text) + sum(char > "\uffff" for char in text)


def _chip(text: str, term: WrittenTerm, url: str) -> Chip:
    written = text[term.start : term.end]
    said = written.removeprefix("-") if term.is_negated else written
    if isinstance(term.node, Or) and not said.startswith("("):  # the search as a whole
        said = f"({said})"
    key = read_key(said, 0)
    head = key.end if key else 0
    return Chip(
        key=render(said[:head]),
        shown=render(said[head:], limit=CHIP_CHARACTERS),
        title=plain(written, TITLE_CHARACTERS),
        name=plain(f"not {said}" if term.is_negated else said, NAME_CHARACTERS),
        is_negated=term.is_negated,
        start=units(text[: term.start]),
        end=units(text[: term.end]),
        url=url,
    )
