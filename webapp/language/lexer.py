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

MAX_PARENTHESES = 16
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: it cannot be sent to the store

COLUMN_BY_KEY = {
    "message": tree.MESSAGE,
    "body": tree.MESSAGE,
    "level": tree.LEVEL,
    "severity": tree.LEVEL,
    "severity_text": tree.LEVEL,
    "service": tree.SERVICE,
    "service_name": tree.SERVICE,
    "service.name": tree.SERVICE,
    "trace_id": tree.TRACE_ID,
    "span_id": tree.SPAN_ID,
    "event": tree.EVENT_NAME,
    "event_name": tree.EVENT_NAME,
    "scope": tree.SCOPE,
}
RESOURCE_PREFIX = "resource."

# Before a colon these are the beginning of an address, a name or a digest, never the key of an attribute.
_NEVER_KEYS = {"http", "https", "urn", "arn", "mailto", "jdbc", "data", "md5", "sha1", "sha256", "sha512", "localhost"}

_KEY = re.compile(r"(?:[^\W\d]|@)(?:[\w./@-]*\w)?(?=:)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SOURCE_LINE = re.compile(
    r"[\w./@-]+\.(?:c|cc|clj|cpp|cs|erl|ex|exs|go|h|java|js|jsx|kt|lua|mjs|php|pl|py|rb|rs|scala|sh|swift|ts|tsx):\d"
)
_ESCAPE = re.compile(r'\\(["\\])')
# A quote after one of these opens a quoted part of the same piece: msg="disk full (sda1)".
_OPENS_QUOTED_PART = "=:{[(,"
# After these a dash is drawn or written, it does not negate: "a - b", "->", "--flag".
_PLAIN_DASH = "->=|+"

_UNBALANCED_QUOTE = 'This quote is not closed. Add the closing ", or write \\" for a quote inside a phrase.'
_AS_TEXT = "To search for this text as it stands, put it in quotes."


