"""How many rows, and the bytes of their texts."""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.minutes import stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope


def size(scope: Scope) -> Query:
    """Ask for the number of rows of the scope and the sum of their ``size_bytes``."""
    parameters = Parameters()
    parts = " UNION ALL ".join(
        f"SELECT count() AS row_count, sum(size_bytes) AS byte_count FROM {TABLE} WHERE {part.condition}"
        for part in stretches(scope, parameters, by_minute=True)
    )
    return Query("size", f"SELECT sum(row_count), sum(byte_count) FROM ({parts})", parameters.values, scope.project_id)
