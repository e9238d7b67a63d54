"""Which values a key has, and in how many rows: (value, rows), the most frequent first, then by their text."""

from __future__ import annotations

from webapp.language.tree import Match, Operator, attribute, resource_attribute
from webapp.queries.attribute_counts import TARGET, is_kept
from webapp.queries.attribute_sources import MAPS, Uncounted, counted_condition, uncounted_condition
from webapp.queries.base import TABLE, scope_condition
from webapp.queries.filters import condition
from webapp.queries.minutes import stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope, TimeRange
from webapp.queries.substrings import contains

# Columns that answer like a key of the log, and those of them that the counts by minute know.
COLUMNS = ("service_name", "severity_text", "event_name")
COUNTED_COLUMNS = ("service_name", "severity_text")


def counted_values(
    project_id: int, hours: TimeRange, kind: str, key: str, *, text: str, limit: int, uncounted: Uncounted | None
) -> Query:
    """Ask about whole hours without a filter.

    The first answer has the value '' if any row has a value that is not counted under its own text, or the empty one;
    which of these, only the rows know.
    """
    parameters = Parameters()
    sources = [
        f"SELECT value, n FROM {TARGET} WHERE {counted_condition(project_id, hours, kind, parameters)}"
        f" AND key = {parameters.text(key)}"
    ]
    if uncounted is not None:
        rows = uncounted_condition(project_id, hours, uncounted, parameters)
        limited = f"SELECT {MAPS[kind]} AS pairs FROM {TABLE} WHERE {rows} LIMIT "
        limited += parameters.add(uncounted.most_rows, "UInt64")
        name = parameters.text(key)
        sources.append(
            f"SELECT if({is_kept(kind, 'whole')}, whole, '') AS value, toUInt64(1) AS n"
            f" FROM (SELECT pairs[{name}] AS whole FROM ({limited}) WHERE mapContains(pairs, {name}))"
        )
    chosen = f"value = '' OR {contains('value', text, parameters)}"
    sql = (
        f"SELECT value, sum(n) AS total FROM ({' UNION ALL '.join(sources)}) WHERE {chosen} GROUP BY value"
        f" ORDER BY value = '' DESC, total DESC, value LIMIT {parameters.add(limit + 1, 'UInt64')}"
    )
    return Query("attribute_values", sql, parameters.values, project_id)


def values_of_rows(scope: Scope, kind: str, key: str, *, text: str, limit: int, hidden_only: bool) -> Query:
    """Ask about the rows of a scope.

    Args:
        hidden_only: leave out what is counted under its own text.
    """
    parameters = Parameters()
    column, name = MAPS[kind], parameters.text(key)
    conditions = [scope_condition(scope, parameters), f"mapContains({column}, {name})"]
    if hidden_only:
        conditions.append(f"(NOT {is_kept(kind, f'{column}[{name}]')} OR {column}[{name}] = '')")
    return _values(scope, f"{column}[{name}]", conditions, text, limit, parameters)


def values_of_column(scope: Scope, column: str, *, text: str, limit: int) -> Query:
    """Ask about a column; counts by minute answer if they know it and everything that the filter looks at."""
    parameters = Parameters()
    if column not in COUNTED_COLUMNS:
        return _values(scope, column, [scope_condition(scope, parameters)], text, limit, parameters)
    counts = " UNION ALL ".join(
        f"SELECT {column} AS value, count() AS n FROM {TABLE} WHERE {part.condition} GROUP BY value"
        for part in stretches(scope, parameters, by_minute=True)
    )
    return _ranked(scope, counts, text, limit, parameters)


def equal_value(scope: Scope, kind: str, key: str, text: str) -> Query:
    """Ask how many rows of the scope have exactly this value; the index of pairs finds the blocks of rare ones."""
    parameters = Parameters()
    field = attribute(key) if kind == "log" else resource_attribute(key)
    equal = condition(Match(field, Operator.EQUALS, (text,)), parameters)
    sql = f"SELECT count() FROM {TABLE} WHERE {scope_condition(scope, parameters)} AND {equal}"
    return Query("attribute_values", sql, parameters.values, scope.project_id)


def _values(scope: Scope, value: str, conditions: list[str], text: str, limit: int, parameters: Parameters) -> Query:
    counts = f"SELECT {value} AS value, count() AS n FROM {TABLE} WHERE {' AND '.join(conditions)} GROUP BY value"
    return _ranked(scope, counts, text, limit, parameters)


def _ranked(scope: Scope, counts: str, text: str, limit: int, parameters: Parameters) -> Query:
    sql = (
        f"SELECT toString(value) AS name, sum(n) AS total FROM ({counts})"
        f" WHERE {contains('value', text, parameters)} GROUP BY value"
        f" ORDER BY total DESC, name LIMIT {parameters.add(limit, 'UInt64')}"
    )
    return Query("attribute_values", sql, parameters.values, scope.project_id)
