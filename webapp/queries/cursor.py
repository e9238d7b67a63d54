"""The place after a row in the total order (timestamp, uuid): a keyset cursor."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from webapp.queries.scope import END_OF_TIME_NS, SECOND_NS

# In every order of uuids, ClickHouse's too.
FIRST_UUID, LAST_UUID = UUID(int=0), UUID(int=(1 << 128) - 1)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)", re.ASCII)


class CursorError(ValueError):
    """A text that is not a cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page. Two uuids are only ever compared by ClickHouse, which has an order of its own.

    Attributes:
        timestamp_ns: of a page of a live tail, the moment at which the row was observed.
        checkpoint_ns: of a page of a live tail, the moment that was settled when its first page was read.
    """

    timestamp_ns: int
    uuid: UUID
    checkpoint_ns: int | None = None

    @classmethod
    def at_edge(cls, edge_ns: int, *, latest_first: bool) -> Cursor:
        """Return the place between a moment and the nanosecond before it, for a page that ends where no row is."""
        return cls(edge_ns, FIRST_UUID) if latest_first else cls(edge_ns - 1, LAST_UUID)

    def encode(self) -> str:
        """Write the cursor as base64 of JSON; the moments keep their nanoseconds."""
        parts = {"timestamp": iso_nanoseconds(self.timestamp_ns), "uuid": str(self.uuid)}
        if self.checkpoint_ns is not None:
            parts["checkpoint"] = iso_nanoseconds(self.checkpoint_ns)
        return base64.b64encode(json.dumps(parts).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read a cursor, in the ordinary or the URL alphabet of base64, padded or not.

        Raises:
            CursorError: it is none.
        """
        try:
            padded = text.translate(str.maketrans("-_", "+/")).rstrip("=")
            decoded = json.loads(base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True))
            checkpoint = _nanoseconds(decoded["checkpoint"]) if "checkpoint" in decoded else None
            return cls(_nanoseconds(decoded["timestamp"]), UUID(decoded["uuid"]), checkpoint)
        except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CursorError("This is not a cursor: send the one of the page before, unchanged.") from error


def iso_nanoseconds(timestamp_ns: int) -> str:
    """Write a moment in UTC with all nine decimals."""
    seconds, rest = divmod(timestamp_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _nanoseconds(moment: str) -> int:
    match = _MOMENT.fullmatch(moment)
    if match is None:
        raise ValueError(moment)
    seconds = int(datetime.fromisoformat(f"{match[1]}+00:00").timestamp())
    nanoseconds = seconds * SECOND_NS + int((match[2] or "").ljust(9, "0"))
    if not 0 <= nanoseconds <= END_OF_TIME_NS:
        raise ValueError(moment)
    return nanoseconds
