"""Identities: of a row (its UUID) and of a request (the token under which it is inserted once)."""

from __future__ import annotations

import hashlib
import os
import threading

_TICK_BITS = 42
_NODE_BITS = 20
_TICKS = (1 << _TICK_BITS) - 1
_VERSION_7 = 0x7000
_VARIANT = 0b10 << 62


class RowIds:
    """UUIDs of version 7 that sort in the order in which the rows arrived.

    ClickHouse compares the second half of a UUID first. Random bits there would shuffle the lines that share a
    timestamp (stack traces, clocks of a millisecond), so the half begins with a counter of microseconds, one per row.
    The other 32 free bits name the process: no two processes make the same id, even in the same microsecond. ::

        48 bits  milliseconds of receipt │ 4 version │ 12 process
         2 bits  variant │ 42 microseconds, counted up │ 20 process
    """

    def __init__(self) -> None:
        self._next_tick = 0
        self.renew()

    def renew(self) -> None:
        """Take another name for this process, as a forked child must."""
        self._lock = threading.Lock()  # the parent's may have been held while it forked
        name = int.from_bytes(os.urandom(4), "big")
        self._high = name >> _NODE_BITS
        self._low = name & ((1 << _NODE_BITS) - 1)

    def take(self, count: int, received_at_ns: int) -> list[int]:
        """Return that many ids as their 128 bits, each greater than the one before in ClickHouse's order."""
        with self._lock:
            first = max(self._next_tick, received_at_ns // 1000)
            self._next_tick = first + count
        upper = ((received_at_ns // 1_000_000) << 16 | _VERSION_7 | self._high) << 64 | _VARIANT | self._low
        return [upper | (tick & _TICKS) << _NODE_BITS for tick in range(first, first + count)]


row_ids = RowIds()
os.register_at_fork(after_in_child=row_ids.renew)


def request_digest(project_id: int, body: bytes) -> bytes:
    """Name a request by its project and its inflated bytes: a retry has the same name, whoever handles it.

    Of the strong hashes that processors of today compute themselves: half of the time of any other.
    """
    return hashlib.sha256(project_id.to_bytes(8, "big") + body).digest()


def insertion_token(digest: bytes) -> str:
    """Return the name of the insertion of a request alone."""
    return digest.hex()


def request_hash(digest: bytes) -> int:
    """Return the name of a request as the number that each of its rows carries; 0 names none."""
    return int.from_bytes(digest[:8], "big") or 1
