"""The rows of one request, as the columns of the table ``logs``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from webapp.errors import PayloadTooLarge
from webapp.ingest.identity import row_ids
from webapp.ingest.severity import LEVEL_OF_NUMBER, severity_of
from webapp.ingest.values import MAX_ATTRIBUTES, RecordRefused, too_many_attributes
from webapp.settings import MIB

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
ORIGINAL_TIMESTAMP = "$originalTimestamp"
LAST_EXPIRY_DAY = (1 << 16) - 2  # in 2149: a Date holds no more, and a row goes on the day after its expiry
NO_TRACE = bytes(16)
NO_SPAN = bytes(8)

# A request of 64 MiB can hold 30 million empty resources, scopes, records or attributes, compressed to 60 KiB. As rows
# they would take a hundred times their size, and minutes.
MAX_RECORDS = 200_000
MAX_PARTS = 3 * MAX_RECORDS  # each record in a scope and a resource of its own
MAX_ATTRIBUTES_ALTOGETHER = 5_000_000
MAX_LEAVES = 1_000_000  # entries that maps unfold into, each of which repeats the keys above it
# A resource repeats in every row: 3 MiB of 10,000 attributes and 199,000 empty records took more than 6 GB.
MAX_SHARED_BYTES = 256 * MIB
ENTRY_BYTES = 16


class Target(Protocol):
    """The project that a request is for."""

    @property
    def project_id(self) -> int:
        """Its number."""

    @property
    def retention_days(self) -> int:
        """How long its rows are kept, from now on."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the records of one resource share; one object for all of their rows."""

    attributes: dict[str, str]
    fingerprint: int
    service_name: str
    size_bytes: int

    @classmethod
    def of(cls, attributes: Mapping[str, str]) -> Origin:
        """Sort the attributes and name the set by a hash that is the same in every process."""
        ordered = dict(sorted(attributes.items()))
        size = len(ordered) * ENTRY_BYTES
        digest = hashlib.blake2b(digest_size=8, person=b"hedgerow-res")
        for text in (part for item in ordered.items() for part in item):
            encoded = text.encode()
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
            size += len(encoded)
        return cls(ordered, int.from_bytes(digest.digest(), "big"), ordered.get("service.name", ""), size)


