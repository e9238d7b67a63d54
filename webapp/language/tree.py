"""The filter tree: what a search means, whoever wrote it (the page, the API, an alert).

Plain immutable values, equal when they mean the same thing word for word. ``And(())`` is "everything".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

FieldKind: TypeAlias = Literal["column", "attribute", "resource_attribute"]
Level: TypeAlias = Literal["trace", "debug", "info", "warn", "error", "fatal"]

LEVELS: tuple[Level, ...] = ("trace", "debug", "info", "warn", "error", "fatal")


class Operator(StrEnum):
    """How the values of a match are compared with a field; one equal value is enough."""

    EQUALS = "equals"  # the whole value, case-sensitive
    CONTAINS = "contains"  # a substring, whatever the case
    STARTS_WITH = "starts_with"  # case-sensitive
    ENDS_WITH = "ends_with"  # case-sensitive
    REGEX = "regex"  # RE2, found anywhere; on the message whatever the case
    # As numbers if the value is one, and then only rows whose value is one too; else as text.
    GREATER = "greater"
    AT_LEAST = "at_least"
    LESS = "less"
    AT_MOST = "at_most"
    EXISTS = "exists"  # the field is there and not unset; has no values
    # The value is a date from ``values[0]`` up to, not including, ``values[1]``: nanoseconds since 1970 as digits,
    # "" for no bound. Exactly these two.
    IN_TIME = "in_time"


@dataclass(frozen=True, slots=True)
class Field:
    """What a match looks at: a column of the log, or a key of one of its two maps."""

    kind: FieldKind
    name: str


MESSAGE = Field("column", "message")
LEVEL = Field("column", "level")
SERVICE = Field("column", "service")
TRACE_ID = Field("column", "trace_id")
SPAN_ID = Field("column", "span_id")
EVENT_NAME = Field("column", "event_name")
SCOPE = Field("column", "scope")
INSTRUMENTATION_SCOPE = Field("column", "instrumentation_scope")  # as rows show it: "name@version", "" if unset
FINGERPRINT = Field("column", "resource_fingerprint")  # decimal digits

COLUMNS: dict[str, Field] = {
    field.name: field
    for field in (
        MESSAGE,
        LEVEL,
        SERVICE,
        TRACE_ID,
        SPAN_ID,
        EVENT_NAME,
        SCOPE,
        INSTRUMENTATION_SCOPE,
        FINGERPRINT,
    )
}


@dataclass(frozen=True, slots=True)
class Match:
    """The field compares with any of the values. Values of LEVEL are of ``LEVELS``; ids are lower-case hex."""

    field: Field
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The logs that the item does not match, those without the field included."""

    item: Node


@dataclass(frozen=True, slots=True)
class And:
    """The logs that every item matches; without items, every log."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """The logs that at least one item matches; without items, none."""

    items: tuple[Node, ...]


Node: TypeAlias = Match | Not | And | Or

EVERYTHING = And(())
NOTHING = Or(())


def attribute(key: str) -> Field:
    """The field of an attribute of the log itself."""
    return Field("attribute", key)


def resource_attribute(key: str) -> Field:
    """The field of an attribute of the resource that sent the log."""
    return Field("resource_attribute", key)


def conjunction(items: Iterable[Node]) -> Node:
    """Join with AND, flat: no And directly in an And, and none around a single item."""
    flat = _flatten(And, items)
    if NOTHING in flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else And(flat)


def disjunction(items: Iterable[Node]) -> Node:
    """Join with OR, flat: no Or directly in an Or, and none around a single item."""
    flat = _flatten(Or, items)
    if EVERYTHING in flat:
        return EVERYTHING
    return flat[0] if len(flat) == 1 else Or(flat)


def negate(node: Node) -> Node:
    """Turn a meaning round, without negating a negation."""
    if isinstance(node, Not):
        return node.item
    if node in (EVERYTHING, NOTHING):
        return NOTHING if node == EVERYTHING else EVERYTHING
    return Not(node)


def normalise(node: Node) -> Node:
    """Give the one tree that all ways of grouping the same terms share; the meaning stays."""
    match node:
        case Match(_, Operator.EXISTS, _):
            return Match(node.field, Operator.EXISTS, ())
        case Match(_, Operator.IN_TIME, _):
            return node
        case Match(field, operator, values):
            return Match(field, operator, tuple(dict.fromkeys(values))) if values else NOTHING
        case Not(item):
            return negate(normalise(item))
        case And(items):
            return conjunction(map(normalise, items))
        case Or(items):
            return disjunction(map(normalise, items))


def count_nodes(node: Node) -> int:
    """Count matches, negations and groups; the empty group "everything" counts none."""
    match node:
        case Match():
            return 1
        case Not(item):
            return 1 + count_nodes(item)
        case And(items) | Or(items):
            return sum(map(count_nodes, items), start=1 if items else 0)


def _flatten(group: type[And] | type[Or], items: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(inner for item in items for inner in (item.items if isinstance(item, group) else (item,)))
