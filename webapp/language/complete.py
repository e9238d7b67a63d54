"""What is being typed in a search, and what it could become: for a menu under the search box."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp.language import tree
from webapp.language.errors import QuerySyntaxError
from webapp.language.keys import COLUMN_BY_KEY, RESOURCE_PREFIX, Key, Sign, read_key
from webapp.language.lexer import TokenType, lex
from webapp.language.printing import print_key, print_value
from webapp.language.quotes import QUOTED, unescape
from webapp.language.tree import Field

SIGNS = {
    Sign.IS: "is",
    Sign.GREATER: "is greater than",
    Sign.AT_LEAST: "is at least",
    Sign.LESS: "is less than",
    Sign.AT_MOST: "is at most",
    Sign.FITS: "fits a regular expression",
}
IS_SET = "is set"

_PIECE_END = re.compile(r"[\s,)]|\Z")
_SIGN_AT_END = re.compile(r"(?:[<>]=?|~)\Z")
_VALUES_BEFORE = re.compile(r'(?:(?:"(?:[^"\\]|\\.)*"|[^\s",()]*),)*', re.DOTALL)
_WORD_START = re.compile(r"(?<=[\W_])(?=[^\W_])")


class Part(StrEnum):
    """What the cursor is in."""

    KEY = "key"  # a word, or the beginning of a key
    SIGN = "sign"  # a known key in full, perhaps with a sign that lacks its value
    VALUE = "value"
    TEXT = "text"  # a phrase: nothing to complete


@dataclass(frozen=True, slots=True)
class Typed:
    """What is being typed: the characters from ``start`` to ``end`` are what a suggestion replaces.

    ``text`` is what of it is before the cursor, without quotes. A sign and a value have a field, a value its sign.
    ``term`` is where the term begins that it is a part of, behind a dash.
    """

    part: Part
    text: str
    term: int
    start: int
    end: int
    field: Field | None = None
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to put in the place of what is typed; ``hit`` are the characters of the label that were typed.

    Where nothing is left to say of the term, it ends: the next one begins behind a space.
    """

    insert: str
    label: str
    hit: tuple[int, int]
    ends_term: bool = False
    note: str = ""


def typed_at(text: str, cursor: int, known: Collection[Field]) -> Typed:
    """Say what is being typed at the cursor; a word is a key with a sign to come where it is a known key in full."""
    before = text[:cursor]
    start = _start_of_term(before)
    if key := read_key(before, start):
        return _typed_value(text, cursor, key)
    piece = before[start:]
    sign = _SIGN_AT_END.search(piece)
    name = piece[: sign.start()] if sign else piece
    whole = read_key(text, start)
    end = whole.end if whole else _end_of_piece(text, cursor)
    if (field := _known_field(name, known)) is not None:
        return Typed(Part.SIGN, piece, start, start, end, field)
    if piece.startswith('"'):
        quoted = QUOTED.match(text, start)
        return Typed(Part.TEXT, piece[1:], start, start, max(quoted.end() if quoted else 0, cursor))
    return Typed(Part.KEY, piece, start, start, end)


def suggest_keys(typed: Typed, known: Sequence[Field]) -> list[Suggestion]:
    """Give the keys that what is typed could become: those that begin so first, else in the order they are given."""
    if typed.part not in (Part.KEY, Part.SIGN):
        return []
    ranked = []
    for field in known:
        ranks = [(rank, name) for name in _names(field) if (rank := _rank(name, typed.text)) is not None]
        if not ranks:
            continue
        rank, name = min(ranks, key=lambda found: found[0])
        written = print_key(field)
        hit = _hit(written, typed.text)
        ranked.append((rank, Suggestion(f"{written}{Sign.IS}", written, hit, note=name if name not in written else "")))
    return [suggestion for _, suggestion in sorted(ranked, key=lambda found: found[0])]


def suggest_signs(typed: Typed) -> list[Suggestion]:
    """Give what can be asked of the field that is typed in full, those that go on with a sign that is begun."""
    if typed.part is not Part.SIGN or typed.field is None:
        return []
    key = print_key(typed.field)
    begun = found[0] if (found := _SIGN_AT_END.search(typed.text)) else ""
    signs = [
        Suggestion(f"{key}{sign}", f"{key}{sign}", (0, len(key) + len(begun)), note=note)
        for sign, note in SIGNS.items()
        if sign.startswith(begun)
    ]
    if not begun:
        signs.append(Suggestion(f"{key}:*", f"{key}:*", (0, len(key)), ends_term=True, note=IS_SET))
    return signs


