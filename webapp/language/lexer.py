"""Cut a search into tokens, deciding what is text, what a field and what punctuation of the language.

Text wins wherever a piece of a log would otherwise be an error: people paste ``http://host:80/``, ``foo(bar)``,
``12:30:05`` or ``{"a": 1}`` and expect to find it. docs/search.md says the rules to users.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from webapp.language import tree
from webapp.language.errors import QuerySyntaxError
from webapp.language.keys import Key, Sign, read_key
from webapp.language.quotes import QUOTED, unescape
from webapp.language.tree import Match, Node, Operator
from webapp.language.values import AS_TEXT, Misfit, Written, any_of, match_of

MAX_PARENTHESES = 16
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: it cannot be sent to the store

# A quote after one of these opens a quoted part of the same piece: msg="disk full (sda1)".
_OPENS_QUOTED_PART = "=:{[(,"
# After these a dash is drawn or written, it does not negate: "a - b", "->", "--flag".
_PLAIN_DASH = "->=|+"

_UNBALANCED_QUOTE = 'This quote is not closed. Add the closing ", or write \\" for a quote inside a phrase.'


class TokenType(StrEnum):
    """The terminals of grammar.lark; Lark leaves those with an underscore out of the tree."""

    TERM = "TERM"
    MINUS = "_MINUS"
    OR = "_OR"
    AND = "_AND"
    LPAR = "_LPAR"
    RPAR = "_RPAR"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token, its characters, and of a term what it means."""

    type: TokenType
    written: str
    start: int
    end: int
    node: Node | None = None


def lex(text: str) -> Iterator[Lexeme]:
    """Yield the tokens of a search; raises QuerySyntaxError at the first fault."""
    return _Lexer(text).run()


class _Lexer:
    """One pass over one text. ``_open`` holds the open parentheses: where, and whether it is a group or text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._open: list[tuple[int, bool]] = []
        self._last: TokenType | None = None

    def run(self) -> Iterator[Lexeme]:
        while True:
            fresh = self._skip_spaces()
            if self._at >= len(self._text):
                break
            lexeme = self._next(fresh)
            self._last = lexeme.type
            yield lexeme
        for start, is_group in self._open:
            if is_group:
                detail = "This parenthesis is not closed. Add the closing ), or put the text in quotes."
                raise QuerySyntaxError(detail, start, start + 1)

    def _skip_spaces(self) -> bool:
        """Go to the next term; True where a new term may begin, False right behind a phrase or a value."""
        before = self._at
        while self._peek().isspace():
            self._at += 1
        return self._at > before or self._last is not TokenType.TERM

    def _peek(self, offset: int = 0) -> str:
        return self._text[self._at + offset : self._at + offset + 1]

    def _next(self, fresh: bool) -> Lexeme:
        char = self._peek()
        if char == ")" and self._open and self._open[-1][1]:
            self._open.pop()
            return self._mark(TokenType.RPAR)
        if fresh and char == "(" and self._peek(1) != ")":
            return self._open_group()
        if fresh and char == "-" and self._is_negation():
            return self._mark(TokenType.MINUS)
        if fresh and (field := self._field()):
            return field
        return self._phrase() if char == '"' else self._word()

    def _mark(self, kind: TokenType) -> Lexeme:
        self._at += 1
        return Lexeme(kind, self._text[self._at - 1], self._at - 1, self._at)

    def _open_group(self) -> Lexeme:
        self._open.append((self._at, True))
        if sum(is_group for _, is_group in self._open) > MAX_PARENTHESES:
            detail = f"Parentheses may be nested {MAX_PARENTHESES} deep at most."
            raise QuerySyntaxError(detail, self._at, self._at + 1)
        return self._mark(TokenType.LPAR)

    def _is_negation(self) -> bool:
        following = self._peek(1)
        if following in ("", ")"):
            detail = "There is nothing after this -. Write -word to leave out the logs that contain the word."
            raise QuerySyntaxError(detail, self._at, self._at + 1)
        return not (following.isspace() or following in _PLAIN_DASH)

    def _phrase(self) -> Lexeme:
        start = self._at
        value, self._at = self._quoted(start)
        if not value:
            raise QuerySyntaxError("There is nothing between these quotes.", start, self._at)
        return self._text_term(value, start)

    def _quoted(self, start: int) -> tuple[str, int]:
        found = QUOTED.match(self._text, start)
        if found is None:
            raise QuerySyntaxError(_UNBALANCED_QUOTE, start, start + 1)
        return unescape(found[1]), found.end()

    def _word(self) -> Lexeme:
        start = self._at
        self._at = self._end_of_piece(start)
        value = self._text[start : self._at]
        if value in ("OR", "AND"):
            return Lexeme(TokenType.OR if value == "OR" else TokenType.AND, value, start, self._at)
        return self._text_term(value, start)

    def _text_term(self, value: str, start: int) -> Lexeme:
        node = Match(tree.MESSAGE, Operator.CONTAINS, (value,))
        return Lexeme(TokenType.TERM, self._text[start : self._at], start, self._at, node)

    def _end_of_piece(self, start: int, stops: str = "") -> int:
        """Find where a piece of text ends: at a space, a stop character or the ``)`` of a group.

        Parentheses that open within text close within text, maybe in a later piece: ``main(argc, argv)``.
        """
        at = start
        while at < len(self._text):
            char = self._text[at]
            if char.isspace() or char in stops:
                break
            if char == '"' and at > start and self._text[at - 1] in _OPENS_QUOTED_PART:
                found = QUOTED.match(self._text, at)
                at = found.end() if found else at + 1
                continue
            if char == "(":
                self._open.append((at, False))
            elif char == ")":
                if not self._open:
                    detail = f"This parenthesis closes nothing. {AS_TEXT}"
                    raise QuerySyntaxError(detail, at, at + 1)
                if self._open[-1][1]:
                    break
                self._open.pop()
            at += 1
        return at

    def _field(self) -> Lexeme | None:
        """Read ``key:value,value``, or None where it is text after all."""
        key = read_key(self._text, self._at)
        if key is None:
            return None
        open_before = list(self._open)
        try:
            matches, end = self._matches(key)
        except Misfit:
            if key.leaves_no_doubt:
                raise
            self._open = open_before
            return None
        self._at = end
        return Lexeme(TokenType.TERM, self._text[key.start : end], key.start, end, any_of(matches))

    def _matches(self, key: Key) -> tuple[list[Match], int]:
        matches: list[Match] = []
        at = key.end
        while True:
            value = self._value(key, at)
            matches.append(match_of(key, value))
            if self._text[value.end : value.end + 1] != ",":
                return matches, value.end
            at = value.end + 1

    def _value(self, key: Key, start: int) -> Written:
        star_before = key.sign is Sign.IS and self._text.startswith('*"', start)
        if self._text.startswith('"', start + star_before):
            text, end = self._quoted(start + star_before)
            star_behind = key.sign is Sign.IS and self._text.startswith("*", end)
            end += star_behind
            following = self._text[end : end + 1]
            if following and following not in ",)" and not following.isspace():
                raise Misfit("There is text right behind the closing quote. Put a space between them.", end, end + 1)
            return Written(text, start, end, is_quoted=True, stars=(star_before, star_behind))
        if self._text.startswith("(", start):
            name = f"{key.written}{key.sign}"
            raise Misfit(f"Write several values with commas and no parentheses: {name}a,b.", start, start + 1)
        end = self._end_of_piece(start, stops=",")
        return Written(self._text[start:end], start, end)
