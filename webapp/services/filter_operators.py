"""The operators of a filter of the Logs API: which values each takes, and what it becomes in the filter tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from webapp.errors import ValidationFailed
from webapp.ingest.values import as_text
from webapp.language import tree
from webapp.language.moments import MomentError
from webapp.language.regex import check_regex
from webapp.language.tree import LEVELS, And, Field, Match, Node, Not, Operator, Or
from webapp.queries.numbers import is_number
from webapp.services.filter_dates import DateFilter, date_filter
from webapp.services.filter_ids import ID_BYTES, id_as_hex

MAX_CHARACTERS = 10_000
EQUALITIES = ("exact", "is_not", "in", "not_in")


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter as it was sent; ``path`` is that of its value."""

    field: Field
    operator: str
    value: Any
    path: str
    now: datetime


def require(item: Mapping[str, Any], name: str, path: str) -> Any:
    """Return what an object has under a name.

    Raises:
        ValidationFailed: nothing, or null.
    """
    if name not in item:
        raise ValidationFailed("This field is required.", attr=f"{path}__{name}", code="required")
    if item[name] is None:
        raise ValidationFailed("This field may not be null.", attr=f"{path}__{name}", code="null")
    return item[name]


def choose(item: Mapping[str, Any], name: str, choices: Iterable[str], path: str) -> str:
    """Return what an object has under a name, if it is one of a few words.

    Raises:
        ValidationFailed: it is another, or there is nothing.
    """
    value = require(item, name, path)
    if value not in tuple(choices):
        raise refuse_choice(value, choices, f"{path}__{name}")
    return str(value)


def refuse_choice(value: Any, choices: Iterable[str], path: str) -> ValidationFailed:
    """Return the error for something that is none of a few words."""
    text = value if isinstance(value, str) else as_text(value)
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    return ValidationFailed(
        f'"{shown}" is not a valid choice. Choose from {", ".join(choices)}.', attr=path, code="invalid_choice"
    )


def _match(asked: Asked, *, operator: Operator, negated: bool, needs_list: bool = False) -> Node:
    """Any of the values, or none of them; an empty list asks nothing."""
    if needs_list and not isinstance(asked.value, list):
        raise _refuse_value(asked, f"{asked.operator} needs a list.")
    listed = _texts(asked)
    if not listed:
        return tree.EVERYTHING
    values = tuple(_checked(asked.field, operator, text, path) for text, path in listed)
    found = Match(asked.field, operator, values)
    return tree.negate(found) if negated else found


def _checked(field: Field, operator: Operator, text: str, path: str) -> str:
    if operator is Operator.EQUALS and field in ID_BYTES:
        return id_as_hex(field, text, path)
    if operator is Operator.REGEX:
        fault = check_regex(text, ignore_case=field == tree.MESSAGE or field in ID_BYTES)
        if fault is not None:
            raise ValidationFailed(fault, attr=path)
    return text


def _orders(asked: Asked, *, operator: Operator) -> Node:
    """Compare with one value."""
    if isinstance(asked.value, list):
        raise _refuse_value(asked, f"{asked.operator} needs one value, not a list.")
    ((text, path),) = _texts(asked)
    return _ordering(asked.field, operator, text, path)


# No text is between another one and the same with this behind it.
FIRST_CHARACTER = "\0"


def _lies_between(asked: Asked, *, negated: bool) -> Node:
    """Compare with two values, both of which belong to what is between them: as numbers if both are, else as texts."""
    if not isinstance(asked.value, list) or len(asked.value) != 2:
        raise _refuse_value(asked, f"{asked.operator} needs a list of two values.")
    low, high = _texts(asked)
    if asked.field != tree.LEVEL and is_number(low[0]) != is_number(high[0]):
        below = Match(asked.field, Operator.LESS, (high[0] + FIRST_CHARACTER,))
        as_texts = And((_follows(asked.field, low[0]), below))
        return tree.negate(as_texts) if negated else as_texts
    if negated and is_number(low[0]):  # a value that is no number is on neither side
        beside = (_ordering(asked.field, Operator.LESS, *low), _ordering(asked.field, Operator.GREATER, *high))
        return Or((Not(Match(asked.field, Operator.EXISTS, ())), *beside))
    limits = (_ordering(asked.field, Operator.AT_LEAST, *low), _ordering(asked.field, Operator.AT_MOST, *high))
    return tree.negate(And(limits)) if negated else And(limits)


