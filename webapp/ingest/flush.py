"""Storing what was gathered: few insertions for many small requests, and each request once.

ClickHouse drops an insertion whose name it has seen, but a retried request comes back among other neighbours. So each
row says of which request it is (``request_hash``) and which insertion brought it in (``batch_id``), and a flush

1. claims its requests in Redis, so that no copy of one is being stored elsewhere meanwhile;
2. looks which of them are in the table already: those are retries of what was stored but perhaps never acknowledged;
3. inserts the others, those of one project and partition together. Such an insertion is one part of the table: all of
   its requests are in or none is, whenever the server is killed.

The server may be killed between the table and its rollups. A retry then finds its rows, reads all of that insertion's
rows from the table and inserts them again under the insertion's name: the table drops them, the rollups take what they
lack. (ClickHouse commits to the table before it runs the views.)

A request whose rows lie in several partitions has an insertion of its own, named by the request, and so has every
request while Redis is away: then ClickHouse's own memory of names keeps copies apart.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from webapp.errors import Unavailable
from webapp.ingest.claims import Claims
from webapp.ingest.gate import Gate
from webapp.ingest.small import DAY_NS, REMEMBERED_NS, Partition, SmallRequest
from webapp.ingest.valkey import ValkeyAway
from webapp.queries.requests import as_columns, rows_of_batch, stored_requests
from webapp.queries.scope import TimeRange
from webapp.store.errors import CONNECTION_ERRORS, Unreachable
from webapp.store.store import Store

log = structlog.get_logger(__name__)

TABLE = "logs"
TIMEOUT_S = 15  # of an insertion: less than its claims last
ROWS_AT_ONCE = 10_000
KNOWN_BATCHES = 10_000
# ClickHouse surely remembers an insertion's name for that long (``DEDUPLICATION_WINDOW``: 80 insertions a second).
REPAIRED_NS = 10 * 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A request that is in the table."""

    batch_id: int
    rows: int
    first_ns: int
    last_ns: int
    received_at_ns: int


def insertion_name(batch_id: int) -> str:
    """Return the deduplication token of an insertion."""
    return f"batch-{batch_id:016x}"


class Flusher:
    """Stores requests and says to each what became of it. For one thread at a time."""

    def __init__(self, store: Store, claims: Claims, gate: Gate) -> None:
        self._store = store
        self._claims = claims
        self._gate = gate
        # Insertions that are known to be whole, rollups included.
        self._whole: OrderedDict[int, None] = OrderedDict()

    def flush(self, requests: Sequence[SmallRequest]) -> None:
        """Store the requests, each of which is another one."""
        taken_at = time.monotonic()
        hashes = [request.request_hash for request in requests]
        alone = False
        try:
            ours = self._claims.take(hashes)
        except ValkeyAway:
            ours, alone = set(hashes), True
        by_project: defaultdict[int, list[SmallRequest]] = defaultdict(list)
        for request in requests:
            if request.request_hash in ours:
                by_project[request.project_id].append(request)
            else:
                request.finish(Unavailable("A copy of this request is being stored right now.", retry_after_s=1))
        unsettled: set[int] = set()
        for mine in by_project.values():
            unsettled |= self._store_project(mine, alone)
        self._claims.release(ours - unsettled, taken_at)

    def _store_project(self, requests: list[SmallRequest], alone: bool) -> set[int]:
        """Store the requests of one project; return the hashes of those that may still get in after this."""
        found: dict[int, Found] = {}
        self._settle(requests, lambda: found.update(self._look(requests)), finishes=False)
        unsettled: set[int] = set()
        groups: defaultdict[Partition, list[SmallRequest]] = defaultdict(list)
        for request in requests:
            before, partition = found.get(request.request_hash), request.partition
            if request.is_done:
                continue
            if before is not None and (before.batch_id != request.request_hash or before.rows == request.rows):
                unsettled |= self._settle([request], lambda: self._complete(request, before))  # noqa: B023 - runs now
            elif alone or before is not None or partition is None:
                unsettled |= self._settle([request], lambda: self._insert([request], request.request_hash))  # noqa: B023
            else:
                groups[partition].append(request)
        for group in groups.values():
            for chunk in _chunks(group):
                batch_id = secrets.randbits(63) | 1
                unsettled |= self._settle(chunk, lambda: self._insert(chunk, batch_id))  # noqa: B023
        return unsettled

    def _settle(self, requests: list[SmallRequest], work: Callable[[], None], *, finishes: bool = True) -> set[int]:
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

    def _look(self, requests: list[SmallRequest]) -> dict[int, Found]:
        """Find those of one project's requests that are in the table."""
        times = [request.time for request in requests]
        time_range = TimeRange(min(time.start_ns for time in times), max(time.stop_ns for time in times))
        since_ns = min(request.received_at_ns for request in requests) - REMEMBERED_NS
        hashes = [request.request_hash for request in requests]
        answer = self._store.read(stored_requests(requests[0].project_id, time_range, since_ns, hashes))
        return {request_hash: Found(*rest) for request_hash, *rest in answer.rows}

    def _complete(self, request: SmallRequest, found: Found) -> None:
        """Bring into the rollups what they lack of the insertion that stored a request."""
        if found.batch_id in self._whole or request.received_at_ns - found.received_at_ns > REPAIRED_NS:
            return
        days = TimeRange(found.first_ns // DAY_NS * DAY_NS, (found.last_ns // DAY_NS + 1) * DAY_NS)
        names = list(request.columns)
        since_ns = request.received_at_ns - REMEMBERED_NS
        question = rows_of_batch(request.project_id, days, since_ns, found.batch_id, names)
        columns = as_columns(names, self._store.read(question).rows)
        self._insert_columns(columns, [found.batch_id] * len(columns["uuid"]), found.batch_id)
        log.info("stored before", project_id=request.project_id, rows=found.rows)

    def _insert(self, requests: list[SmallRequest], batch_id: int) -> None:
        columns: dict[str, list[Any]] = {name: [] for name in requests[0].columns}
        for request in requests:
            for name, values in request.columns.items():
                columns[name].extend(values)
        columns["request_hash"] = [request.request_hash for request in requests for _ in range(request.rows)]
        self._insert_columns(columns, [batch_id] * len(columns["uuid"]), batch_id)

    def _insert_columns(self, columns: dict[str, list[Any]], batch_ids: list[int], batch_id: int) -> None:
        self._store.insert(TABLE, {**columns, "batch_id": batch_ids}, insertion_name(batch_id), TIMEOUT_S)
        self._whole[batch_id] = None
        if len(self._whole) > KNOWN_BATCHES:
            self._whole.popitem(last=False)


def _chunks(requests: Iterable[SmallRequest]) -> Iterable[list[SmallRequest]]:
    """Divide requests into insertions of a bounded number of rows."""
    chunk: list[SmallRequest] = []
    rows = 0
    for request in requests:
        if chunk and rows + request.rows > ROWS_AT_ONCE:
            yield chunk
            chunk, rows = [], 0
        chunk.append(request)
        rows += request.rows
    if chunk:
        yield chunk