class TokenType(StrEnum):
    """The terminals of grammar.lark; Lark leaves those with an underscore out of the tree."""

    TEXT = "TEXT"
    COLUMN = "COLUMN"
    ATTRIBUTE = "ATTRIBUTE"
    RESOURCE = "RESOURCE"
    VALUE = "VALUE"
    MINUS = "_MINUS"
    OR = "_OR"
    AND = "_AND"
    LPAR = "_LPAR"
    RPAR = "_RPAR"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token with its value (escapes resolved, COLUMN and RESOURCE without prefix) and its characters."""

    type: TokenType
    value: str
    start: int
    end: int


class _Misfit(QuerySyntaxError):
    """What follows a colon is not the value of a field; an error only where the key leaves no doubt."""


def lex(text: str) -> Iterator[Lexeme]:
    """Yield the tokens of a search; raises QuerySyntaxError at the first fault."""
    return _Lexer(text).run()


def unescape(quoted: str) -> str:
    r"""Resolve ``\"`` and ``\\``; any other backslash stands for itself, as in ``C:\logs``."""
    return _ESCAPE.sub(r"\1", quoted)


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
            for lexeme in self._next(fresh):
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
        return self._at > before or self._last not in (TokenType.TEXT, TokenType.VALUE)

    def _peek(self, offset: int = 0) -> str:
        return self._text[self._at + offset : self._at + offset + 1]

    def _next(self, fresh: bool) -> list[Lexeme]:
        char = self._peek()
        if char == ")" and self._open and self._open[-1][1]:
            self._open.pop()
            return [self._mark(TokenType.RPAR)]
        if fresh and char == "(" and self._peek(1) != ")":
            return [self._open_group()]
        if fresh and char == "-" and self._is_negation():
            return [self._mark(TokenType.MINUS)]
        if fresh and (field := self._field()):
            return field
        if char == '"':
            return [self._phrase()]
        return [self._word()]

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
        return Lexeme(TokenType.TEXT, value, start, self._at)

    def _quoted(self, start: int) -> tuple[str, int]:
        found = _QUOTED.match(self._text, start)
        if found is None:
            raise QuerySyntaxError(_UNBALANCED_QUOTE, start, start + 1)
        return unescape(found[1]), found.end()

    def _word(self) -> Lexeme:
        start = self._at
        self._at = self._end_of_piece(start)
        value = self._text[start : self._at]
        kind = {"OR": TokenType.OR, "AND": TokenType.AND}.get(value, TokenType.TEXT)
        return Lexeme(kind, value, start, self._at)

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
                found = _QUOTED.match(self._text, at)
                at = found.end() if found else at + 1
                continue
            if char == "(":
                self._open.append((at, False))
            elif char == ")":
                if not self._open:
                    detail = f"This parenthesis closes nothing. {_AS_TEXT}"
                    raise QuerySyntaxError(detail, at, at + 1)
                if self._open[-1][1]:
                    break
                self._open.pop()
            at += 1
        return at

    def _field(self) -> list[Lexeme] | None:
        """Read ``key:value,value``, or None where it is text after all."""
        key = self._key()
        if key is None or self._is_text(key):
            return None
        open_before = list(self._open)
        try:
            values = self._values(key)
        except _Misfit:
            if key.type is TokenType.COLUMN and key.value != tree.MESSAGE.name:
                raise
            self._open = open_before
            return None
        self._at = values[-1].end
        return [key, *values]

    def _key(self) -> Lexeme | None:
        """Read a key that has a colon behind it."""
        start = self._at
        prefix = self._text[start : start + len(RESOURCE_PREFIX)].lower() == RESOURCE_PREFIX
        quote_at = start + len(RESOURCE_PREFIX) * prefix
        if found := _QUOTED.match(self._text, quote_at):
            name, end = unescape(found[1]), found.end()
            if self._text[end : end + 1] != ":":
                return None
            return Lexeme(TokenType.RESOURCE if prefix else TokenType.ATTRIBUTE, name, start, end)
        if not (plain := _KEY.match(self._text, start)):
            return None
        name, end = plain[0], plain.end()
        if column := COLUMN_BY_KEY.get(name.lower()):
            return Lexeme(TokenType.COLUMN, column.name, start, end)
        if prefix:
            return Lexeme(TokenType.RESOURCE, name[len(RESOURCE_PREFIX) :], start, end)
        return Lexeme(TokenType.ATTRIBUTE, name, start, end)

    def _is_text(self, key: Lexeme) -> bool:
        """Whether the key is part of an address, a path, a source line or a ``::`` name."""
        written, after = self._text[key.start : key.end], self._text[key.end + 1 : key.end + 3]
        if after.startswith((":", "=", "\\")) or after == "//":
            return True
        if len(written) == 1 and after.startswith("/"):
            return True
        return written.lower() in _NEVER_KEYS or _SOURCE_LINE.match(self._text, key.start) is not None

    def _values(self, key: Lexeme) -> list[Lexeme]:
        values = [self._value(key, key.end + 1)]
        while self._text[values[-1].end : values[-1].end + 1] == ",":
            values.append(self._value(key, values[-1].end + 1))
        return values

    def _value(self, key: Lexeme, start: int) -> Lexeme:
        name = self._text[key.start : key.end]
        if self._text[start : start + 1] == '"':
            value, end = self._quoted(start)
            following = self._text[end : end + 1]
            if following and following not in ",)" and not following.isspace():
                raise _Misfit("There is text right behind the closing quote. Put a space between them.", end, end + 1)
            return Lexeme(TokenType.VALUE, value, start, end)
        if self._text[start : start + 1] == "(":
            raise _Misfit(f"Write several values with commas and no parentheses: {name}:a,b.", start, start + 1)
        end = self._end_of_piece(start, stops=",")
        value = self._text[start:end]
        if not value:
            detail = f"{name}: needs a value right behind it, without a space, such as {name}:a or {name}:a,b."
            raise _Misfit(f"{detail} {_AS_TEXT}", key.start, start)
        if value == "*" or ("*" in value and key.type is TokenType.COLUMN and key.value != tree.MESSAGE.name):
            detail = f'A * does not stand for other characters here. Write {name}:"{value}" for the character itself.'
            raise QuerySyntaxError(detail, start, end)
        return Lexeme(TokenType.VALUE, value, start, end)
