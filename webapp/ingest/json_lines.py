"""JSON lines: one log a line, as most loggers write them, under the names that most loggers give to things."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from webapp.errors import InvalidRequest
from webapp.ingest.batch import Batch, Origin
from webapp.ingest.garbage import collector_paused
from webapp.ingest.json_fields import name_type, read_id, whole_number
from webapp.ingest.json_text import BYTE_ORDER_MARK, load_json
from webapp.ingest.severity import LEVEL_OF_TEXT, NUMBER_OF_LEVEL
from webapp.ingest.values import MAX_DEPTH, Plain, RecordRefused, as_text, flatten, plain_float, plain_int, too_deep
from webapp.language.nanoseconds import datetime_of
from webapp.language.timestamps import read_timestamp

TIMESTAMP_KEYS = ("timestamp", "time", "@timestamp", "ts")
BODY_KEYS = ("body", "message", "msg", "log")
LEVEL_KEYS = ("level", "severity", "severity_text")
SERVICE_KEYS = ("service", "service.name")
NAMED_REFUSALS = 20  # lines whose reason the answer tells

# The levels of pino and bunyan, which are numbers.
_LEVEL_OF_TENS = dict(zip((10, 20, 30, 40, 50, 60), NUMBER_OF_LEVEL, strict=True))
# An epoch is in the first unit in which it lies before the year 5138.
_EPOCH_UNITS_NS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))


class Lines:
    """Reads lines into a batch, and keeps why those were refused that were."""

    def __init__(self, batch: Batch) -> None:
        self.refusals: list[tuple[int, str]] = []
        self._batch = batch
        self._now = datetime_of(batch.received_at_ns)
        self._origins: dict[str, Origin] = {}
        self._open: Origin | None = None

    def decode(self, body: bytes) -> None:
        """Add every line to the batch; blank ones are passed over.

        Raises:
            PayloadTooLarge: there are more lines than one insert should have.
        """
        with collector_paused():
            for number, line in enumerate(body.removeprefix(BYTE_ORDER_MARK).split(b"\n"), start=1):
                if line and not line.isspace():
                    self._read(number, line)
        self._close()

    def _read(self, number: int, line: bytes) -> None:
        self._batch.expect_parts(1)
        try:
            self._add(_load(line))
        except RecordRefused as refusal:
            self._batch.refuse(f"line {number}", refusal)
            if len(self.refusals) < NAMED_REFUSALS:
                subject = f"{refusal.field} " if refusal.field else "The line "
                self.refusals.append((number, f"{subject}{refusal.problem}."))

    def _add(self, fields: dict[str, Any]) -> None:
        time_ns = self._take_time(fields)
        number, level = _take_level(fields)
        trace_id, span_id = _take_id(fields, "trace_id", 16), _take_id(fields, "span_id", 8)
        body = _take(fields, BODY_KEYS)
        text = "" if body is None else as_text(_plain(body, 1))
        service = _take_text(fields, SERVICE_KEYS)
        self._batch.expect_attributes(len(fields))
        attributes: dict[str, str] = {}
        for key, value in fields.items():
            if value is None:
                attributes[key] = ""
            else:
                flatten(attributes, key, _plain(value, 1))
        if not service:
            service = attributes.pop("service.name", "")
        self._share(service)
        self._batch.add(time_ns, 0, number, level, text, attributes, trace_id, span_id, 0, "")

    def _share(self, service: str) -> None:
        """Say to the batch which service the next row is of."""
        origin = self._origins.get(service)
        if origin is None:
            origin = self._origins[service] = Origin.of({"service.name": service} if service else {})
        if origin is not self._open:
            self._close()
            self._open = origin

    def _close(self) -> None:
        if self._open is not None:
            self._batch.close_scope(self._open, "", "")

    def _take_time(self, fields: dict[str, Any]) -> int:
        """Return the moment in nanoseconds; 0 if the line has none."""
        key = _first(fields, TIMESTAMP_KEYS)
        if key is None:
            return 0
        moment = _moment(fields.pop(key), self._now)
        if moment is None:
            raise RecordRefused(key, "must be a time like 2026-11-23T14:02:03.123Z, or an epoch in s, ms, µs or ns")
        return moment


def _load(line: bytes) -> dict[str, Any]:
    try:
        fields = load_json(line)
    except InvalidRequest as error:
        problem = error.detail.removeprefix("The body ").removesuffix(".").replace(" at line 1,", " at")
        raise RecordRefused("", problem) from None
    if not isinstance(fields, dict):
        raise RecordRefused("", f"must be a JSON object, not {name_type(fields)}")
    return fields


def _first(fields: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((key for key in keys if fields.get(key) is not None), None)


def _take(fields: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """Remove the first of the fields that has a value, and return it; the others stay attributes."""
    key = _first(fields, keys)
    return None if key is None else fields.pop(key)


def _take_text(fields: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Do so if it is a text; anything else under that name means something else."""
    key = _first(fields, keys)
    return fields.pop(key) if key is not None and isinstance(fields[key], str) else ""


def _take_level(fields: dict[str, Any]) -> tuple[int, str]:
    """Return OTLP's severity number and text; what is neither a level nor a number of one stays an attribute."""
    number = whole_number(fields.get("severity_number"))
    if number is not None and 0 < number <= 24:
        del fields["severity_number"]
    else:
        number = 0
    for key in LEVEL_KEYS:
        value = fields.get(key)
        level = value if isinstance(value, str) else _LEVEL_OF_TENS.get(value) if type(value) is int else None
        if level is not None and level.strip().lower() in LEVEL_OF_TEXT:
            del fields[key]
            return number, level
    return number, ""


def _take_id(fields: dict[str, Any], name: str, size: int) -> bytes:
    """Return an id as bytes; one of another kind stays an attribute."""
    if not isinstance(fields.get(name), str):
        return b""
    found = read_id(fields, name, name, size)
    if len(found) == size:
        del fields[name]
        return found
    return b""


def _moment(value: Any, now: datetime) -> int | None:
    if isinstance(value, str):
        return read_timestamp(value.strip(), now, UTC)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 63:
        return None
    unit_ns = next((unit for limit, unit in _EPOCH_UNITS_NS if value < limit), 1)
    return value * unit_ns if isinstance(value, int) else int(Decimal(repr(value)) * unit_ns)


def _plain(value: Any, depth: int) -> Plain:
    """Return a JSON value as the mapping of OTLP's values takes it."""
    if depth > MAX_DEPTH:
        raise too_deep()
    if isinstance(value, dict):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, float):
        return plain_float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return plain_int(value)
    plain: Plain = value
    return plain
