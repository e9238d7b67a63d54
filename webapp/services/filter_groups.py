"""``filterGroup`` of the Logs API → filter tree: the shape of the group, and what each filter looks at.

Pure: the moment from which relative dates count and the path that errors name are given, so that an alert reads its
filters as a search does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.tree import And, Field, Node, Or
from webapp.services.filter_operators import EQUALITIES, OPERATORS, Asked, choose, require

MAX_DEPTH = 16
MAX_NODES = 256
# Equal values are looked up together; all others are compared with one by one, and ClickHouse takes longer for each the
# more there are: 256 are planned in a fifth of a second, a thousand in three.
MAX_VALUES = 1000
MAX_COMPARED = 256
MAX_KEY_CHARACTERS = 1000

LOG_KEYS: dict[str, Field] = {
    "message": tree.MESSAGE,
    "body": tree.MESSAGE,
    "severity_level": tree.LEVEL,
    "severity_text": tree.LEVEL,
    "service_name": tree.SERVICE,
    "trace_id": tree.TRACE_ID,
    "span_id": tree.SPAN_ID,
    "event_name": tree.EVENT_NAME,
    "instrumentation_scope": tree.INSTRUMENTATION_SCOPE,
}
_MAPS: dict[str, Callable[[str], Field]] = {
    "log_attribute": tree.attribute,
    "log_resource_attribute": tree.resource_attribute,
}
TYPES = ("log", *_MAPS)
GROUPS: dict[str, type[And] | type[Or]] = {"AND": And, "OR": Or}


def filter_group(value: Any, now: datetime, path: str) -> Node:
    """Read a filter group as it came in JSON: a list of filters that must all match, or groups in groups.

    A group that holds no filter says nothing, and is left out: clients send one for "no filters", whatever its type.

    Raises:
        ValidationFailed: something in it cannot be used; ``attr`` is the way there, from ``path`` on.
    """
    if value is None or value == {}:
        return tree.EVERYTHING
    reader = _Reader(now)
    if isinstance(value, list):
        node = reader.items("AND", value, path, depth=1)
    elif isinstance(value, dict):
        node = reader.group(value, path, depth=1)
    else:
        raise ValidationFailed('Must be a list of filters, or {"type": "AND" or "OR", "values": […]}.', attr=path)
    return tree.EVERYTHING if node is None else node


class _Reader:
    """Reads one filter group, and counts what it costs."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._nodes = 0
        self._values = 0
        self._compared = 0

    def group(self, group: dict[str, Any], path: str, depth: int) -> Node | None:
        self._count_node(path)
        kind = choose(group, "type", GROUPS, path)
        values = require(group, "values", path)
        if not isinstance(values, list):
            raise ValidationFailed("Must be a list.", attr=f"{path}__values")
        return self.items(kind, values, f"{path}__values", depth)

    def items(self, kind: str, items: list[Any], path: str, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise ValidationFailed(f"Groups may lie in each other {MAX_DEPTH} deep.", attr=path)
        read = [self._item(item, f"{path}__{at}", depth) for at, item in enumerate(items)]
        nodes = tuple(node for node in read if node is not None)
        return GROUPS[kind](nodes) if nodes else None

    def _item(self, item: Any, path: str, depth: int) -> Node | None:
        if not isinstance(item, dict):
            raise ValidationFailed("Must be an object: a filter, or a group of filters.", attr=path)
        is_filter = "key" in item or "operator" in item
        if not is_filter and ("values" in item or item.get("type") in tuple(GROUPS)):
            return self.group(item, path, depth + 1)
        return self._filter(item, path)

    def _filter(self, item: dict[str, Any], path: str) -> Node:
        self._count_node(path)
        field = _field(item, path)
        operator = choose(item, "operator", OPERATORS, path)
        asked = Asked(field, operator, item.get("value"), f"{path}__value", self._now)
        self._count_values(asked)
        return OPERATORS[operator](asked)

    def _count_node(self, path: str) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ValidationFailed(
                f"A filter group may have {MAX_NODES} filters and groups in all.", attr=path, code="max_length"
            )

    def _count_values(self, asked: Asked) -> None:
        number = len(asked.value) if isinstance(asked.value, list) else 1
        if asked.operator in EQUALITIES:
            self._values += number
        else:
            self._compared += number
        if self._values > MAX_VALUES:
            sentence = f"A filter group may look for {MAX_VALUES:,} equal values in all."
        elif self._compared > MAX_COMPARED:
            sentence = f"A filter group may have {MAX_COMPARED} values in all that are not compared for being equal."
        else:
            return
        raise ValidationFailed(sentence, attr=asked.path, code="max_length")


def _field(item: dict[str, Any], path: str) -> Field:
    key = require(item, "key", path)
    if not isinstance(key, str):
        raise ValidationFailed("Must be a text.", attr=f"{path}__key")
    if len(key) > MAX_KEY_CHARACTERS:
        raise ValidationFailed(
            f"Must be at most {MAX_KEY_CHARACTERS:,} characters.", attr=f"{path}__key", code="max_length"
        )
    kind = choose(item, "type", TYPES, path)
    if kind in _MAPS:
        return _MAPS[kind](key)
    return LOG_KEYS[choose(item, "key", LOG_KEYS, path)]
