"""A log as the API and the page know it, from a row of the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log. ``severity_text`` is its level; ids are upper-case hex, zeros where unset; maps may be left out."""

    uuid: UUID
    timestamp_ns: int
    observed_timestamp_ns: int
    body: str
    severity_text: str
    severity_number: int
    service_name: str
    trace_id: str
    span_id: str
    trace_flags: int
    event_name: str
    scope_name: str
    scope_version: str
    resource_fingerprint: int
    attributes: dict[str, str] = field(default_factory=dict)
    resource_attributes: dict[str, str] = field(default_factory=dict)
    custom: tuple[str | None, ...] = ()


def log_row(values: tuple[Any, ...], custom: int = 0) -> LogRow:
    """Return the log of a row with the columns of ``webapp.queries.rows``, the last of them so many named ones.

    Strings that are not UTF-8, which only other writers can have stored, come as bytes.
    """
    plain = [readable(value) for value in values]
    fixed = len(plain) - custom
    row = LogRow(*plain[:fixed])
    return replace(row, custom=tuple(plain[fixed:])) if custom else row


def readable(value: Any) -> Any:
    """Return text for what came as bytes, also within a map; anything else as it is.

    A page has thousands of texts in its maps, and hardly ever bytes: a map is looked at as a whole first.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict) and bytes in set(map(type, chain(value, value.values()))):
        return {readable(key): readable(item) for key, item in value.items()}
    return value
