"""Looking for requests in the table: a retry may come when its first attempt was stored but not acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.ingest.arrival import REMEMBERED_NS, Arrival
from webapp.queries.requests import stored_requests
from webapp.queries.scope import TimeRange
from webapp.store.store import Store


def find_stored(store: Store, requests: Sequence[Arrival]) -> dict[int, int]:
    """Return the rows that the table has of each of one project's requests, by its hash; of no others.

    Raises:
        Unavailable: ClickHouse cannot be asked.
    """
    times = [request.time for request in requests]
    time_range = TimeRange(min(time.start_ns for time in times), max(time.stop_ns for time in times))
    since_ns = min(request.received_at_ns for request in requests) - REMEMBERED_NS
    hashes = [request.request_hash for request in requests]
    return dict(store.read(stored_requests(requests[0].project_id, time_range, since_ns, hashes)).rows)
