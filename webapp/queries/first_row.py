"""When a project's logs begin."""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query


def first_row(project_id: int) -> Query:
    """Ask for the moment of the first row: a block of each part at most, in the order of the key."""
    parameters = Parameters()
    sql = (
        f"SELECT toUnixTimestamp64Nano(timestamp) FROM {TABLE}"
        f" WHERE project_id = {parameters.add(project_id, 'UInt32')} ORDER BY timestamp LIMIT 1"
    )
    return Query("first_row", sql, parameters.values, project_id)
