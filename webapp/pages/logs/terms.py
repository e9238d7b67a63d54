"""Links that change the search by one term."""

from __future__ import annotations

from webapp.language.printing import print_query, with_term, without_term
from webapp.language.tree import LEVEL, And, Match, Node, Not, Operator


def query_with(where: Node, term: Match | Not) -> str:
    """Return the text of the search with one more term; a term on the same field takes the place of the old one."""
    return print_query(with_term(where, term))


def level_url(where: Node, level: str) -> tuple[str, bool]:
    """Return the text of the search with only this level, or without the term if it is there; and whether it was."""
    term = Match(LEVEL, Operator.EQUALS, (level,))
    if term in top_terms(where):
        return print_query(without_term(where, term)), True
    return query_with(where, term), False


def top_terms(where: Node) -> tuple[Node, ...]:
    """Return the terms that all have to match."""
    return where.items if isinstance(where, And) else (where,)
