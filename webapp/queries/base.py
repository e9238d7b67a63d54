"""The conditions that every statement begins with: the project and the time range, which the sorting key serves."""

from __future__ import annotations

from webapp.queries.filters import condition
from webapp.queries.parameters import Parameters
from webapp.queries.scope import Scope

TABLE = "logs"


def key_condition(project_id: int, first_ns: int, stop_ns: int, parameters: Parameters) -> str:
    """Return the condition for a project's rows with ``first_ns <= timestamp < stop_ns``."""
    return (
        f"project_id = {parameters.add(project_id, 'UInt32')}"
        f" AND timestamp >= {parameters.moment(first_ns)}"
        f" AND timestamp < {parameters.moment(stop_ns)}"
    )


def scope_condition(scope: Scope, parameters: Parameters) -> str:
    """Return the whole condition of a scope."""
    key = key_condition(scope.project_id, scope.time.first_ns, scope.time.stop_ns, parameters)
    return f"{key} AND {condition(scope.where, parameters)}"