@dataclass(slots=True)
class Batch:
    """Rows being gathered: ``add`` them, then ``close_scope`` for what they share.

    Rows that cannot be stored are counted by ``refuse``, and the first reason is kept for the client.
    """

    target: Target
    received_at_ns: int
    refused: int = 0
    reason: str = ""
    _earliest_ns: int = field(init=False)
    _latest_ns: int = field(init=False)
    _parts: int = 0
    _pairs: int = 0
    _attributes_kept: int = 0
    _shared_bytes: int = 0
    _timestamp: list[int] = field(default_factory=list)
    _trace_id: list[bytes] = field(default_factory=list)
    _span_id: list[bytes] = field(default_factory=list)
    _trace_flags: list[int] = field(default_factory=list)
    _severity_number: list[int] = field(default_factory=list)
    _severity_text: list[str] = field(default_factory=list)
    _body: list[str] = field(default_factory=list)
    _attributes: list[dict[str, str]] = field(default_factory=list)
    _event_name: list[str] = field(default_factory=list)
    _origin: list[Origin] = field(default_factory=list)
    _scope: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._earliest_ns = self.received_at_ns - self.target.retention_days * DAY_NS
        self._latest_ns = self.received_at_ns + DAY_NS

    def __len__(self) -> int:
        return len(self._timestamp)

    def add(
        self,
        time_ns: int,
        observed_ns: int,
        severity_number: int,
        severity_text: str,
        body: str,
        attributes: dict[str, str],
        trace_id: bytes,
        span_id: bytes,
        flags: int,
        event_name: str,
        *,
        in_order: bool = False,
    ) -> None:
        """Add one record, mapped to what its row holds.

        Args:
            in_order: whether the attributes are sorted by key already.

        Raises:
            PayloadTooLarge: the request holds more than one insert should.
        """
        timestamp = time_ns or observed_ns or self.received_at_ns
        if not self._earliest_ns <= timestamp <= self._latest_ns:
            attributes[ORIGINAL_TIMESTAMP] = iso_nanoseconds(timestamp)
            timestamp, in_order = self.received_at_ns, False
        self._attributes_kept += len(attributes)
        if len(self._timestamp) >= MAX_RECORDS or self._attributes_kept > MAX_ATTRIBUTES_ALTOGETHER:
            raise _too_many()
        if self._attributes_kept - self._pairs > MAX_LEAVES:
            raise PayloadTooLarge(
                f"The maps among the request's attributes unfold into more than {MAX_LEAVES:,} entries, which is too "
                "much for one insert. Send it in smaller batches."
            )
        if 0 < severity_number < len(LEVEL_OF_NUMBER):
            number, level = severity_number, LEVEL_OF_NUMBER[severity_number]
        else:
            number, level = severity_of(severity_number, severity_text, body)
        self._timestamp.append(timestamp)
        self._trace_id.append(trace_id if len(trace_id) == 16 else NO_TRACE)
        self._span_id.append(span_id if len(span_id) == 8 else NO_SPAN)
        self._trace_flags.append(flags & 0xFF)
        self._severity_number.append(number)
        self._severity_text.append(level)
        self._body.append(body)
        self._attributes.append(attributes if in_order else dict(sorted(attributes.items())))
        self._event_name.append(event_name)

    def expect_parts(self, count: int) -> None:
        """Count resources, scopes or records before they are read.

        Raises:
            PayloadTooLarge: the request holds more than one insert should.
        """
        self._parts += count
        if self._parts > MAX_PARTS:
            raise _too_many()

    def expect_attributes(self, count: int) -> None:
        """Count a record's or resource's attributes before they are read.

        Raises:
            RecordRefused: these are too many for a row.
            PayloadTooLarge: all of the request's are too many for one insert.
        """
        self._pairs += count
        if self._pairs > MAX_ATTRIBUTES_ALTOGETHER:
            raise _too_many()
        if count > MAX_ATTRIBUTES:
            raise too_many_attributes()

    def refuse(self, path: str, refusal: RecordRefused) -> None:
        """Count a record that is left out while the others are stored."""
        self.refused += 1
        if not self.reason:
            located = refusal.inside(path)
            self.reason = f"{located.field} {located.problem}."

    def close_scope(self, origin: Origin, scope_name: str, scope_version: str) -> None:
        """Say what the records share that came since the last call.

        Raises:
            PayloadTooLarge: repeated in every row, it is more than one insert should hold.
        """
        count = len(self._timestamp) - len(self._origin)
        self._shared_bytes += count * (origin.size_bytes + len(scope_name) + len(scope_version))
        if self._shared_bytes > MAX_SHARED_BYTES:
            raise PayloadTooLarge(
                "The resources are too large to be repeated in every one of their records. Send smaller batches."
            )
        self._origin.extend([origin] * count)
        self._scope.extend([(scope_name, scope_version)] * count)

    def columns(self) -> dict[str, list[Any]]:
        """Return the block to insert, one list per column of ``logs``."""
        rows = len(self)
        expiry = _ExpiryDates(self.target.retention_days)
        return {
            "project_id": [self.target.project_id] * rows,
            "timestamp": self._timestamp,
            "uuid": row_ids.take(rows, self.received_at_ns),
            "trace_id": self._trace_id,
            "span_id": self._span_id,
            "trace_flags": self._trace_flags,
            "severity_text": self._severity_text,
            "severity_number": self._severity_number,
            "service_name": [origin.service_name for origin in self._origin],
            "body": self._body,
            "attributes": self._attributes,
            "resource_attributes": [origin.attributes for origin in self._origin],
            "resource_fingerprint": [origin.fingerprint for origin in self._origin],
            "scope_name": [name for name, _ in self._scope],
            "scope_version": [version for _, version in self._scope],
            "event_name": self._event_name,
            "expires_on": [expiry[timestamp // DAY_NS] for timestamp in self._timestamp],
        }


class _ExpiryDates(dict[int, date]):
    """Days since 1970 to the day on which rows of that day expire."""

    def __init__(self, retention_days: int) -> None:
        super().__init__()
        self._retention_days = retention_days

    def __missing__(self, day: int) -> date:
        self[day] = date(1970, 1, 1) + timedelta(days=min(day + self._retention_days, LAST_EXPIRY_DAY))
        return self[day]


def _too_many() -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The request holds too much for one insert: at most {MAX_RECORDS:,} records with "
        f"{MAX_ATTRIBUTES_ALTOGETHER:,} attributes altogether. Send it in smaller batches."
    )


def iso_nanoseconds(timestamp_ns: int) -> str:
    """Write a moment as ISO 8601 in UTC with all nine digits."""
    seconds, nanoseconds = divmod(timestamp_ns, SECOND_NS)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
