"""The operators on an expression of text, whatever it is the text of."""

from __future__ import annotations

from webapp.language.regex import IGNORE_CASE
from webapp.language.tree import Operator
from webapp.queries.dates import in_time
from webapp.queries.logic import any_of
from webapp.queries.numbers import compares, is_number
from webapp.queries.parameters import Parameters
from webapp.queries.substrings import contains


def compare(
    text: str, operator: Operator, values: tuple[str, ...], parameters: Parameters, *, ignore_case: bool = False
) -> str:
    """Return the condition that the text compares with any of the values.

    Args:
        ignore_case: also where the operator does not do so by itself; for REGEX alone.
    """
    match operator:
        case Operator.EQUALS:
            return f"{text} IN {parameters.texts(list(values))}"
        case Operator.CONTAINS:
            return any_of(contains(text, value, parameters) for value in values)
        case Operator.STARTS_WITH:
            return any_of(f"startsWith({text}, {parameters.text(value)})" for value in values)
        case Operator.ENDS_WITH:
            return any_of(f"endsWith({text}, {parameters.text(value)})" for value in values)
        case Operator.REGEX:
            prefix = IGNORE_CASE if ignore_case else ""
            return any_of(f"match({text}, {parameters.text(prefix + value)})" for value in values)
        case Operator.IN_TIME:
            start, stop = values
            return in_time(text, start, stop, parameters)
        case Operator.EXISTS:
            return "true"
        case _:
            return any_of(compares(text, operator, value, parameters) for value in values)


def may_hold_for_nothing(operator: Operator, values: tuple[str, ...]) -> bool:
    """Whether the condition may hold for the empty text, which is what ClickHouse reads where there is nothing."""
    match operator:
        case Operator.EQUALS | Operator.CONTAINS | Operator.STARTS_WITH | Operator.ENDS_WITH:
            return "" in values
        case Operator.REGEX | Operator.EXISTS:
            return True
        case Operator.IN_TIME:
            return False
        case _:
            return not all(map(is_number, values))
