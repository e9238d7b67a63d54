"""Attributes in protobuf, as a flat map of strings.

They are most of what a request holds, and most of them repeat: the method, the route, the thread. So an attribute stays
bytes until it is known whether the same bytes were read before; reading them again would cost ten times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from webapp.ingest.envelope import parse_or_mend
from webapp.ingest.values import MAX_DEPTH, Plain, flatten, plain_float, too_deep

MAX_REMEMBERED = 20_000
_KEY, _SHORT = 0x0A, 128
# What stands between key and text if both are short: the tag of the value, its length, the tag of its text, its length.
_BEFORE_TEXT = [bytes((0x12, length + 2, 0x0A, length)) for length in range(_SHORT - 2)]
# The same for a number of one to four bytes: the tag of the value, its length, the tag of its number.
_BEFORE_NUMBER = [bytes((0x12, length + 2, 0x18)) for length in range(4)]


class _Unfolds(Exception):
    """An attribute is a map, and becomes as many entries as it has leaves."""


class AttributeReader(dict[bytes, tuple[str, str]]):
    """Reads the attributes of one request, each as bytes, and remembers what it has read."""

    def read(self, pairs: list[bytes]) -> dict[str, str]:
        """Return the attributes as a flat map of strings, sorted by key; the last of equal keys counts.

        Raises:
            RecordRefused: maps among them have too many entries, or are nested too deeply.
            DecodeError: one of them is damaged.
        """
        try:
            attributes = dict(sorted(map(self.__getitem__, pairs)))
            if len(attributes) == len(pairs):
                return attributes
            attributes = dict(map(self.__getitem__, pairs))  # sorted by value too, the last of equal keys was another
        except _Unfolds:
            attributes = read_attributes(parse_or_mend(KeyValue, raw) for raw in pairs)
        return dict(sorted(attributes.items()))

    def __missing__(self, raw: bytes) -> tuple[str, str]:
        try:
            key_end = 2 + raw[1]
            start = key_end + 4
            if raw[0] != _KEY or raw[1] >= _SHORT or len(raw) < start:
                pair = _read_any(raw)
            elif raw[key_end:start] == _BEFORE_TEXT[len(raw) - start]:
                pair = sys.intern(raw[2:key_end].decode()), raw[start:].decode()
            elif raw[key_end : start - 1] == _BEFORE_NUMBER[len(raw) - start]:
                pair = sys.intern(raw[2:key_end].decode()), str(_number(raw, start - 1))
            else:
                pair = _read_any(raw)
        except (IndexError, UnicodeDecodeError):
            pair = _read_any(raw)
        if len(self) >= MAX_REMEMBERED:
            self.clear()  # what is frequent is soon back
        self[raw] = pair
        return pair


def _number(raw: bytes, start: int) -> int:
    """Return the number that begins there, in groups of seven bits, the lowest first.

    Raises:
        IndexError: it does not end where the bytes do.
    """
    number = shift = 0
    while raw[start] & 128:
        number |= (raw[start] & 127) << shift
        start, shift = start + 1, shift + 7
    if start != len(raw) - 1:
        raise IndexError
    return number | raw[start] << shift


def _read_any(raw: bytes) -> tuple[str, str]:
    pair = parse_or_mend(KeyValue, raw)
    kind = pair.value.WhichOneof("value")
    if kind == "int_value":  # the other frequent kind: counts, durations, status codes
        return sys.intern(pair.key), str(pair.value.int_value)
    if kind == "kvlist_value":
        raise _Unfolds
    [entry] = read_attributes([pair]).items()
    return entry


def read_attributes(pairs: Iterable[KeyValue]) -> dict[str, str]:
    """Return the attributes as a flat map of strings; of a key that comes twice, the last one counts.

    Raises:
        RecordRefused: maps among them have too many entries, or are nested too deeply.
    """
    attributes: dict[str, str] = {}
    for pair in pairs:
        value = pair.value
        text = value.string_value
        if text:
            attributes[pair.key] = text
            continue
        kind = value.WhichOneof("value")
        if kind == "int_value":  # the other frequent kind: counts, durations, status codes
            attributes[pair.key] = str(value.int_value)
        elif kind is None and not pair.HasField("value"):
            attributes[pair.key] = ""
        else:
            flatten(attributes, pair.key, read_value(value, 1))
    return attributes


def read_value(value: AnyValue, depth: int) -> Plain:
    """Return the Python value that an AnyValue means."""
    if depth > MAX_DEPTH:
        raise too_deep()
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [read_value(item, depth + 1) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: read_value(pair.value, depth + 1) for pair in value.kvlist_value.values}
    if kind == "double_value":
        return plain_float(value.double_value)
    if kind is None:
        return None
    scalar: str | bool | int | bytes = getattr(value, kind)
    return scalar
