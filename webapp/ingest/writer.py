"""Column blocks into the table ``logs``, each request once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.errors import HedgerowError, Unavailable
from webapp.ingest.arrival import Arrival
from webapp.ingest.claims import Claims
from webapp.ingest.flush import REQUEST_HASH, TABLE, Flusher
from webapp.ingest.gate import Gate
from webapp.ingest.gatherer import Gatherer
from webapp.ingest.identity import insertion_token, request_digest, request_hash
from webapp.ingest.stored import find_stored

if TYPE_CHECKING:
    from webapp.ingest.batch import Batch
    from webapp.ingest.valkey import Valkey
    from webapp.store.store import Store

SMALL_ROWS = 1_000  # an insertion of that many costs little more than its rows


class Writer:
    """Stores requests: large ones straight away, small ones together with others of the same moment."""

    def __init__(self, store: Store, valkey: Valkey) -> None:
        self._store = store
        self.gate = Gate()
        self.gatherer = Gatherer(Flusher(store, Claims(valkey), self.gate))

    def write(self, batch: Batch, body: bytes) -> None:
        """Store a request's rows, and return when they are durable.

        If an answer is lost, and even if a server died half way, the client's retry brings the rest in and nothing
        twice. A large request is one insertion, named by what the request holds; how that is kept where small ones
        share an insertion is told in ``webapp/ingest/flush.py``. On a cluster an insertion may land on several servers
        one after the other, so there every request has its own.

        Raises:
            Unavailable: the rows are not stored, or not all of them. Whatever the reason, the request was good and is
                to be kept by the client, and 503 is the only answer to a failure after which clients of OTLP do that.
        """
        if not len(batch):
            return
        project_id = batch.target.project_id
        digest = request_digest(project_id, body)
        arrival = Arrival(project_id, request_hash(digest), batch.columns(), batch.received_at_ns)
        try:
            if arrival.rows < SMALL_ROWS and not self._store.is_cluster:
                self.gatherer.store(arrival)
            else:
                with self.gate.passage():
                    self._store_alone(arrival, insertion_token(digest))
        except Unavailable:
            raise
        except HedgerowError as error:
            raise Unavailable(f"The logs could not be stored. {error.detail}") from error

    def _store_alone(self, arrival: Arrival, token: str) -> None:
        """Insert a request under its name, which ClickHouse knows by partition.

        Rows without a timestamp get that of their receipt, so a retry after midnight lands in another partition. Those
        say of which request they are, and are looked for while a first attempt may have come before midnight.
        """
        columns = arrival.columns
        if arrival.has_undated_rows:
            columns = {**columns, REQUEST_HASH: [arrival.request_hash] * arrival.rows}
            if arrival.may_be_of_yesterday and find_stored(self._store, [arrival]) == {
                arrival.request_hash: arrival.rows
            }:
                return
        self._store.insert(TABLE, columns, token)
