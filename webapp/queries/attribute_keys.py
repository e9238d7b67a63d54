"""Which keys logs have, and with which of their values a text is found.

Every statement asks for (key, whether the key itself has the text, rows, the most frequent value with the text, its
rows), the most frequent keys first. Without ``in_values`` the values are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.language.tree import Match, Operator, Or, attribute, resource_attribute
from webapp.queries.attribute_counts import TARGET, is_kept
from webapp.queries.attribute_sources import MAPS, Uncounted, counted_condition, uncounted_condition
from webapp.queries.base import TABLE, scope_condition
from webapp.queries.filters import condition
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
    """Ask about whole hours without a filter; with ``uncounted`` also about the rows that the counts lack.

    Of values, those are found that are counted under their own text.
    """
    parameters = Parameters()
    sources = _sources(project_id, hours, wanted, uncounted, _chosen(wanted, parameters), parameters)
    return Query("attribute_keys", _ranked(sources, wanted, parameters), parameters.values, project_id)


def hiding_keys(project_id: int, hours: TimeRange, wanted: Wanted, uncounted: Uncounted | None) -> Query:
    """Ask for the keys that have values which are not counted under their own text, or empty ones, and not the text."""
    parameters = Parameters()
    chosen = f"value = '' AND NOT ({contains('key', wanted.text, parameters)})"
    chosen = _among(wanted, chosen, parameters)
    sources = _sources(project_id, hours, wanted, uncounted, chosen, parameters)
    sql = (
        f"SELECT toString(key) AS name FROM ({' UNION ALL '.join(sources)}) GROUP BY key ORDER BY sum(n) DESC, name"
        f" LIMIT {parameters.add(MOST_KEYS, 'UInt64')}"
    )
    return Query("attribute_keys", sql, parameters.values, project_id)


def keys_of_rows(scope: Scope, wanted: Wanted, *, hidden_only: bool = False) -> Query:
    """Ask about the rows of a scope.

    Args:
        hidden_only: only about values that are not counted under their own text, and of keys that lack the text.
    """
    parameters = Parameters()
    chosen = _chosen(wanted, parameters)
    if hidden_only:
        chosen += f" AND NOT ({contains('key', wanted.text, parameters)}) AND NOT {is_kept(wanted.kind, 'value')}"
    source = _pairs_of_rows(wanted, scope_condition(scope, parameters), "whole", chosen)
    return Query("attribute_keys", _ranked([source], wanted, parameters), parameters.values, scope.project_id)


def keys_with_value(scope: Scope, wanted: Wanted, keys: Sequence[str]) -> Query:
    """Ask which of some keys have the text as their whole value; the index of pairs finds the blocks of rare ones."""
    parameters = Parameters()
    make = attribute if wanted.kind == "log" else resource_attribute
    equal = Or(tuple(Match(make(key), Operator.EQUALS, (wanted.text,)) for key in keys))
    text = parameters.text(wanted.text)
    sql = (
        f"SELECT key AS name, false AS by_key, count() AS total, {text} AS sample, total AS sample_rows FROM ("
        f"SELECT {MAPS[wanted.kind]} AS pairs FROM {TABLE}"
        f" WHERE {scope_condition(scope, parameters)} AND {condition(equal, parameters)}"
        f") ARRAY JOIN {parameters.texts(list(keys))} AS key WHERE pairs[key] = {text} GROUP BY key"
    )
    return Query("attribute_keys", sql, parameters.values, scope.project_id)


def _sources(
    project_id: int, hours: TimeRange, wanted: Wanted, uncounted: Uncounted | None, chosen: str, parameters: Parameters
) -> list[str]:
    """Return the statements for (key, value, rows), with '' for what is not counted under its own text."""
    counted = counted_condition(project_id, hours, wanted.kind, parameters, keys_alone=not wanted.in_values)
    sources = [f"SELECT key, value, n FROM {TARGET} WHERE {counted} AND {chosen}"]
    if uncounted is not None:
        rows = uncounted_condition(project_id, hours, uncounted, parameters)
        rows += f" LIMIT {parameters.add(uncounted.most_rows, 'UInt64')}"
        shown = f"if({is_kept(wanted.kind, 'whole')}, whole, '')"
        sources.append(_pairs_of_rows(wanted, rows, shown, chosen))
    return sources


def _pairs_of_rows(wanted: Wanted, rows: str, shown: str, chosen: str) -> str:
    """Return (key, value, rows); for keys alone rows with the same ones are counted first, for most have neighbours.

    Args:
        shown: the expression for a value, which is called ``whole``.
    """
    column = MAPS[wanted.kind]
    if wanted.in_values:
        pairs = f"SELECT {column} AS pairs FROM {TABLE} WHERE {rows}"
        opened = (
            f"SELECT key, {shown} AS value FROM ({pairs}) ARRAY JOIN mapKeys(pairs) AS key, mapValues(pairs) AS whole"
        )
        return f"SELECT key, value, toUInt64(1) AS n FROM ({opened}) WHERE {chosen}"
    keys = f"SELECT mapKeys({column}) AS keys FROM {TABLE} WHERE {rows}"
    counted = f"SELECT keys, count() AS n FROM ({keys}) GROUP BY keys"
    return f"SELECT key, '' AS value, n FROM ({counted}) ARRAY JOIN keys AS key WHERE {chosen}"


def _chosen(wanted: Wanted, parameters: Parameters) -> str:
    found = contains("key", wanted.text, parameters)
    if wanted.in_values:
        found = f"({found} OR {contains('value', wanted.text, parameters)})"
    return _among(wanted, found, parameters)


def _among(wanted: Wanted, chosen: str, parameters: Parameters) -> str:
    return f"{chosen} AND key IN {parameters.texts(list(wanted.keys))}" if wanted.keys else chosen


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
