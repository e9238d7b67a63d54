"""How large the log store is: the operator's question, asked about all projects and all of time at once."""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.query import Query

ALL_PROJECTS = 0  # no project has this id
MOST_PROJECTS = 100


def tables() -> Query:
    """Ask for the name, rows, bytes on disk and active parts of each table of ours that holds rows.

    From ``system.tables``, which shows everybody what they may read, whereas ``system.parts`` wants a grant. On a
    cluster the figures are those of the server that answers.
    """
    sql = (
        "SELECT name, total_rows, total_bytes, active_parts FROM system.tables"
        " WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree') ORDER BY name"
    )
    return Query("storage_tables", sql, {}, ALL_PROJECTS)


def projects() -> Query:
    """Ask for the rows of each project, the largest first; the counts by minute answer it without reading rows."""
    sql = f"SELECT project_id, count() AS n FROM {TABLE} GROUP BY project_id ORDER BY n DESC LIMIT {MOST_PROJECTS}"
    return Query("storage_projects", sql, {}, ALL_PROJECTS)
