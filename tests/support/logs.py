"""Logs as a test writes them down, and their way into the table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from webapp.store.store import Store

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS

# Noon of a day in the past, on a whole minute, hour and day boundary of UTC as its name says.
NOON_NS = 1_790_510_400 * SECOND_NS
NEVER = date(2100, 1, 1)

LEVEL_NUMBERS = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}
_numbers = itertools.count(1)


def next_uuid() -> UUID:
    """Return a uuid of version 7 that no other log of the test has."""
    return UUID(int=0x0199_8000_0000_7000_8000_0000_0000_0000 + next(_numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One log; what a test does not care about has a default."""

    project_id: int = 1
    timestamp_ns: int = NOON_NS
    observed_timestamp_ns: int = NOON_NS
    uuid: UUID = field(default_factory=next_uuid)
    trace_id: str = "0" * 32
    span_id: str = "0" * 16
    trace_flags: int = 0
    severity_text: str = "info"
    service_name: str = "api"
    body: str = "hello"
    attributes: dict[str, str] = field(default_factory=dict)
    resource_attributes: dict[str, str] = field(default_factory=dict)
    resource_fingerprint: int = 0
    scope_name: str = ""
    scope_version: str = ""
    event_name: str = ""
    expires_on: date = NEVER


def columns(logs: Iterable[Log]) -> dict[str, list[Any]]:
    """Return the block that stores the logs."""
    rows = list(logs)
    block: dict[str, list[Any]] = {
        "timestamp": [row.timestamp_ns for row in rows],
        "observed_timestamp": [row.observed_timestamp_ns for row in rows],
        "uuid": [row.uuid.int for row in rows],
        "trace_id": [bytes.fromhex(row.trace_id) for row in rows],
        "span_id": [bytes.fromhex(row.span_id) for row in rows],
        "severity_number": [LEVEL_NUMBERS[row.severity_text] for row in rows],
    }
    for name in (
        "project_id",
        "trace_flags",
        "severity_text",
        "service_name",
        "body",
        "attributes",
        "resource_attributes",
        "resource_fingerprint",
        "scope_name",
        "scope_version",
        "event_name",
        "expires_on",
    ):
        block[name] = [getattr(row, name) for row in rows]
    return block


def arrive(store: Store, logs: Iterable[Log]) -> None:
    """Store the logs as ingestion does: the server says when they arrived."""
    block = columns(logs)
    del block["observed_timestamp"]
    store.insert("logs", block, f"test-{next(_numbers)}")


def insert(store: Store, logs: Iterable[Log], token: str = "") -> None:
    """Store the logs in one insertion, under a token of its own unless one is given."""
    store.insert("logs", columns(logs), token or f"test-{next(_numbers)}")


def insert_before_noon(store: Store, project_id: int, *logs: tuple[int, str, str, str]) -> None:
    """Store logs that are given as (seconds before noon, level, service, body)."""
    insert(
        store,
        [
            Log(
                project_id=project_id,
                timestamp_ns=NOON_NS - before_s * SECOND_NS,
                severity_text=level,
                service_name=service,
                body=body,
            )
            for before_s, level, service, body in logs
        ],
    )


def every(step_ns: int, count: int, *, start_ns: int = NOON_NS) -> Iterator[int]:
    """Return that many moments, a step apart."""
    return iter(range(start_ns, start_ns + step_ns * count, step_ns))
