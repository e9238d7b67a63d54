"""AND and OR over conditions that are text."""

from __future__ import annotations

from collections.abc import Iterable


def all_of(conditions: Iterable[str]) -> str:
    """Join with AND; without items, true."""
    return _join("AND", list(conditions), "true")


def any_of(conditions: Iterable[str]) -> str:
    """Join with OR; without items, false."""
    return _join("OR", list(conditions), "false")


def _join(word: str, items: list[str], empty: str) -> str:
    if len(items) == 1:
        return items[0]
    return f"({f' {word} '.join(items)})" if items else empty
