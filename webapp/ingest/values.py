"""Structured values as text: how OTLP's AnyValue lands in a map of strings to strings.

Both decoders turn an AnyValue that is not a plain string into the Python value it means (``Plain``), so that what
follows is the same for protobuf and JSON.
"""

from __future__ import annotations

import math
from base64 import b64encode

import orjson

Plain = str | bool | int | float | bytes | None | list["Plain"] | dict[str, "Plain"]

MAX_DEPTH = 32  # what protobuf's limit of 100 nested messages leaves to maps in maps
MAX_ATTRIBUTES = 10_000
MAX_FLATTENED_KEY = 256


class RecordRefused(Exception):
    """One record cannot be stored while the others can.

    Attributes:
        field: the record's field at fault, in the words of OTLP; empty for the record as a whole.
        problem: what is wrong and what is allowed, to follow the field's name in a sentence.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def inside(self, path: str) -> RecordRefused:
        """Return the same refusal, its field seen from one level further out."""
        return RecordRefused(f"{path}.{self.field}" if self.field else path, self.problem)


def too_deep() -> RecordRefused:
    """Say that a value has more levels than either encoding may have."""
    return RecordRefused("", f"has values nested deeper than {MAX_DEPTH} levels")


def too_many_attributes() -> RecordRefused:
    """Say that a record has more attributes than a row can usefully hold."""
    return RecordRefused("attributes", f"has more than {MAX_ATTRIBUTES:,} entries")


def plain_float(value: float) -> float | str:
    """Return the number, or the name that protobuf's JSON gives to what JSON cannot write."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def plain_int(value: int) -> int | str:
    """Return the number, or its digits when it is one of JSON's that 64 bits do not hold."""
    return value if -(1 << 63) <= value < 1 << 63 else str(value)


def as_text(value: Plain) -> str:
    """Write a value as text: a string as it is, bytes in base64, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return orjson.dumps(value, default=_encode_bytes).decode()


def _encode_bytes(value: bytes) -> str:
    return b64encode(value).decode()


def flatten(attributes: dict[str, str], key: str, value: Plain) -> None:
    """Put a value into the attributes, a map as one entry per leaf with the keys joined by dots.

    A map under a key longer than ``MAX_FLATTENED_KEY`` stays JSON text: every leaf repeats the keys above it, and a
    small request could otherwise unfold into gigabytes.
    """
    if isinstance(value, dict) and value and len(key) <= MAX_FLATTENED_KEY:
        for name, item in value.items():
            flatten(attributes, f"{key}.{name}", item)
    elif len(attributes) >= MAX_ATTRIBUTES and key not in attributes:
        raise too_many_attributes()
    else:
        attributes[key] = as_text(value)
