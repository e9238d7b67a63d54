"""The result of building: what a store needs to execute a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with ``{name:Type}`` placeholders and their values.

    Attributes:
        kind: names the question in metrics and query ids ("rows", "count", …).
        settings: ClickHouse settings that this question wants beside the limits that every query gets.
    """

    kind: str
    sql: str
    params: Mapping[str, Any]
    project_id: int
    settings: Mapping[str, Any] = field(default_factory=dict)
