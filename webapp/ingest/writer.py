"""Column blocks into the table ``logs``, each request once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.errors import HedgerowError, Unavailable
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
        Unavailable: the rows are not stored, or not all of them. Whatever the reason, the request was good and is to be
            kept by the client, and 503 is the only answer to a failure after which clients of OTLP do that.
    """
    if not len(batch):
        return
    try:
        store.insert(TABLE, batch.columns(), insertion_token(batch.target.project_id, body))
    except Unavailable:
        raise
    except HedgerowError as error:
        raise Unavailable(f"The logs could not be stored. {error.detail}") from error
