"""What a written value asks of its field: equality, a beginning, a number to compare with, a span of dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.language import tree
from webapp.language.dates import DATES, read_dates
from webapp.language.errors import QuerySyntaxError
from webapp.language.keys import COMPARISONS, Key, Sign
from webapp.language.levels import level_of
from webapp.language.regex import check_regex
from webapp.language.tree import LEVELS, Field, Match, Node, Operator

AS_TEXT = "To search for this text as it stands, put it in quotes."

_COMPARE = {
    Sign.GREATER: Operator.GREATER,
    Sign.AT_LEAST: Operator.AT_LEAST,
    Sign.LESS: Operator.LESS,
    Sign.AT_MOST: Operator.AT_MOST,
}
_BY_STARS = {
    (False, True): Operator.STARTS_WITH,
    (True, False): Operator.ENDS_WITH,
    (True, True): Operator.CONTAINS,
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_HEX_DIGITS = {tree.TRACE_ID: 32, tree.SPAN_ID: 16}
_HEX = re.compile(r"[0-9a-f]+")
_DIGITS = re.compile(r"[0-9]{1,20}")
_LOWER_CASE = {tree.LEVEL, *_HEX_DIGITS}


class Misfit(QuerySyntaxError):
    """What follows a key is not a value of a field; an error only where the key leaves no doubt."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it is written: without its quotes, and without the stars that stand outside of them."""

    text: str
    start: int
    end: int
    is_quoted: bool = False
    stars: tuple[bool, bool] = (False, False)  # before and behind the quotes


def match_of(key: Key, value: Written) -> Match:
    """Read one value of a key.

    Raises:
        Misfit: it is not a value, and where the key could be text, so is this.
        QuerySyntaxError: it is meant as one, and is wrong.
    """
    if not value.text and not value.is_quoted:
        raise Misfit(_missing(key), key.start, value.end)
    if key.sign in COMPARISONS:
        return _comparison(key, value)
    match key.sign:
        case Sign.FITS:
            return _regex(key, value)
        case Sign.IS_EXACTLY:
            return Match(key.field, Operator.EQUALS, (value.text,))
    if any(value.stars):
        return Match(key.field, _BY_STARS[value.stars], (value.text,))
    if not value.is_quoted and DATES.fullmatch(value.text):
        return Match(key.field, Operator.IN_TIME, read_dates(value.text, value.start, value.end))
    if not value.is_quoted and "*" in value.text:
        return _stars(key, value)
    return _equal(key.field, value)


def any_of(matches: Iterable[Match]) -> Node:
    """Join what was read from the values of one key: one equal value is enough, however it is compared."""
    texts: dict[tuple[Field, Operator], list[str]] = {}
    joined: list[Node] = []
    for match in matches:
        if match.operator is Operator.IN_TIME:
            joined.append(match)
        else:
            texts.setdefault((match.field, match.operator), []).extend(match.values)
    joined[:0] = [Match(field, operator, tuple(values)) for (field, operator), values in texts.items()]
    return tree.normalise(tree.disjunction(joined))


def _missing(key: Key) -> str:
    name = f"{key.written}{key.sign}"
    if key.sign is Sign.FITS:
        return f'Write the regular expression in quotes: {name}"time.*out".'
    if key.field == tree.LEVEL and key.sign in COMPARISONS:
        return f"{name} needs a level right behind it, without a space, such as {name}warn. {AS_TEXT}"
    return f"{name} needs a value right behind it, without a space, such as {name}a or {name}a,b. {AS_TEXT}"


def _comparison(key: Key, value: Written) -> Match:
    if key.field == tree.LEVEL:
        return Match(key.field, Operator.EQUALS, _levels(key.sign, value))
    if not value.is_quoted and not _NUMBER.fullmatch(value.text):
        detail = f'{key.written}{key.sign} needs a number, or a text in quotes such as {key.written}{key.sign}"a".'
        raise Misfit(detail, value.start, value.end)
    return Match(key.field, _COMPARE[key.sign], (value.text,))


def _levels(sign: Sign, value: Written) -> tuple[str, ...]:
    """Give the levels beyond one, for these have an order that their names do not have."""
    at = LEVELS.index(_level(value))
    levels = {
        Sign.GREATER: LEVELS[at + 1 :],
        Sign.AT_LEAST: LEVELS[at:],
        Sign.LESS: LEVELS[:at],
        Sign.AT_MOST: LEVELS[: at + 1],
    }[sign]
    if not levels:
        detail = f"No level is {'above' if sign is Sign.GREATER else 'below'} {LEVELS[at]}."
        raise QuerySyntaxError(detail, value.start, value.end)
    return levels


def _regex(key: Key, value: Written) -> Match:
    if not value.is_quoted:
        raise Misfit(_missing(key), value.start, value.end)
    if fault := check_regex(value.text, ignore_case=key.field == tree.MESSAGE):
        raise QuerySyntaxError(fault, value.start, value.end)
    return Match(key.field, Operator.REGEX, (value.text,))


def _stars(key: Key, value: Written) -> Match:
    if value.text == "*":
        return Match(key.field, Operator.EXISTS, ())
    stars = value.text.startswith("*"), value.text.endswith("*")
    inner = value.text.removeprefix("*").removesuffix("*")
    if not inner or "*" in inner:
        name = key.written
        detail = (
            "A * stands for any text only at the beginning or the end of a value. "
            f'Write {name}:"{value.text}" for the character itself, or a regular expression: {name}~"a.*b".'
        )
        raise QuerySyntaxError(detail, value.start, value.end)
    return Match(key.field, _BY_STARS[stars], (inner.lower() if key.field in _LOWER_CASE else inner,))


def _equal(field: Field, value: Written) -> Match:
    """The value as the tree has it: a level by its own name, an id in lower-case hex."""
    text = value.text
    if field == tree.MESSAGE:
        if not text:
            raise QuerySyntaxError("There is nothing between these quotes.", value.start, value.end)
        return Match(field, Operator.CONTAINS, (text,))
    if field == tree.LEVEL:
        text = _level(value)
    elif digits := _HEX_DIGITS.get(field):
        text = text.lower()
        if len(text) != digits or not _HEX.fullmatch(text):
            detail = f"A {field.name} is {digits} hexadecimal digits. Write {field.name}:4bf9* for its beginning."
            raise QuerySyntaxError(detail, value.start, value.end)
    elif field == tree.FINGERPRINT and not _DIGITS.fullmatch(text):
        raise QuerySyntaxError(f"A {field.name} is a whole number.", value.start, value.end)
    return Match(field, Operator.EQUALS, (text,))


def _level(value: Written) -> tree.Level:
    level = level_of(value.text)
    if level is None:
        detail = f'"{value.text}" is not a level. The levels are {", ".join(LEVELS)}.'
        raise QuerySyntaxError(detail, value.start, value.end)
    return level
