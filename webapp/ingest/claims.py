"""Claims: a request that one process is about to store is not stored by another at the same time.

What is stored already, ClickHouse knows. What is being stored it cannot say yet, and a client that gave up waiting may
send its request to another process within these milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from webapp.ingest.valkey import Valkey, ValkeyAway

# A claim outlasts every insertion made under it (webapp/ingest/flush.py), so that of a process that was killed it ends
# after the insertion that the process may have left behind.
CLAIM_S = 20


class Claims:
    """Marks in Redis, one for each request that is being stored."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    def take(self, hashes: list[int]) -> set[int]:
        """Claim the requests, and return those that nobody else has claimed.

        Raises:
            ValkeyAway: nobody can tell.
        """

        def mark(redis: object) -> list[bool | None]:
            with redis.pipeline(transaction=False) as pipeline:  # type: ignore[attr-defined]
                for request_hash in hashes:
                    pipeline.set(_key(request_hash), b"", nx=True, ex=CLAIM_S)
                marked: list[bool | None] = pipeline.execute()
                return marked

        marks = self._valkey.ask(mark)
        return {request_hash for request_hash, marked in zip(hashes, marks, strict=True) if marked}

    def release(self, hashes: Iterable[int], taken_at: float) -> None:
        """Let go of claims; one that has run out by now may be somebody else's and is left alone."""
        keys = [_key(request_hash) for request_hash in hashes]
        if keys and time.monotonic() < taken_at + CLAIM_S - 1:
            try:
                self._valkey.ask(lambda redis: redis.delete(*keys))
            except ValkeyAway:
                return  # they run out


def _key(request_hash: int) -> str:
    return f"hedgerow:storing:{request_hash:016x}"