def _follows(field: Field, text: str) -> Node:
    """Compare as text, also with what is a number by itself: what follows on it is longer by the first character."""
    return Or((Match(field, Operator.EQUALS, (text,)), Match(field, Operator.AT_LEAST, (text + FIRST_CHARACTER,))))


def _ordering(field: Field, operator: Operator, text: str, path: str) -> Node:
    if field != tree.LEVEL:
        return Match(field, operator, (text,))
    if text not in LEVELS:
        raise refuse_choice(text, LEVELS, path)
    at = LEVELS.index(text)
    levels = {
        Operator.GREATER: LEVELS[at + 1 :],
        Operator.AT_LEAST: LEVELS[at:],
        Operator.LESS: LEVELS[:at],
        Operator.AT_MOST: LEVELS[: at + 1],
    }
    return Match(field, Operator.EQUALS, levels[operator])


def _exists(asked: Asked, *, negated: bool) -> Node:
    """Look for the key alone, whatever the value that came along."""
    found = Match(asked.field, Operator.EXISTS, ())
    return tree.negate(found) if negated else found


def _in_time(asked: Asked, *, date: DateFilter) -> Node:
    if isinstance(asked.value, list):
        raise _refuse_value(asked, f"{asked.operator} needs one date, not a list.")
    ((text, path),) = _texts(asked)
    try:
        start, stop = date_filter(date, text, asked.now)
    except MomentError as error:
        raise ValidationFailed(error.detail, attr=path) from None
    return Match(asked.field, Operator.IN_TIME, (start, stop))


def _texts(asked: Asked) -> list[tuple[str, str]]:
    """Return the values as rows would hold them, each with its path."""
    if asked.value is None:
        raise _refuse_value(asked, f"{asked.operator} needs a value.", "required")
    if isinstance(asked.value, list):
        return [(_text(value, f"{asked.path}__{at}"), f"{asked.path}__{at}") for at, value in enumerate(asked.value)]
    return [(_text(asked.value, asked.path), asked.path)]


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str | int | float):
        raise ValidationFailed("Must be a text, a number, true or false.", attr=path)
    text = as_text(value)
    if len(text) > MAX_CHARACTERS:
        raise ValidationFailed(f"Must be at most {MAX_CHARACTERS:,} characters.", attr=path, code="max_length")
    return text


def _refuse_value(asked: Asked, sentence: str, code: str = "") -> ValidationFailed:
    return ValidationFailed(sentence, attr=asked.path, code=code)


OPERATORS: dict[str, Callable[[Asked], Node]] = {
    "exact": partial(_match, operator=Operator.EQUALS, negated=False),
    "is_not": partial(_match, operator=Operator.EQUALS, negated=True),
    "in": partial(_match, operator=Operator.EQUALS, negated=False, needs_list=True),
    "not_in": partial(_match, operator=Operator.EQUALS, negated=True, needs_list=True),
    "icontains": partial(_match, operator=Operator.CONTAINS, negated=False),
    "not_icontains": partial(_match, operator=Operator.CONTAINS, negated=True),
    "starts_with": partial(_match, operator=Operator.STARTS_WITH, negated=False),
    "not_starts_with": partial(_match, operator=Operator.STARTS_WITH, negated=True),
    "ends_with": partial(_match, operator=Operator.ENDS_WITH, negated=False),
    "not_ends_with": partial(_match, operator=Operator.ENDS_WITH, negated=True),
    "regex": partial(_match, operator=Operator.REGEX, negated=False),
    "not_regex": partial(_match, operator=Operator.REGEX, negated=True),
    "gt": partial(_orders, operator=Operator.GREATER),
    "gte": partial(_orders, operator=Operator.AT_LEAST),
    "lt": partial(_orders, operator=Operator.LESS),
    "lte": partial(_orders, operator=Operator.AT_MOST),
    "between": partial(_lies_between, negated=False),
    "not_between": partial(_lies_between, negated=True),
    "is_set": partial(_exists, negated=False),
    "is_not_set": partial(_exists, negated=True),
    "is_date_exact": partial(_in_time, date=DateFilter.EXACT),
    "is_date_before": partial(_in_time, date=DateFilter.BEFORE),
    "is_date_after": partial(_in_time, date=DateFilter.AFTER),
}
