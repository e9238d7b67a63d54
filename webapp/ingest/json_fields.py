"""Fields of OTLP's JSON, read strictly: a value of the wrong type is named, never guessed."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from webapp.ingest.values import RecordRefused

MAX_UINT32 = (1 << 32) - 1
MAX_UINT64 = (1 << 64) - 1
_SEVERITY_NAMES: dict[str, int] = dict(SeverityNumber.items())
_BASE64_TO_STANDARD = str.maketrans("-_", "+/")


def name_type(value: Any) -> str:
    """Name a JSON value's type with its article, for a sentence."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names[type(value)]


def take(fields: dict[str, Any], camel: str, snake: str) -> Any:
    """Return a field under either spelling, or None."""
    value = fields.get(camel)
    return fields.get(snake) if value is None else value


def read_object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object; absent is empty."""
    value = fields.get(name)
    return {} if value is None else as_object(name, value)


def as_object(name: str, value: Any) -> dict[str, Any]:
    """Return the value if it is an object."""
    if not isinstance(value, dict):
        raise RecordRefused(name, f"must be an object, not {name_type(value)}")
    return value


def read_list(fields: dict[str, Any], camel: str, snake: str) -> list[Any]:
    """Return a list; absent is empty."""
    value = take(fields, camel, snake)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RecordRefused(camel, f"must be a list, not {name_type(value)}")
    return value


def read_text(fields: dict[str, Any], camel: str, snake: str) -> str:
    """Return a string; absent is empty."""
    value = take(fields, camel, snake)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RecordRefused(camel, f"must be a string, not {name_type(value)}")
    return value


def read_unsigned(fields: dict[str, Any], camel: str, snake: str, maximum: int) -> int:
    """Return a whole number that came as a number or a string of digits; absent is 0."""
    value = take(fields, camel, snake)
    if value is None:
        return 0
    number = whole_number(value)
    if number is None or not 0 <= number <= maximum:
        raise RecordRefused(camel, f"must be a whole number from 0 to {maximum}, as a number or a string of digits")
    return number


def read_severity_number(fields: dict[str, Any]) -> int:
    """Return the severity number, which may come as the name of the enum's value."""
    value = take(fields, "severityNumber", "severity_number")
    if value is None:
        return 0
    number = _SEVERITY_NAMES.get(value) if isinstance(value, str) else None
    number = whole_number(value) if number is None else number
    if number is None:
        raise RecordRefused("severityNumber", "must be a number from 0 to 24 or a name like SEVERITY_NUMBER_WARN")
    return number


def read_id(fields: dict[str, Any], camel: str, snake: str, size: int) -> bytes:
    """Return the bytes of an id: hexadecimal, or base64 as protobuf's own JSON has it; anything else is unset.

    Base64 counts with its padding alone: without it, a shorter hexadecimal id would look the same.
    """
    text = read_text(fields, camel, snake)
    try:
        if len(text) == 2 * size:
            return bytes.fromhex(text)
        return decode_base64(text) if text.endswith("=") else b""
    except ValueError:
        return b""


def whole_number(value: Any) -> int | None:
    """Return the whole number that a number or a string of digits is, else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) <= 40:  # longer than any number of 64 bits
        digits = value.removeprefix("-")
        return int(value) if digits.isascii() and digits.isdigit() else None
    return None


def decode_base64(text: str) -> bytes:
    """Decode standard or URL-safe base64, padded or not."""
    standard = text.translate(_BASE64_TO_STANDARD).rstrip("=")
    return b64decode(standard + "=" * (-len(standard) % 4), validate=True)
