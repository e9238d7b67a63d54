"""Which of the requests that are about to be stored have been stored before."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.queries.base import TABLE, key_condition
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import TimeRange

# The conditions differ every time, so remembering which blocks they miss would only push out those that come back.
_SETTINGS = {"use_query_condition_cache": 0, "max_threads": 1}


def stored_requests(project_id: int, time: TimeRange, since_ns: int, hashes: Sequence[int]) -> Query:
    """Ask which of the hashes the project's rows have that were received since then, and how many rows each has."""
    parameters = Parameters()
    sql = (
        f"SELECT request_hash, count() FROM {TABLE}"
        f" WHERE {key_condition(project_id, time.first_ns, time.stop_ns, parameters)}"
        f" AND observed_timestamp >= {parameters.moment(since_ns)}"
        f" AND request_hash IN {parameters.add(list(hashes), 'Array(UInt64)')}"
        f" GROUP BY request_hash"
    )
    return Query("stored_requests", sql, parameters.values, project_id, _SETTINGS)
