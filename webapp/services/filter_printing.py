"""Filter tree → filters of the Logs API, for clients that read the searches of others.

What is written is read back by ``webapp.services.filters.where`` as what was meant; what cannot be, is left to ``q``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.errors import InexpressibleError
from webapp.language.printing import print_query, terms
from webapp.language.tree import LEVEL, LEVELS, MESSAGE, SERVICE, And, Field, Match, Node, Not, Operator, Or
from webapp.queries.cursor import iso_nanoseconds
from webapp.services.filter_groups import LOG_KEYS, filter_group

# Of two names for a column the one that the API writes first.
_COLUMN_KEYS = {field: key for key, field in reversed(LOG_KEYS.items())}
_MAP_TYPES = {"attribute": "log_attribute", "resource_attribute": "log_resource_attribute"}
_EITHER_WAY = {
    Operator.EQUALS: ("exact", "is_not"),
    Operator.CONTAINS: ("icontains", "not_icontains"),
    Operator.STARTS_WITH: ("starts_with", "not_starts_with"),
    Operator.ENDS_WITH: ("ends_with", "not_ends_with"),
    Operator.REGEX: ("regex", "not_regex"),
}
# The opposite of a comparison is none of these: a value that cannot be compared passes it.
_COMPARISONS = {
    Operator.GREATER: "gt",
    Operator.AT_LEAST: "gte",
    Operator.LESS: "lt",
    Operator.AT_MOST: "lte",
}


def print_filters(node: Node, now: datetime) -> dict[str, Any]:
    """Write a search as the fields of a query: ``severityLevels``, ``filterGroup`` and the others.

    Terms that only a search can say, as the opposite of ``status>=500``, are in ``q``; so is everything where it would
    be more than a filter group may hold. Raises InexpressibleError for what has no text either.
    """
    written: dict[str, Any] = {}
    filters: list[dict[str, Any]] = []
    rest: list[Node] = []
    for term in terms(node):
        plain = _plain_field(term)
        if plain is not None and plain[0] not in written:
            written[plain[0]] = plain[1]
        elif (found := _filter(term, now)) is not None:
            filters.append(found)
        else:
            rest.append(term)
    if filters and not _is_readable(filters, now):
        return {"q": print_query(node)}
    if filters:
        written["filterGroup"] = filters
    if rest:
        written["q"] = print_query(And(tuple(rest)))
    return written


def _plain_field(term: Node) -> tuple[str, Any] | None:
    """Return the field of a query that says the term by itself, and its value."""
    match term:
        case Match(field, Operator.EQUALS, values) if field == LEVEL and set(values) <= set(LEVELS):
            return "severityLevels", list(values)
        case Match(field, Operator.EQUALS, values) if field == SERVICE:
            return "serviceNames", list(values)
        case Match(field, Operator.CONTAINS, (value,)) if field == MESSAGE and value:
            return "searchTerm", value
        case Match(field, Operator.EQUALS, (value,)) if field == tree.FINGERPRINT and value.isdecimal():
            return "resourceFingerprint", value
    return None


def _filter(term: Node, now: datetime) -> dict[str, Any] | None:
    """Write a term as a filter or a group of them that is read as what was meant; None where there is none."""
    try:
        written = _written(term)
    except InexpressibleError:
        return None
    return written if _is_readable([written], now) else None


def _is_readable(filters: list[dict[str, Any]], now: datetime) -> bool:
    try:
        filter_group(filters, now, "filterGroup")
    except ValidationFailed:
        return False
    return True


def _written(node: Node) -> dict[str, Any]:
    match node:
        case Match():
            return _match(node)
        case Not(Match() as item):
            return _opposite(item)
        case Not(Not(item)):
            return _written(item)
        case Not(And(items)) if items:
            return _group("OR", tuple(map(Not, items)))
        case Not(Or(items)) if items:
            return _group("AND", tuple(map(Not, items)))
        case And(items) if items:
            return _group("AND", items)
        case Or(items) if items:
            return _group("OR", items)
    raise InexpressibleError("A filter group without filters asks nothing.")


def _group(kind: str, items: tuple[Node, ...]) -> dict[str, Any]:
    return {"type": kind, "values": [_written(item) for item in items]}


def _match(match: Match) -> dict[str, Any]:
    field, operator, values = match.field, match.operator, match.values
    if operator is Operator.EXISTS:
        return _named(field, "is_set")
    if operator is Operator.IN_TIME:
        return _in_time(field, *values)
    if operator in _EITHER_WAY:
        return _named(field, _EITHER_WAY[operator][0], _listed(values))
    if field == LEVEL:
        raise InexpressibleError("The API compares levels by severity, the store by name.")
    compared = [_named(field, _COMPARISONS[operator], value) for value in values]
    return compared[0] if len(compared) == 1 else {"type": "OR", "values": compared}


def _opposite(match: Match) -> dict[str, Any]:
    if match.operator is Operator.EXISTS:
        return _named(match.field, "is_not_set")
    if match.operator in _EITHER_WAY:
        return _named(match.field, _EITHER_WAY[match.operator][1], _listed(match.values))
    raise InexpressibleError("The API has no opposite of a comparison.")


def _in_time(field: Field, start: str, stop: str) -> dict[str, Any]:
    dates = []
    if start:
        dates.append(_named(field, "is_date_after", iso_nanoseconds(int(start) - 1)))
    if stop:
        dates.append(_named(field, "is_date_before", iso_nanoseconds(int(stop))))
    if not dates:
        raise InexpressibleError("The API has no filter for a date without bounds.")
    return dates[0] if len(dates) == 1 else {"type": "AND", "values": dates}


def _listed(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _named(field: Field, operator: str, value: Any = None) -> dict[str, Any]:
    if field.kind == "column":
        if field not in _COLUMN_KEYS:
            raise InexpressibleError(f"The API has no filter for {field.name}.")
        named = {"key": _COLUMN_KEYS[field], "type": "log", "operator": operator}
    else:
        named = {"key": field.name, "type": _MAP_TYPES[field.kind], "operator": operator}
    return named if value is None else {**named, "value": value}
