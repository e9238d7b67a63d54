"""What a filter tree means, as plainly as Python can say it: the measure that SQL is held to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import ge, gt, le, lt
from typing import Protocol

from webapp.language import tree
from webapp.language.regex import compile_regex
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
    def scope_version(self) -> str: ...
    @property
    def resource_fingerprint(self) -> int: ...
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
    scope_version: str = ""
    resource_fingerprint: int = 0
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
    values = match.values
    if match.field in _IDS:  # hex in any case is the same id
        value = value and value.lower()
        values = tuple(wanted.lower() for wanted in values) if match.operator is not Operator.REGEX else values
    if match.operator is Operator.EQUALS:
        return value in values
    if value is None or (match.field.kind == "column" and value == _UNSET.get(match.field, "")):
        return False
    if match.operator is Operator.EXISTS:
        return True
    if match.operator is Operator.IN_TIME:
        return len(values) == 2 and _is_in_time(value, *values)
    return any(_compares(match.field, match.operator, value, wanted) for wanted in values)


def _compares(looked_at: Field, operator: Operator, value: str, wanted: str) -> bool:
    match operator:
        case Operator.CONTAINS:
            return wanted.lower() in value.lower()
        case Operator.STARTS_WITH:
            return value.startswith(wanted)
        case Operator.ENDS_WITH:
            return value.endswith(wanted)
        case Operator.REGEX:
            ignore_case = looked_at == tree.MESSAGE or looked_at in _IDS
            return compile_regex(wanted, ignore_case=ignore_case).search(value) is not None
    if _NUMBER.fullmatch(wanted) and looked_at not in _IDS:
        number = read_number(value)
        return number is not None and _ORDERINGS[operator](number, float(wanted))
    return _ORDERINGS[operator](value.encode(), wanted.encode())


_IDS = (tree.TRACE_ID, tree.SPAN_ID)
_UNSET = {tree.TRACE_ID: "0" * 32, tree.SPAN_ID: "0" * 16, tree.FINGERPRINT: "0"}
_ORDERINGS: dict[Operator, Callable[[float | bytes, float | bytes], bool]] = {
    Operator.GREATER: gt,
    Operator.AT_LEAST: ge,
    Operator.LESS: lt,
    Operator.AT_MOST: le,
}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_INFINITY = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_EPOCH_DIGITS = (10, 13, 16, 19)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(
    r"(?P<clock>\d\d:\d\d(?::\d\d(?:\.(?P<fraction>\d+))?)?)(?P<offset>Z|[+-]\d\d(?::?[0-5]\d)?)?", re.ASCII
)


def read_number(text: str) -> float | None:
    """Read a number in decimal; none where the text is anything else."""
    return float(text) if _NUMBER.fullmatch(text) or _INFINITY.fullmatch(text) else None


def _is_in_time(text: str, start: str, stop: str) -> bool:
    moment = read_moment_ns(text)
    return moment is not None and (start == "" or moment >= int(start)) and (stop == "" or moment < int(stop))


def read_moment_ns(text: str) -> int | None:
    """Read ISO 8601 or digits since 1970, as nanoseconds."""
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) in _EPOCH_DIGITS:
        moment = int(text.ljust(19, "0"))
        return moment if moment < 2**63 else None
    day, clock = text[:10], _CLOCK.fullmatch(text[11:] or "00:00Z")
    if not _DAY.fullmatch(day) or text[10:11] not in ("", "T", " ") or len(text) == 11 or clock is None:
        return None
    try:
        read = datetime.fromisoformat(f"{day}T{clock['clock'][:8]}{clock['offset'] or ''}")
    except ValueError:
        return None
    if not 1900 <= read.year <= 2261 or clock["clock"].startswith("24"):
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    seconds = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return seconds * 10**9 + int((clock["fraction"] or "")[:9].ljust(9, "0"))


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
        tree.INSTRUMENTATION_SCOPE: f"{row.scope_name}@{row.scope_version}"
        if row.scope_name or row.scope_version
        else "",
        tree.FINGERPRINT: str(row.resource_fingerprint),
    }
    return columns[looked_at]
