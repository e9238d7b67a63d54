"""OTLP's AnyValue in JSON: bodies and attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from webapp.ingest.json_fields import as_object, decode_base64, name_type, read_list, whole_number
from webapp.ingest.values import (
    MAX_DEPTH,
    Plain,
    RecordRefused,
    as_text,
    flatten,
    plain_float,
    plain_int,
    too_deep,
)

_SPECIAL_FLOATS = {"NaN", "Infinity", "-Infinity"}


def read_body(fields: dict[str, Any]) -> str:
    """Return the body as text; absent is empty."""
    body = fields.get("body")
    if body is None:
        return ""
    value = _inside("body", body)
    return "" if value is None else as_text(value)


def read_attributes(pairs: list[Any]) -> dict[str, str]:
    """Return the attributes as a flat map of strings; of a key that comes twice, the last one counts."""
    attributes: dict[str, str] = {}
    for index, pair in enumerate(pairs):
        if not isinstance(pair, dict):
            raise RecordRefused(f"attributes[{index}]", f"must be an object with key and value, not {name_type(pair)}")
        key, value = pair.get("key", ""), pair.get("value")
        if not isinstance(key, str):
            raise RecordRefused(f"attributes[{index}].key", f"must be a string, not {name_type(key)}")
        if value is None:
            attributes[key] = ""
            continue
        text = value.get("stringValue") if isinstance(value, dict) else None
        if isinstance(text, str):
            attributes[key] = text
        else:
            flatten(attributes, key, _inside(f"attributes[{index}].value", value))
    return attributes


def _inside(path: str, value: Any) -> Plain:
    try:
        return read_value(value, 1)
    except RecordRefused as refusal:
        raise refusal.inside(path) from None


def read_value(value: Any, depth: int) -> Plain:
    """Return the Python value that an AnyValue means; of several kinds in one value the first counts."""
    if depth > MAX_DEPTH:
        raise too_deep()
    if value is None:
        return None
    if not isinstance(value, dict):
        raise RecordRefused("", f'must be an object like {{"stringValue": "…"}}, not {name_type(value)}')
    for name, item in value.items():
        reader = _READERS.get(name)
        if reader is not None and item is not None:
            try:
                return reader(item, depth)
            except (TypeError, ValueError):
                raise RecordRefused(name, f"cannot be {_excerpt(item)}") from None
    return None


def _excerpt(item: Any) -> str:
    return f"{item[:40]!r}" if isinstance(item, str) else name_type(item)


def _string(item: Any, _depth: int) -> str:
    if not isinstance(item, str):
        raise TypeError
    return item


def _boolean(item: Any, _depth: int) -> bool:
    if not isinstance(item, bool):
        raise TypeError
    return item


def _integer(item: Any, _depth: int) -> int | str:
    number = whole_number(item)
    if number is None:
        raise ValueError
    return plain_int(number)


def _double(item: Any, _depth: int) -> float | str:
    if isinstance(item, bool) or not isinstance(item, int | float | str):
        raise TypeError
    if isinstance(item, str) and item in _SPECIAL_FLOATS:
        return item
    try:
        return plain_float(float(item))
    except OverflowError:
        raise ValueError from None


def _bytes(item: Any, _depth: int) -> bytes:
    return decode_base64(_string(item, 0))


def _values(item: Any) -> list[Any]:
    return read_list(as_object("", item), "values", "values")


def _array(item: Any, depth: int) -> list[Plain]:
    return [read_value(value, depth + 1) for value in _values(item)]


def _map(item: Any, depth: int) -> dict[str, Plain]:
    pairs = [as_object("values", pair) for pair in _values(item)]
    return {_string(pair.get("key", ""), 0): read_value(pair.get("value"), depth + 1) for pair in pairs}


_READERS: dict[str, Callable[[Any, int], Plain]] = {
    "stringValue": _string,
    "string_value": _string,
    "boolValue": _boolean,
    "bool_value": _boolean,
    "intValue": _integer,
    "int_value": _integer,
    "doubleValue": _double,
    "double_value": _double,
    "bytesValue": _bytes,
    "bytes_value": _bytes,
    "arrayValue": _array,
    "array_value": _array,
    "kvlistValue": _map,
    "kvlist_value": _map,
}
