"""What a filter tree means, as plainly as Python can say it: the measure that SQL is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from webapp.language import tree
from webapp.language.tree import And, Field, Match, Node, Not, Operator, Or


class Row(Protocol):
    """The parts of a log that a filter looks at; ``LogRow`` has them."""

    @property
    def body(self) -> str: ...
    @property
    def severity_text(self) -> str: ...
    @property
    def service_name(self) -> str: ...
    @property
    def trace_id(self) -> str: ...
    @property
    def span_id(self) -> str: ...
    @property
    def event_name(self) -> str: ...
    @property
    def scope_name(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    @property
    def resource_attributes(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A log as a test writes it down."""

    body: str = ""
    severity_text: str = "info"
    service_name: str = ""
    trace_id: str = "0" * 32
    span_id: str = "0" * 16
    event_name: str = ""
    scope_name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    resource_attributes: Mapping[str, str] = field(default_factory=dict)


def evaluate(node: Node, row: Row) -> bool:
    """Whether the log matches."""
    match node:
        case Match():
            return _matches(node, row)
        case Not(item):
            return not evaluate(item, row)
        case And(items):
            return all(evaluate(item, row) for item in items)
        case Or(items):
            return any(evaluate(item, row) for item in items)


def _matches(match: Match, row: Row) -> bool:
    value = _value(match.field, row)
    if value is None:
        return False
    if match.operator is Operator.CONTAINS:
        return any(wanted.lower() in value.lower() for wanted in match.values)
    if match.field in (tree.TRACE_ID, tree.SPAN_ID):  # hex in any case is the same id
        return value.lower() in {wanted.lower() for wanted in match.values}
    return value in match.values


def _value(looked_at: Field, row: Row) -> str | None:
    if looked_at.kind == "attribute":
        return row.attributes.get(looked_at.name)
    if looked_at.kind == "resource_attribute":
        return row.resource_attributes.get(looked_at.name)
    columns = {
        tree.MESSAGE: row.body,
        tree.LEVEL: row.severity_text,
        tree.SERVICE: row.service_name,
        tree.TRACE_ID: row.trace_id,
        tree.SPAN_ID: row.span_id,
        tree.EVENT_NAME: row.event_name,
        tree.SCOPE: row.scope_name,
    }
    return columns[looked_at]
