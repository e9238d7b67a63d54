"""Which of two texts is greater: as numbers, if the one that was asked about is one, else by their characters."""

from __future__ import annotations

import re

from webapp.language.tree import Operator
from webapp.queries.parameters import Parameters

SIGNS = {Operator.GREATER: ">", Operator.AT_LEAST: ">=", Operator.LESS: "<", Operator.AT_MOST: "<="}

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def is_number(text: str) -> bool:
    """Whether a comparison with this text is one of numbers: decimal digits, perhaps a point and an exponent."""
    return _NUMBER.fullmatch(text) is not None


def compares(text: str, operator: Operator, value: str, parameters: Parameters) -> str:
    """Return the condition of an ordering.

    Numbers are of 64 bits with a binary point on both sides, as JSON's are. Text is ordered by code points, which is
    the order of its bytes in UTF-8.
    """
    sign, wanted = SIGNS[operator], parameters.text(value)
    if is_number(value):
        return f"ifNull(toFloat64OrNull({text}) {sign} toFloat64OrNull({wanted}), false)"
    return f"{text} {sign} {wanted}"
