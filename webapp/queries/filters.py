"""Filter tree → condition on the table ``logs``.

Every condition is true or false, never NULL, so that NOT passes exactly the rows that the item does not match, those
without the key included. Beside the exact test stand hints for the indexes where a row must match to be in the result
(``prune``): they change nothing but what is read.

A field that is not set matches nothing: a key that is missing, a column that is empty, an id of zeros. Only EQUALS
finds an empty column by its value, which is what it shows.
"""

from __future__ import annotations

from webapp.language.tree import (
    EVENT_NAME,
    FINGERPRINT,
    INSTRUMENTATION_SCOPE,
    LEVEL,
    MESSAGE,
    SCOPE,
    SERVICE,
    SPAN_ID,
    TRACE_ID,
    And,
    Field,
    Match,
    Node,
    Not,
    Operator,
    Or,
)
from webapp.queries.comparisons import compare, may_hold_for_nothing
from webapp.queries.ids import fingerprint_match, id_match
from webapp.queries.logic import all_of, any_of
from webapp.queries.parameters import Parameters
from webapp.queries.substrings import affix_hints, body_contains, body_hints, pattern_hints

# The expression of the index ``attribute_pairs``, which serves a condition on this very text and no other.
ATTRIBUTE_PAIRS = "arrayMap((k, v) -> concat(k, '=', v), mapKeys(attributes), mapValues(attributes))"

# Values of one match up to which the body gets hints: ClickHouse takes longer for each value the more there are, and
# plans 200 with hints in four times what 200 without take.
MOST_HINTED = 20

_STRINGS = {
    LEVEL: "severity_text",
    SERVICE: "service_name",
    EVENT_NAME: "event_name",
    SCOPE: "scope_name",
    INSTRUMENTATION_SCOPE: "if(scope_name = '' AND scope_version = '', '', concat(scope_name, '@', scope_version))",
}
_IDS = {TRACE_ID: ("trace_id", 16), SPAN_ID: ("span_id", 8)}
_MAPS = {"attribute": "attributes", "resource_attribute": "resource_attributes"}


def condition(node: Node, parameters: Parameters, *, prune: bool = True, wide: bool = False) -> str:
    """Return the condition of a tree, and keep its values in ``parameters``.

    Args:
        prune: whether rows that do not match may be left out, so that hints help.
        wide: whether the time is so long that reading an index as a whole costs less than reading the rows.
    """
    match node:
        case And(items):
            return all_of(condition(item, parameters, prune=prune, wide=wide) for item in items)
        case Or(items):
            return any_of(condition(item, parameters, prune=prune, wide=wide) for item in items)
        case Not(item):
            return f"NOT ({condition(item, parameters, prune=False, wide=wide)})"
        case Match(_, operator, values):
            if not values and operator is not Operator.EXISTS:
                return "false"
            return _match(node, parameters, prune, wide)


def fields_of(node: Node) -> set[Field]:
    """Return every field that a tree looks at."""
    match node:
        case And(items) | Or(items):
            return {field for item in items for field in fields_of(item)}
        case Not(item):
            return fields_of(item)
        case Match(field, _, _):
            return {field}


def _match(match: Match, parameters: Parameters, prune: bool, wide: bool) -> str:
    field, operator, values = match.field, match.operator, match.values
    if field.kind != "column":
        return _map_match(match, parameters, prune)
    if field == MESSAGE:
        return _body_match(operator, values, parameters, prune, wide)
    if field in _IDS:
        return id_match(*_IDS[field], operator, values, parameters)
    if field == FINGERPRINT:
        return fingerprint_match(operator, values, parameters)
    return _column_match(_STRINGS[field], operator, values, parameters)


def _column_match(text: str, operator: Operator, values: tuple[str, ...], parameters: Parameters) -> str:
    if operator is Operator.EXISTS:
        return f"{text} != ''"
    found = compare(text, operator, values, parameters)
    if operator is Operator.EQUALS or not may_hold_for_nothing(operator, values):
        return found
    return all_of([f"{text} != ''", found])


def _body_match(operator: Operator, values: tuple[str, ...], parameters: Parameters, prune: bool, wide: bool) -> str:
    match operator:
        case Operator.EXISTS:
            return "body != ''"
        case Operator.IN_TIME:
            return compare("body", operator, values, parameters)
        case Operator.EQUALS if len(values) > MOST_HINTED:
            return compare("body", operator, values, parameters)
    conditions = []
    few = len(values) <= MOST_HINTED
    for value in values:
        hints = _body_hints(operator, value, parameters, wide) if prune and few else []
        if operator is Operator.EQUALS:
            exact = f"body = {parameters.text(value)}"
        elif operator is Operator.CONTAINS and value and few:
            exact = body_contains(value, parameters)
        else:
            exact = compare("body", operator, (value,), parameters, ignore_case=True)
            if may_hold_for_nothing(operator, (value,)):
                hints.append("body != ''")
        conditions.append(all_of([*hints, exact]))
    return any_of(conditions)


def _body_hints(operator: Operator, value: str, parameters: Parameters, wide: bool) -> list[str]:
    match operator:
        case Operator.EQUALS:
            return affix_hints(value, parameters, at_start=True, at_end=True)
        case Operator.STARTS_WITH:
            return affix_hints(value, parameters, at_start=True, at_end=False)
        case Operator.ENDS_WITH:
            return affix_hints(value, parameters, at_start=False, at_end=True)
        case Operator.CONTAINS:
            return body_hints(value, parameters, wide=wide)
        case Operator.REGEX:
            return pattern_hints(value, parameters)
        case _:
            return []


def _map_match(match: Match, parameters: Parameters, prune: bool) -> str:
    field, operator, values = match.field, match.operator, match.values
    column = _MAPS[field.kind]
    key = parameters.text(field.name)
    has_key = f"mapContains({column}, {key})"
    if operator is Operator.EXISTS:
        return has_key
    conditions = [compare(f"{column}[{key}]", operator, values, parameters)]
    if may_hold_for_nothing(operator, values):  # a missing key reads as "", but has no value
        conditions.insert(0, has_key)
    if operator is Operator.EQUALS and column == "attributes" and prune:
        # As a condition of its own, has() would build the pairs of every row: 1.5 times slower on common values.
        pairs = parameters.texts([f"{field.name}={value}" for value in values])
        conditions.append(f"indexHint(hasAny({ATTRIBUTE_PAIRS}, {pairs}))")
    return all_of(conditions)
