"""Storing what was gathered: few insertions for many small requests, and each request once.

ClickHouse drops an insertion whose name it has seen, but a retried request comes back among other neighbours. So each
row says of which request it is (``request_hash``), and a flush

1. claims its requests in Redis, so that no copy of one is being stored elsewhere meanwhile;
2. looks which of them are in the table already: those are retries of what was stored but perhaps never acknowledged;
3. inserts the others, those of one project and partition together. Such an insertion is one part of the table: all of
   its requests are in or none is, whenever the server is killed.

A request whose rows lie in several partitions has an insertion of its own, named by the request, and so has every
request while Redis is away: then ClickHouse's own memory of names keeps copies apart.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from webapp.errors import Unavailable
from webapp.ingest.arrival import Arrival, Partition
from webapp.ingest.claims import Claims
from webapp.ingest.gate import Gate
from webapp.ingest.stored import find_stored
from webapp.ingest.valkey import ValkeyAway
from webapp.store.errors import CONNECTION_ERRORS, Unreachable
from webapp.store.store import Store

TABLE, REQUEST_HASH = "logs", "request_hash"
TIMEOUT_S = 15  # of an insertion: less than its claims last
ROWS_AT_ONCE = 10_000


def request_token(request_hash: int) -> str:
    """Return the name of a request's own insertion."""
    return f"request-{request_hash:016x}"


class Flusher:
    """Stores requests and says to each what became of it. For one thread at a time."""

    def __init__(self, store: Store, claims: Claims, gate: Gate) -> None:
        self._store = store
        self._claims = claims
        self._gate = gate

    def flush(self, requests: Sequence[Arrival]) -> None:
        """Store the requests, each of which is another one."""
        taken_at = time.monotonic()
        hashes = [request.request_hash for request in requests]
        alone = False
        try:
            ours = self._claims.take(hashes)
        except ValkeyAway:
            ours, alone = set(hashes), True
        by_project: defaultdict[int, list[Arrival]] = defaultdict(list)
        for request in requests:
            if request.request_hash in ours:
                by_project[request.project_id].append(request)
            else:
                request.finish(Unavailable("A copy of this request is being stored right now.", retry_after_s=1))
        unsettled: set[int] = set()
        for mine in by_project.values():
            unsettled |= self._store_project(mine, alone)
        self._claims.release(ours - unsettled, taken_at)

    def _store_project(self, requests: list[Arrival], alone: bool) -> set[int]:
        """Store the requests of one project; return the hashes of those that may still get in after this."""
        found: dict[int, int] = {}
        self._settle(requests, lambda: found.update(find_stored(self._store, requests)), finishes=False)
        unsettled: set[int] = set()
        groups: defaultdict[Partition, list[Arrival]] = defaultdict(list)
        for request in requests:
            stored, partition = found.get(request.request_hash, 0), request.partition
            if request.is_done:
                continue
            if stored == request.rows:
                request.finish()
            elif alone or stored or partition is None:
                name = request_token(request.request_hash)
                unsettled |= self._settle([request], lambda: self._insert([request], name))  # noqa: B023 - runs now
            else:
                groups[partition].append(request)
        for group in groups.values():
            for chunk in _chunks(group):
                name = f"shared-{secrets.token_hex(8)}"
                unsettled |= self._settle(chunk, lambda: self._insert(chunk, name))  # noqa: B023
        return unsettled

    def _settle(self, requests: list[Arrival], work: Callable[[], None], *, finishes: bool = True) -> set[int]:
        """Do a piece of work for the requests and tell them; return the hashes of those that it left undecided."""
        try:
            with self._gate.passage():
                work()
        except Exception as error:
            for request in requests:
                request.finish(error)
            if isinstance(error.__cause__, CONNECTION_ERRORS) and not self._is_gone():
                return {request.request_hash for request in requests}
            return set()
        for request in requests if finishes else ():
            request.finish()
        return set()

    def _is_gone(self) -> bool:
        """Whether the server that an insertion was sent to has ended, and the insertion with it."""
        try:
            self._store.ping()
        except Unreachable:
            return True
        except Unavailable:
            return False
        return False

    def _insert(self, requests: list[Arrival], name: str) -> None:
        columns: dict[str, list[Any]] = {column: [] for column in requests[0].columns}
        for request in requests:
            for column, values in request.columns.items():
                columns[column].extend(values)
        columns[REQUEST_HASH] = [request.request_hash for request in requests for _ in range(request.rows)]
        self._store.insert(TABLE, columns, name, TIMEOUT_S)


def _chunks(requests: Iterable[Arrival]) -> Iterable[list[Arrival]]:
    """Divide requests into insertions of a bounded number of rows."""
    chunk: list[Arrival] = []
    rows = 0
    for request in requests:
        if chunk and rows + request.rows > ROWS_AT_ONCE:
            yield chunk
            chunk, rows = [], 0
        chunk.append(request)
        rows += request.rows
    if chunk:
        yield chunk
