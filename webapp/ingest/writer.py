"""Column blocks into the table ``logs``, each request once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.ingest.identity import insertion_token

if TYPE_CHECKING:
    from webapp.ingest.batch import Batch
    from webapp.store.store import Store

TABLE = "logs"


def write(store: Store, batch: Batch, body: bytes) -> None:
    """Insert a request's rows, and return when they are durable.

    One insert for one request, named by what the request holds: if an answer is lost, and even if the server died
    between the table and its rollups, the client's retry brings the rest in and nothing twice. The rows of several
    requests must therefore never share an insert unless each keeps a name of its own.

    Raises:
        Unavailable: ClickHouse is away; nothing was acknowledged.
    """
    if len(batch):
        store.insert(TABLE, batch.columns(), insertion_token(batch.target.project_id, body))
