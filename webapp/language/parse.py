"""Read a search into a filter tree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedToken
from lark.lexer import Lexer

from webapp.language import tree
from webapp.language.errors import QuerySyntaxError
from webapp.language.lexer import SURROGATE, Lexeme, TokenType, lex
from webapp.language.tree import Node

__all__ = ["MAX_CHARACTERS", "MAX_NODES", "QuerySyntaxError", "combine", "parse"]

MAX_CHARACTERS = 4096
MAX_NODES = 256


def parse(text: str) -> Node:
    """Read a search; no text is "everything".

    The tree is in normal form: groups are flattened, no value is twice in a match, no negation is negated. Raises
    QuerySyntaxError, and nothing else whatever the text.
    """
    if len(text) > MAX_CHARACTERS:
        detail = f"A search has {MAX_CHARACTERS:,} characters at most; this one has {len(text):,}."
        raise QuerySyntaxError(detail, MAX_CHARACTERS, len(text))
    if broken := SURROGATE.search(text):
        raise QuerySyntaxError("This character is not valid Unicode.", broken.start(), broken.end())
    node = combine(list(lex(text)))
    nodes = tree.count_nodes(node)
    if nodes > MAX_NODES:
        detail = f"A search has {MAX_NODES} terms and groups at most; this one has {nodes:,}."
        raise QuerySyntaxError(detail, 0, len(text))
    return node


def combine(lexemes: list[Lexeme]) -> Node:
    """Read the tokens of a search, or of a whole term of it; raises QuerySyntaxError."""
    try:
        return cast(Node, _parser().parse(lexemes))  # the builder's start(), which Lark's types know nothing of
    except UnexpectedToken as error:
        raise _explain(error.token, lexemes) from None


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Tokens, transformer=_Builder())


class _Tokens(Lexer):
    """Hands the lexemes to Lark as they are."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, lexemes: list[Lexeme]) -> Iterator[Token]:  # type: ignore[override]  # Lark's interface 0
        for lexeme in lexemes:
            yield Token(lexeme.type, lexeme.node or lexeme.written, start_pos=lexeme.start, end_pos=lexeme.end)


def _explain(found: Token, lexemes: list[Lexeme]) -> QuerySyntaxError:
    """Say what an unexpected token means: an empty group, or an operator that lacks a side."""
    starts = [lexeme.start for lexeme in lexemes]
    at = len(lexemes) if found.type == "$END" else starts.index(found.start_pos or 0)
    before = lexemes[max(at - 1, 0)]
    if found.type == TokenType.RPAR and before.type is TokenType.LPAR:
        return QuerySyntaxError("There is nothing between these parentheses.", before.start, lexemes[at].end)
    culprit = lexemes[at] if found.type in (TokenType.OR, TokenType.AND) else before
    detail = f'{culprit.written} needs a term on both sides. To search for the word itself, write "{culprit.written}".'
    return QuerySyntaxError(detail, culprit.start, culprit.end)


class _Builder(Transformer[Token, Node]):
    """Builds the tree while the parser reduces, so no depth of nesting recurses; one method for each rule."""

    def start(self, items: list[Node | None]) -> Node:
        return items[0] or tree.EVERYTHING

    def any(self, items: list[Node]) -> Node:
        return tree.disjunction(items)

    def all(self, items: list[Node]) -> Node:
        return tree.conjunction(items)

    def negation(self, items: list[Node]) -> Node:
        return tree.negate(items[0])

    def term(self, items: list[Token]) -> Node:
        return cast(Node, items[0].value)
