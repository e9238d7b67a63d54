"""The conditions that every statement begins with: the project and the time range, which the sorting key serves."""

from __future__ import annotations

from webapp.queries.filters import condition
from webapp.queries.parameters import Parameters
from webapp.queries.scope import SECOND_NS, Scope

TABLE = "logs"

# Of the rows of a day, those of six hours are read as fast as the dictionary of their words.
WIDE_NS = 6 * 3600 * SECOND_NS


def key_condition(project_id: int, first_ns: int, stop_ns: int, parameters: Parameters) -> str:
    """Return the condition for a project's rows with ``first_ns <= timestamp < stop_ns``."""
    return (
        f"project_id = {parameters.add(project_id, 'UInt32')}"
        f" AND timestamp >= {parameters.moment(first_ns)}"
        f" AND timestamp < {parameters.moment(stop_ns)}"
    )


def scope_condition(scope: Scope, parameters: Parameters) -> str:
    """Return the whole condition of a scope."""
    return rows_condition(scope, scope.time.first_ns, scope.time.stop_ns, parameters)


def rows_condition(scope: Scope, first_ns: int, stop_ns: int, parameters: Parameters) -> str:
    """Return the condition of a part of a scope."""
    key = key_condition(scope.project_id, first_ns, stop_ns, parameters)
    return f"{key} AND {condition(scope.where, parameters, wide=stop_ns - first_ns >= WIDE_NS)}"
