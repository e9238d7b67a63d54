"""Conditions on columns that are not text, but are compared with text as rows show them."""

from __future__ import annotations

import re

from webapp.language.tree import Operator
from webapp.queries.comparisons import compare
from webapp.queries.logic import all_of, any_of
from webapp.queries.numbers import SIGNS
from webapp.queries.parameters import Parameters

_HEX = re.compile(r"[0-9a-fA-F]*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
_LARGEST_FINGERPRINT = 2**64 - 1


def id_match(column: str, size: int, operator: Operator, values: tuple[str, ...], parameters: Parameters) -> str:
    """Return the condition on an id of some bytes, whose text is hex, in which case has no meaning."""
    is_set = f"{column} != toFixedString('', {size})"
    if operator is Operator.EXISTS:
        return is_set
    if operator is Operator.EQUALS:
        # One value at a time: the index reads no array of ids.
        ids = [value for value in values if len(value) == 2 * size and _HEX.fullmatch(value)]
        return any_of(f"{column} = toFixedString(unhex({parameters.text(value)}), {size})" for value in ids)
    text = f"lower(hex({column}))"
    if operator is Operator.REGEX:
        return all_of([is_set, compare(text, operator, values, parameters, ignore_case=True)])
    lowered = tuple(value.lower() for value in values)
    if operator in SIGNS:  # as text, even if the digits of an id happen to be decimal
        compared = any_of(f"{text} {SIGNS[operator]} {parameters.text(value)}" for value in lowered)
    else:
        compared = compare(text, operator, lowered, parameters)
    return all_of([is_set, compared])


def fingerprint_match(operator: Operator, values: tuple[str, ...], parameters: Parameters) -> str:
    """Return the condition on the fingerprint of the resource, whose text is decimal digits."""
    column = "resource_fingerprint"
    if operator is Operator.EXISTS:
        return f"{column} != 0"
    if operator is Operator.EQUALS:
        numbers = [int(value) for value in values if _DECIMAL.fullmatch(value)]
        known = [number for number in numbers if number <= _LARGEST_FINGERPRINT]
        return f"{column} IN {parameters.add(known, 'Array(UInt64)')}"
    return all_of([f"{column} != 0", compare(f"toString({column})", operator, values, parameters)])
