"""How many rows."""

from __future__ import annotations

from webapp.language.tree import And
from webapp.queries.base import TABLE
from webapp.queries.minutes import stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope


def count(scope: Scope) -> Query:
    """Ask for the number of rows of the scope.

    Without a filter the sorting key alone answers, and only blocks at the ends of the range are read.
    """
    parameters = Parameters()
    parts = stretches(scope, parameters, by_minute=scope.where != And(()))
    counts = " UNION ALL ".join(f"SELECT count() AS n FROM {TABLE} WHERE {part.condition}" for part in parts)
    return Query("count", f"SELECT sum(n) FROM ({counts})", parameters.values, scope.project_id)
