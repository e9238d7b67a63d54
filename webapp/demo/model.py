"""What the generator makes: log lines, each with the instance that wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Severity numbers of OpenTelemetry; 0 is what a program sends that knows no levels.
UNSPECIFIED, DEBUG, INFO, WARN, ERROR, FATAL = 0, 5, 9, 13, 17, 21

Attributes = dict[str, Any]


def dice(purpose: str) -> Random:
    """Chance that is the same for the same purpose, whoever else throws."""
    return Random(purpose)  # noqa: S311 — a story, not a secret


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One running copy of a service: an OpenTelemetry resource. Compared by identity: there is one object of each."""

    service: str
    version: str
    attributes: Attributes


@dataclass(slots=True)
class Line:
    """One log record, before it becomes one of the SDK's."""

    timestamp_ns: int
    source: Instance
    scope: str
    severity: int
    body: str | dict[str, Any]
    attributes: Attributes = field(default_factory=dict)
    trace_id: int = 0
    span_id: int = 0
    event_name: str = ""
