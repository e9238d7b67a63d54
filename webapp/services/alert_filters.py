"""The filters of an alert: those of the Logs API without a time, checked when they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.errors import ValidationFailed
from webapp.language.tree import EVERYTHING, LEVELS, Node, normalise
from webapp.services.filters import where

PATH = "filters"
LISTS = ("severityLevels", "serviceNames")
TEXTS = ("searchTerm", "q")
KEYS = (*LISTS, "filterGroup", *TEXTS)
REQUIRED = "At least one filter is required (severityLevels, serviceNames, or filterGroup)."
MAX_ENTRIES = 1000
MAX_CHARACTERS = 10_000


def node_of(filters: Mapping[str, Any] | None, now: datetime) -> Node:
    """Return what a log must match to be counted.

    Raises:
        ValidationFailed: the filters cannot be read; ``attr`` begins with ``filters``.
    """
    return where(filters or {}, now, path=PATH)


def check_filters(filters: Any, now: datetime) -> dict[str, Any] | None:
    """Return the filters as they are stored: what is known of them, without what filters nothing.

    Raises:
        ValidationFailed: something in them cannot be used; ``attr`` is the way there.
    """
    if filters is None:
        return None
    if not isinstance(filters, Mapping):
        raise ValidationFailed("Must be an object, or null.", attr=PATH)
    kept = {key: filters[key] for key in KEYS if filters.get(key) not in (None, "", [], {})}
    for key in LISTS:
        if key in kept:
            _check_texts(kept[key], f"{PATH}__{key}")
    for level in kept.get("severityLevels", ()):
        if level not in LEVELS:
            detail = f"Must be one of {', '.join(LEVELS)}."
            raise ValidationFailed(detail, attr=f"{PATH}__severityLevels", code="invalid_choice")
    for key in TEXTS:
        if key in kept:
            _check_text(kept[key], f"{PATH}__{key}")
    node_of(kept, now)
    return kept


def filters_nothing(filters: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether every log matches."""
    return normalise(node_of(filters, now)) == EVERYTHING


def _check_texts(values: Any, path: str) -> None:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValidationFailed("Must be a list of texts.", attr=path)
    if len(values) > MAX_ENTRIES:
        raise ValidationFailed(f"Must be at most {MAX_ENTRIES:,} entries.", attr=path, code="max_length")


def _check_text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise ValidationFailed("Must be a text.", attr=path)
    if len(value) > MAX_CHARACTERS:
        raise ValidationFailed(f"Must be at most {MAX_CHARACTERS:,} characters.", attr=path, code="max_length")
