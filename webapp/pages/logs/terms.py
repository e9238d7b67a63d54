"""Links that change the search by one term."""

from __future__ import annotations

from webapp.language.errors import InexpressibleError
from webapp.language.printing import print_query, terms, with_term, without_term
from webapp.language.tree import LEVEL, Match, Node, Not, Operator


def query_with(where: Node, term: Match | Not) -> str | None:
    """Return the text of the search with one more term, None where no text says it (a value that is not Unicode).

    A term on the same field takes the place of the old one.
    """
    try:
        return print_query(with_term(where, term))
    except InexpressibleError:
        return None


def level_query(where: Node, level: str) -> tuple[str, bool]:
    """Return the text of the search with only this level, or without the term if it is there; and whether it was."""
    term = Match(LEVEL, Operator.EQUALS, (level,))
    if term in terms(where):
        return print_query(without_term(where, term)), True
    return print_query(with_term(where, term)), False
