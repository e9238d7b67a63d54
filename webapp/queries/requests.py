"""Which of the requests that are about to be stored have been stored before, and the rows that came in with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.queries.base import TABLE, key_condition
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import TimeRange

# How a column is read so that it can be inserted as it is.
_AS_INSERTED = {
    "timestamp": "toUnixTimestamp64Nano(logs.timestamp)",
    "observed_timestamp": "toUnixTimestamp64Nano(logs.observed_timestamp)",
    "trace_id": "hex(logs.trace_id)",
    "span_id": "hex(logs.span_id)",
}
# The conditions differ every time, so remembering which blocks they miss would only push out those that come back.
_SETTINGS = {"use_query_condition_cache": 0, "max_threads": 1}


def stored_requests(project_id: int, time: TimeRange, since_ns: int, hashes: Sequence[int]) -> Query:
    """Ask which of the hashes the project's rows have that were received since then.

    A row of the answer is the hash, the insertion that brought it in, its rows, its first and last timestamp, and when
    it was received.
    """
    parameters = Parameters()
    sql = (
        f"SELECT request_hash, any(batch_id), count(), min(toUnixTimestamp64Nano(timestamp)),"
        f" max(toUnixTimestamp64Nano(timestamp)), min(toUnixTimestamp64Nano(observed_timestamp)) FROM {TABLE}"
        f" WHERE {key_condition(project_id, time.first_ns, time.stop_ns, parameters)}"
        f" AND observed_timestamp >= {parameters.moment(since_ns)}"
        f" AND request_hash IN {parameters.add(list(hashes), 'Array(UInt64)')}"
        f" GROUP BY request_hash"
    )
    return Query("stored_requests", sql, parameters.values, project_id, _SETTINGS)


def rows_of_batch(project_id: int, time: TimeRange, since_ns: int, batch_id: int, columns: Sequence[str]) -> Query:
    """Ask for the rows that one insertion brought in, as they were inserted; ids come in hexadecimal."""
    parameters = Parameters()
    wanted = ", ".join(f"{_AS_INSERTED.get(name, name)} AS read_{name}" for name in columns)
    sql = (
        f"SELECT {wanted} FROM {TABLE}"
        f" WHERE {key_condition(project_id, time.first_ns, time.stop_ns, parameters)}"
        f" AND observed_timestamp >= {parameters.moment(since_ns)}"
        f" AND batch_id = {parameters.add(batch_id, 'UInt64')}"
    )
    return Query("rows_of_batch", sql, parameters.values, project_id, _SETTINGS)


def as_columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Turn the answer of ``rows_of_batch`` into the block to insert."""
    block = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    for name in ("trace_id", "span_id"):
        block[name] = [bytes.fromhex(text) for text in block[name]]
    return block
