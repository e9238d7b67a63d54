"""Requests that are wrong in every way that we could think of, the same ones for the same seed."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.support.otlp import as_json, record, request
from tests.support.otlp_http import COMPRESSIONS, JSON, PROTOBUF
from webapp.services.filter_operators import OPERATORS

BOMB_BYTES = 64 * 1024 * 1024
DEEP = 5_000
WRONG: list[Any] = [None, True, False, 0, -1, 1.5, 1e300, 2**70, "", "x", "\0", "-1h", [], [[]], ["x"], {}, {"a": 1}]
WRONG += ["9" * 40, "\ud800", "%s{x:String}'\"\\", [None], {"values": None}, {"type": "AND", "values": [1]}]


@dataclass(frozen=True)
class Malformed:
    """A request; ``kind`` is what is wrong with it."""

    kind: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Kind = Callable[[random.Random], Malformed]


def malformed_requests(seed: int, logs: str) -> Iterator[Malformed]:
    """Yield requests without end, each kind in turn, for ingestion and for the API below ``logs``."""
    chance = random.Random(seed)
    bombs = _bombs()
    rare: list[Kind] = [_wrongly_typed_otlp, lambda chance: chance.choice(bombs)]  # they take long
    kinds: list[Kind] = [
        _damaged_protobuf,
        _noise,
        _damaged_json,
        _damaged_compression,
        _damaged_lines,
        lambda chance: _wrong_query(chance, logs),
        lambda chance: _wrong_filter(chance, logs),
        lambda chance: _damaged_query(chance, logs),
    ]
    for number in count():
        for kind in kinds if number % 5 else [*kinds, *rare]:
            yield kind(chance)


def _message() -> ExportLogsServiceRequest:
    return request(
        record({"event": "paid", "ids": [1, 2]}, {"order": {"id": 17}, "ok": True}, severity_number=9), record("b")
    )


def damage(chance: random.Random, body: bytes) -> bytes:
    """Cut, overwrite, double or leave out some of the bytes."""
    bytes_ = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(bytes_) + 1), chance.randint(1, 8)
        match chance.randrange(5):
            case 0:
                bytes_[at : at + length] = chance.randbytes(length)
            case 1:
                del bytes_[at : at + length]
            case 2:
                bytes_[at:at] = bytes_[at : at + length] * chance.randint(1, 3)
            case 3:
                bytes_[at:at] = b"\xff" * 10  # a number without an end
            case _:
                del bytes_[at:]
    return bytes(bytes_)


def _damaged_protobuf(chance: random.Random) -> Malformed:
    return Malformed("protobuf", "/v1/logs", damage(chance, _message().SerializeToString()), {"Content-Type": PROTOBUF})


def _noise(chance: random.Random) -> Malformed:
    kind = chance.choice([PROTOBUF, JSON, "text/plain", "application/x-www-form-urlencoded", "\xe4/x"])
    return Malformed("noise", "/i/v1/logs", chance.randbytes(chance.randint(1, 200)), {"Content-Type": kind})


def _wrongly_typed_otlp(chance: random.Random) -> Malformed:
    body = misplace(chance, json.loads(as_json(_message())))
    return Malformed("types", "/v1/logs", json.dumps(body).encode(), {"Content-Type": JSON})


def _damaged_json(chance: random.Random) -> Malformed:
    body = chance.choice(
        [
            damage(chance, as_json(_message())),
            b"[" * DEEP,
            b'{"resourceLogs":' * DEEP,
            b'{"resourceLogs": [' + b'{"scopeLogs": [' * DEEP,
            b'{"resourceLogs": 1' + b"0" * 5_000 + b"}",
            as_json(_message()) + b"\0",
        ]
    )
    return Malformed("json", "/v1/logs", body, {"Content-Type": JSON})


def _bombs() -> list[Malformed]:
    """Return some KiB each that would be 64 MiB."""
    zeros = bytes(BOMB_BYTES)
    packed = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "zstd": zstandard.compress(zeros)}
    packed["x-gzip"] = b"".join(gzip.compress(bytes(1024 * 1024)) for _ in range(64))  # one after the other
    return [
        Malformed("bomb", path, body, {"Content-Encoding": name, "Content-Type": kind})
        for name, body in packed.items()
        for path, kind in (("/v1/logs", PROTOBUF), ("/v1/logs", JSON), ("/i/v1/jsonline", "application/x-ndjson"))
    ]


def _damaged_compression(chance: random.Random) -> Malformed:
    name = chance.choice(["gzip", "deflate", "zstd", "br", "gzip, gzip", "\xe4"])
    packed = COMPRESSIONS.get(name, bytes)(_message().SerializeToString() * chance.choice([1, 200]))
    return Malformed("packed", "/v1/logs", damage(chance, packed), {"Content-Encoding": name, "Content-Type": PROTOBUF})


def _damaged_lines(chance: random.Random) -> Malformed:
    lines = [b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"time": "soon"}', b'{"ts": []}', b'{"time": -1}']
    lines += [b'{"a":' * DEEP, b'{"ts": 1e400}', b'{"x": ' + b"[" * 40 + b"]" * 40 + b"}", b"1" + b"0" * 5_000]
    return Malformed("lines", "/i/v1/jsonline", b"\n".join(chance.choices(lines, k=chance.randint(1, 30))))


def _wrong_query(chance: random.Random, logs: str) -> Malformed:
    name = chance.choice(["query", "count", "sparkline"])
    query: dict[str, Any] = {
        "dateRange": {"date_from": "-1h", "date_to": None},
        "severityLevels": ["error"],
        "serviceNames": ["api"],
        "searchTerm": "x",
        "filterGroup": [{"key": "k", "type": "log_attribute", "operator": "exact", "value": "v"}],
        "resourceFingerprint": "7",
        "q": "level:error",
    }
    if name == "query":
        query |= {"orderBy": "latest", "limit": 10, "after": "e30=", "customColumns": ["attributes.k"]}
    body = {"query": misplace(chance, query)} if chance.random() < 0.9 else misplace(chance, {"query": query})
    return _json(f"{logs}/{name}/", "query", body)


def _wrong_filter(chance: random.Random, logs: str) -> Malformed:
    operators = [*OPERATORS, "like", ""]
    group: Any = [
        {
            "key": chance.choice(["k", "message", "trace_id", "severity_level", "", "\0", "x" * 1001]),
            "type": chance.choice(["log", "log_attribute", "log_resource_attribute", "event"]),
            "operator": chance.choice(operators),
            "value": chance.choice([*WRONG, "(", "[", "a{1000}", "(?=a)", "2026-02-30", ["("], [1], [1, "x"]]),
        }
        for _ in range(chance.randint(1, 3))
    ]
    for _ in range(chance.choice([0, 1, 17, 60])):
        group = {"type": chance.choice(["AND", "OR", "XOR"]), "values": [group] if isinstance(group, dict) else group}
    return _json(
        f"{logs}/{chance.choice(['query', 'count', 'sparkline'])}/", "filter", {"query": {"filterGroup": group}}
    )


def _damaged_query(chance: random.Random, logs: str) -> Malformed:
    whole = json.dumps({"query": {"filterGroup": [], "limit": 10, "searchTerm": "\u00e9"}}).encode()
    body = chance.choice([damage(chance, whole), b"[" * DEEP, b'{"query":' * DEEP, b'{"query": {"limit": 1e999}}'])
    return Malformed("damaged query", f"{logs}/query/", body, {"Content-Type": JSON})


def _json(path: str, kind: str, body: Any) -> Malformed:
    return Malformed(kind, path, json.dumps(body).encode(), {"Content-Type": JSON})


def misplace(chance: random.Random, value: Any) -> Any:
    """Return a copy in which something, at any depth, is of a type or value that does not belong there."""
    copy = deepcopy(value)
    places = list(_places(copy))
    for _ in range(chance.randint(1, 2)):
        container, key = chance.choice(places)
        container[key] = deepcopy(chance.choice(WRONG))
    return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in items:
        yield value, key
        yield from _places(item)
