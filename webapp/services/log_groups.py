"""Logs grouped by the values of some fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.extensions import store
from webapp.language.tree import Field
from webapp.queries.groups import groups as groups_query
from webapp.queries.scope import Scope
from webapp.services.log_rows import readable


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that have these values, in the order of the fields."""

    values: list[str]
    rows: int
    errors: int
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class Groups:
    """The first groups of ``total``, which have ``rows`` together."""

    groups: list[Group]
    total: int
    rows: int


def find_groups(scope: Scope, fields: Sequence[Field], *, order: str = "log_count", limit: int = 100) -> Groups:
    """Return the groups with most rows, most errors, or the latest row (``queries.groups.ORDERS``); ties by values."""
    answer = store.read(groups_query(scope, fields, order=order, limit=limit))
    found = [
        Group([readable(value) for value in values], rows, errors, last_seen_ns)
        for values, rows, errors, last_seen_ns, _, _ in answer.rows
    ]
    total, rows = answer.rows[0][-2:] if answer.rows else (0, 0)
    return Groups(found, total, rows)
