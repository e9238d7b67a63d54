"""The terms of a search as they are written, each with its place: what a page shows of them and takes away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.lexer import Lexeme, TokenType, lex
from webapp.language.parse import MAX_CHARACTERS, MAX_NODES, combine, parse
from webapp.language.printing import print_query
from webapp.language.tree import EVERYTHING, Node, conjunction, count_nodes

# Stands for a term that is still being typed: it is text wherever it is put.
_ANY = "x"
# Without these what stands between spaces reads the same whatever is around it.
_REACHES_FURTHER = re.compile(r"[()]|\bAND\b")


@dataclass(frozen=True, slots=True)
class WrittenTerm:
    """One of the terms that all have to match: the characters from ``start``, at its dash if it has one, to ``end``."""

    start: int
    end: int
    is_negated: bool
    node: Node


def written_terms(text: str) -> list[WrittenTerm]:
    """Give the terms in their order; a group is one, and so is a whole search that is an OR.

    Raises QuerySyntaxError.
    """
    return [
        WrittenTerm(unit[0].start, unit[-1].end, _is_dash(unit[0]) and not _is_or(unit), combine(unit))
        for unit in _units(lex(text))
    ]


def text_without(text: str, terms: Sequence[WrittenTerm], gone: WrittenTerm) -> str | None:
    """Take one of its terms out of a search; the others stay as they are written where they can.

    Where that would read as something else, they are written anew. None if no text says it.
    """
    before, behind = text[: gone.start], text[gone.end :]
    left = f"{before.rstrip()} {behind.lstrip()}".strip()
    is_apart = before[-1:].strip() == behind[:1].strip() == ""
    if is_apart and not _REACHES_FURTHER.search(text):
        return left
    rest = conjunction(term.node for term in terms if term is not gone)
    if _reads_as(left, rest):
        return left
    try:
        anew = print_query(rest)
    except InexpressibleError:
        return None
    return anew if len(anew) <= MAX_CHARACTERS else None


def filter_beside(text: str, start: int, end: int) -> Node:
    """Give what a search asks for beside the term that is being typed, of which these characters are a part.

    A group that is still open ends with the text. What cannot be read asks for nothing.
    """
    marked = f"{text[:start]}{_ANY}{text[end:]}"
    lexemes = []
    try:
        for lexeme in lex(marked):
            lexemes.append(lexeme)  # noqa: PERF402 - those before a fault are wanted
    except QuerySyntaxError:
        if not lexemes or lexemes[-1].end < len(marked.rstrip()):
            return EVERYTHING
    others = [unit for unit in _units(lexemes) if not unit[0].start <= start < unit[-1].end]
    try:
        beside = conjunction(map(combine, others))
    except QuerySyntaxError:  # an open group
        return EVERYTHING
    return beside if count_nodes(beside) <= MAX_NODES else EVERYTHING


def _units(lexemes: Iterable[Lexeme]) -> list[list[Lexeme]]:
    """Cut the tokens where a space means AND, or not at all where there is an OR."""
    every = list(lexemes)
    if _is_or(every):
        return [every]
    units: list[list[Lexeme]] = []
    depth, begins = 0, True
    for lexeme in every:
        if depth == 0 and lexeme.type is TokenType.AND:
            continue
        if begins:
            units.append([])
        units[-1].append(lexeme)
        depth += _step(lexeme)
        begins = depth == 0 and not _is_dash(lexeme)
    return units


def _is_or(lexemes: Iterable[Lexeme]) -> bool:
    depth = 0
    for lexeme in lexemes:
        if depth == 0 and lexeme.type is TokenType.OR:
            return True
        depth += _step(lexeme)
    return False


def _step(lexeme: Lexeme) -> int:
    return {TokenType.LPAR: 1, TokenType.RPAR: -1}.get(lexeme.type, 0)


def _is_dash(lexeme: Lexeme) -> bool:
    return lexeme.type is TokenType.MINUS


def _reads_as(text: str, node: Node) -> bool:
    try:
        return parse(text) == node
    except QuerySyntaxError:
        return False
