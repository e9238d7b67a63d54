"""Big OTLP requests written in a few milliseconds, so that a load is the server's and not its own.

``tests.support.otlp`` builds any request from the generated classes; these have one shape, written to the wire at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """What differs between the records of a request."""

    time_ns: int
    severity_number: int
    number: int


def write_json(marker: str, rows: Sequence[Row], resource: Mapping[str, str]) -> bytes:
    """Write rows that carry the marker and their number as attributes."""
    records = ",".join(
        f'{{"timeUnixNano":"{row.time_ns}","severityNumber":{row.severity_number},'
        f'"body":{{"stringValue":"{marker} {row.number}"}},"attributes":['
        f'{{"key":"request","value":{{"stringValue":"{marker}"}}}},'
        f'{{"key":"row","value":{{"intValue":"{row.number}"}}}}]}}'
        for row in rows
    )
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    head = json.dumps({"attributes": attributes})
    return f'{{"resourceLogs":[{{"resource":{head},"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}'.encode()


def write_protobuf(marker: str, rows: Sequence[Row], resource: Mapping[str, str]) -> bytes:
    """Write the same rows as protobuf."""
    text = marker.encode()
    request = _field(6, _pair(b"request", _field(1, text)))
    records = b"".join(
        _field(
            2,
            b"\x09"
            + row.time_ns.to_bytes(8, "little")
            + b"\x10"
            + _varint(row.severity_number)
            + _field(5, _field(1, b"%s %d" % (text, row.number)))
            + request
            + _field(6, _pair(b"row", b"\x18" + _varint(row.number))),
        )
        for row in rows
    )
    attributes = b"".join(_field(1, _pair(key.encode(), _field(1, value.encode()))) for key, value in resource.items())
    return _field(1, _field(1, attributes) + _field(2, records))


def _pair(key: bytes, value: bytes) -> bytes:
    return _field(1, key) + _field(2, value)


def _field(number: int, payload: bytes) -> bytes:
    """Write a field of the kind that has a length."""
    return bytes((number << 3 | 2,)) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


Writer = Callable[[str, Sequence[Row], Mapping[str, str]], bytes]
ENCODINGS: dict[str, Writer] = {"application/json": write_json, "application/x-protobuf": write_protobuf}
