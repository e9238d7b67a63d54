"""One row by its place: the moment finds the block, the uuid the row."""

from __future__ import annotations

from uuid import UUID

from webapp.queries.base import TABLE
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.rows import COLUMNS, MAPS


def row(project_id: int, timestamp_ns: int, uuid: UUID) -> Query:
    """Ask for a row of the project, with its maps."""
    parameters = Parameters()
    sql = (
        f"SELECT {', '.join((*COLUMNS, *MAPS))} FROM {TABLE}"
        f" WHERE project_id = {parameters.add(project_id, 'UInt32')}"
        f" AND timestamp = {parameters.moment(timestamp_ns)}"
        f" AND uuid = {parameters.add(str(uuid), 'UUID')} LIMIT 1"
    )
    return Query("row", sql, parameters.values, project_id)
