"""Whether a project has any row at all."""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query


def has_logs(project_id: int) -> Query:
    """Ask for one row of the project: its key leads to the block, and the first row found ends the query."""
    parameters = Parameters()
    sql = f"SELECT 1 FROM {TABLE} WHERE project_id = {parameters.add(project_id, 'UInt32')} LIMIT 1"
    return Query("has_logs", sql, parameters.values, project_id, {"max_threads": 1, "max_block_size": 1024})