def suggest_values(typed: Typed, values: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Give the values, each with a note such as its count, that what is typed could become.

    Those that begin so come first, else the order is as given. Regular expressions have none.
    """
    if typed.part is not Part.VALUE or typed.field is None or typed.sign in (None, Sign.FITS):
        return []
    found = [(rank, value, note) for value, note in values if (rank := _rank(value, typed.text)) is not None]
    return [
        Suggestion(print_value(typed.field, typed.sign, value), value, _hit(value, typed.text), True, note)
        for _, value, note in sorted(found, key=lambda item: item[0])
    ]


def apply(text: str, typed: Typed, suggestion: Suggestion) -> tuple[str, int]:
    """Put a suggestion in place; returns the search and where the cursor goes on."""
    behind = text[typed.end :]
    gap = " " if suggestion.ends_term and not behind else ""
    head = text[: typed.start] + suggestion.insert + gap
    return head + behind, len(head)


def _start_of_term(before: str) -> int:
    """Find where the term begins that the text ends in; at its end, if it ends between two terms."""
    at = 0
    while at < len(before):
        offset = at
        try:
            for lexeme in lex(before[offset:]):
                if _lacks_a_value(before, offset + lexeme.start):
                    return offset + lexeme.start
                at = offset + lexeme.end
                if at == len(before) and lexeme.type in (TokenType.TERM, TokenType.OR, TokenType.AND):
                    return offset + lexeme.start
            break
        except QuerySyntaxError as error:
            fault = offset + error.start
            for start in (fault, _next_term(before, at)):  # a key in quotes that is empty or has a parenthesis
                if _lacks_a_value(before, start):
                    return start
            is_past = fault < at  # a group that is still open
            is_last = offset + error.end >= len(before) or (before[fault] == '"' and not QUOTED.match(before, fault))
            if is_past or is_last:
                break
            at = offset + error.end  # a term that is wrong says nothing of those behind it
    return _next_term(before, at)


def _next_term(before: str, at: int) -> int:
    while at < len(before) and before[at].isspace():
        at += 1
    return at + before.startswith("-", at)


def _lacks_a_value(before: str, start: int) -> bool:
    """Whether a key is here whose next value is to come, which until then is text, maybe in several pieces."""
    key = read_key(before, start)
    return key is not None and _VALUES_BEFORE.fullmatch(before, key.end) is not None


def _typed_value(text: str, cursor: int, key: Key) -> Typed:
    start = key.end
    while (comma := _end_of_value(text[:cursor], start)) < cursor:
        start = comma + 1
    typed = text[start:cursor]
    if text.startswith('"', start) and cursor > start:
        found = QUOTED.match(text, start)
        end = max(found.end() if found else cursor, cursor)
        typed = unescape(typed[1:].removesuffix('"'))
    else:
        typed = typed.strip("*")
        end = _end_of_piece(text, cursor)
    return Typed(Part.VALUE, typed, key.start, start, end, key.field, key.sign)


def _end_of_value(before: str, start: int) -> int:
    """Find the comma behind a value, or the end of the text if it is the last."""
    quoted = QUOTED.match(before, start)
    if before.startswith('"', start) and not quoted:
        return len(before)
    comma = before.find(",", quoted.end() if quoted else start)
    return len(before) if comma < 0 else comma


def _end_of_piece(text: str, at: int) -> int:
    found = _PIECE_END.search(text, at)
    return found.start() if found else len(text)


def _known_field(name: str, known: Collection[Field]) -> Field | None:
    if column := COLUMN_BY_KEY.get(name.lower()):
        return column
    if quoted := QUOTED.fullmatch(name):
        name = unescape(quoted[1])
    if name[: len(RESOURCE_PREFIX)].lower() == RESOURCE_PREFIX:
        field = tree.resource_attribute(name[len(RESOURCE_PREFIX) :])
    else:
        field = tree.attribute(name)
    return field if field in known else None


def _names(field: Field) -> list[str]:
    """Give the names by which a field is looked for; the one that it is written with first."""
    if field.kind == "column":
        return [print_key(field), *(alias for alias, column in COLUMN_BY_KEY.items() if column == field)]
    return [RESOURCE_PREFIX + field.name, field.name] if field.kind == "resource_attribute" else [field.name]


def _rank(name: str, typed: str) -> int | None:
    """Say how well a name fits: 0 it begins so, 1 one of its words does, 2 it is in there; None if it is not."""
    name, typed = name.lower(), typed.lower()
    if name.startswith(typed):
        return 0
    if any(name.startswith(typed, found.start()) for found in _WORD_START.finditer(name)):
        return 1
    return 2 if typed in name else None


def _hit(label: str, typed: str) -> tuple[int, int]:
    start = label.lower().find(typed.lower())
    return (start, start + len(typed)) if start >= 0 else (0, 0)
