"""How often each value of several fields occurs, in one statement: (number of the field from 1, value, rows).

A facet ignores the filter on its own field, or what was chosen in it would be all that it shows, and honours all
others. Of a field in no set of the grouping, and of a row that a facet leaves out, the value is NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from webapp.language.tree import LEVEL, SERVICE, And, Field, Node, normalise
from webapp.queries.base import TABLE, scope_condition
from webapp.queries.filters import condition, fields_of
from webapp.queries.minutes import stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.sampling import slices, within
from webapp.queries.scope import Scope
from webapp.queries.substrings import contains

MOST_VALUES = 100  # of each field, the most frequent
_COLUMNS = {LEVEL: "severity_text", SERVICE: "service_name"}
COUNTED = tuple(_COLUMNS)  # what the counts by minute know
_MAPS = {"attribute": "attributes", "resource_attribute": "resource_attributes"}


def facets_of_rows(scope: Scope, fields: Sequence[Field], *, text: str = "", fraction: float = 1.0) -> Query:
    """Ask the rows of the scope, or of a fraction of its time.

    Args:
        text: only values with this in them, whatever the case.
    """
    parameters = Parameters()
    conditions = [scope_condition(replace(scope, where=_shared(scope.where, fields)), parameters)]
    if fraction < 1:
        conditions.append(within(slices(scope.time, fraction), parameters))
    source = f"{TABLE} WHERE {' AND '.join(conditions)}"
    sql = _grouped(source, "count()", scope.where, fields, text, parameters)
    return Query("facets", sql, parameters.values, scope.project_id)


def facets_of_minutes(scope: Scope, fields: Sequence[Field], *, text: str = "") -> Query:
    """Ask the counts by minute, if they know everything that the filter looks at; the fields are of ``COUNTED``."""
    parameters = Parameters()
    counts = " UNION ALL ".join(
        f"SELECT severity_text, service_name, count() AS n FROM {TABLE} WHERE {part.condition}"
        " GROUP BY severity_text, service_name"
        for part in stretches(replace(scope, where=_shared(scope.where, fields)), parameters, by_minute=True)
    )
    sql = _grouped(f"({counts})", "sum(n)", scope.where, fields, text, parameters)
    return Query("facets", sql, parameters.values, scope.project_id)


def without(where: Node, field: Field) -> Node:
    """Return the filter without what it says of this field alone."""
    return And(tuple(item for item in _conjuncts(where) if fields_of(item) != {field}))


def _grouped(source: str, measure: str, where: Node, fields: Sequence[Field], text: str, parameters: Parameters) -> str:
    names = [f"facet_{number}" for number, _ in enumerate(fields, 1)]
    values = [_value(field, where, fields, parameters) for field in fields]
    listed = ", ".join(names)
    selected = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
    number = f"arrayFirstIndex(is_set -> is_set, [{', '.join(f'isNotNull({name})' for name in names)}])"
    # Of one field, too, coalesce takes away the NULL from the type.
    value = f"coalesce({listed}, '')"
    # Grouped where the rows are selected: on a cluster each server then groups its own.
    return (
        f"SELECT {number} AS facet, {value} AS value, rows FROM ("
        f"SELECT {selected}, {measure} AS rows FROM {source}"
        f" GROUP BY GROUPING SETS ({', '.join(f'({name})' for name in names)})"
        f") WHERE facet > 0 AND {contains('value', text, parameters)}"
        f" ORDER BY facet, rows DESC, value LIMIT {MOST_VALUES} BY facet"
    )


def _value(field: Field, where: Node, fields: Sequence[Field], parameters: Parameters) -> str:
    """Return the value of a row in a facet, NULL where the row has none or another facet's filter leaves it out."""
    others = And(tuple(_owned(where, (other for other in fields if other != field))))
    passes = condition(others, parameters, prune=False)
    if field in _COLUMNS:
        return f"if({passes}, toString({_COLUMNS[field]}), NULL)"
    column, key = _MAPS[field.kind], parameters.text(field.name)
    return f"if(mapContains({column}, {key}) AND {passes}, {column}[{key}], NULL)"


def _shared(where: Node, fields: Sequence[Field]) -> Node:
    """Return what every one of the facets honours."""
    own = [{field} for field in fields]
    return And(tuple(item for item in _conjuncts(where) if fields_of(item) not in own))


def _owned(where: Node, fields: Iterable[Field]) -> list[Node]:
    own = [{field} for field in fields]
    return [item for item in _conjuncts(where) if fields_of(item) in own]


def _conjuncts(where: Node) -> tuple[Node, ...]:
    flat = normalise(where)
    return flat.items if isinstance(flat, And) else (flat,)
