"""Links that change the search by one term."""

from __future__ import annotations

import re
from collections.abc import Iterable

from webapp.language.errors import InexpressibleError
from webapp.language.parse import MAX_CHARACTERS
from webapp.language.printing import print_query, terms, with_term, without_term
from webapp.language.tree import Match, Node, Not

FILTER_CHARACTERS = 1000  # longer values would not fit into an address
UNTYPEABLE = re.compile("[\r\n\0]")  # a search box, which is one line, would lose these


def query_with(where: Node, term: Match | Not) -> str | None:
    """Return the text of the search with one more term.

    A term on the same field takes the place of the old one. None where no text says it (a value that is not Unicode)
    or the text would be longer than a search may be.
    """
    return query_with_all(where, [term])


def query_with_all(where: Node, new: Iterable[Match | Not]) -> str | None:
    """Return the text of the search with each of these terms, in the same way."""
    for term in new:
        where = with_term(where, term)
    try:
        text = print_query(where)
    except InexpressibleError:
        return None
    return text if len(text) <= MAX_CHARACTERS else None


def is_typeable(term: Match | Not) -> bool:
    """Whether a search box takes the term."""
    match = term.item if isinstance(term, Not) else term
    if not isinstance(match, Match):
        return False
    text = "".join((match.field.name, *match.values))
    return len(text) <= FILTER_CHARACTERS and UNTYPEABLE.search(text) is None


def toggled(where: Node, term: Match | Not) -> tuple[str | None, bool]:
    """Return the text of the search with only this term, or without it if it is there; and whether it was.

    None where no search box takes the term, or the text cannot be had.
    """
    is_there = term in terms(where)
    if not is_typeable(term):
        return None, is_there
    if is_there:
        return print_query(without_term(where, term)), True
    return query_with(where, term), False
