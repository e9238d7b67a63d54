"""Which keys logs have, and with which of their values a text is found.

Every statement asks for (key, whether the key itself has the text, rows, the most frequent value with the text, its
rows), the most frequent keys first. Without ``in_values`` the values are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.queries.attribute_counts import TARGET
from webapp.queries.attribute_sources import MAPS, Uncounted, counted_condition, uncounted_condition
from webapp.queries.base import TABLE, scope_condition
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import Scope, TimeRange
from webapp.queries.substrings import contains

MOST_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which keys are asked for.

    Attributes:
        kind: ``log`` or ``resource``.
        text: a piece of the key, whatever the case.
        in_values: the text may be a piece of a value instead.
        keys: no others than these; empty is any.
    """

    kind: str = "log"
    text: str = ""
    in_values: bool = False
    keys: Sequence[str] = ()


def counted_keys(project_id: int, hours: TimeRange, wanted: Wanted, uncounted: Uncounted | None) -> Query:
    """Ask about whole hours without a filter; with ``uncounted`` also about the rows that the counts lack."""
    parameters = Parameters()
    counted = counted_condition(project_id, hours, wanted.kind, parameters, keys_alone=not wanted.in_values)
    sources = [f"SELECT key, value, n FROM {TARGET} WHERE {counted} AND {_chosen(wanted, parameters)}"]
    if uncounted is not None:
        condition = uncounted_condition(project_id, hours, uncounted, parameters)
        limit = f" LIMIT {parameters.add(uncounted.most_rows, 'UInt64')}"
        sources.append(_pairs_of_rows(wanted, f"{condition}{limit}", parameters))
    return Query("attribute_keys", _ranked(sources, wanted, parameters), parameters.values, project_id)


def keys_of_rows(scope: Scope, wanted: Wanted) -> Query:
    """Ask about the rows of a scope."""
    parameters = Parameters()
    source = _pairs_of_rows(wanted, scope_condition(scope, parameters), parameters)
    return Query("attribute_keys", _ranked([source], wanted, parameters), parameters.values, scope.project_id)


def _pairs_of_rows(wanted: Wanted, condition: str, parameters: Parameters) -> str:
    """Return (key, value, rows); for keys alone rows with the same ones are counted first, for most have neighbours."""
    column, chosen = MAPS[wanted.kind], _chosen(wanted, parameters)
    if wanted.in_values:
        rows = f"SELECT {column} AS pairs FROM {TABLE} WHERE {condition}"
        return (
            f"SELECT key, value, toUInt64(1) AS n FROM ({rows})"
            f" ARRAY JOIN mapKeys(pairs) AS key, mapValues(pairs) AS value WHERE {chosen}"
        )
    rows = f"SELECT mapKeys({column}) AS keys FROM {TABLE} WHERE {condition}"
    counted = f"SELECT keys, count() AS n FROM ({rows}) GROUP BY keys"
    return f"SELECT key, '' AS value, n FROM ({counted}) ARRAY JOIN keys AS key WHERE {chosen}"


def _chosen(wanted: Wanted, parameters: Parameters) -> str:
    found = contains("key", wanted.text, parameters)
    if wanted.in_values:
        found = f"({found} OR {contains('value', wanted.text, parameters)})"
    return f"{found} AND key IN {parameters.texts(list(wanted.keys))}" if wanted.keys else found


def _ranked(sources: list[str], wanted: Wanted, parameters: Parameters) -> str:
    pairs = f"SELECT key, value, sum(n) AS m FROM ({' UNION ALL '.join(sources)}) GROUP BY key, value"
    by_key = contains("key", wanted.text, parameters)
    by_value = contains("value", wanted.text, parameters) if wanted.in_values else "false"
    return (
        f"SELECT toString(key) AS name, {by_key} AS by_key, sum(m) AS total,"
        f" argMaxIf(value, (m, value), {by_value}) AS sample, maxIf(m, {by_value}) AS sample_rows"
        f" FROM ({pairs}) GROUP BY key ORDER BY by_key DESC, total DESC, name"
        f" LIMIT {parameters.add(MOST_KEYS, 'UInt64')}"
    )
