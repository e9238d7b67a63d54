"""How often each value of some fields occurs among the logs that the other filters leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.extensions import store
from webapp.language.tree import Field
from webapp.queries.facets import COUNTED, facets_of_minutes, facets_of_rows
from webapp.queries.minutes import answerable
from webapp.queries.scope import Scope
from webapp.services.log_fraction import read_fraction
from webapp.services.log_rows import readable
from webapp.services.log_search import from_first_row
from webapp.store.store import Answer


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of a field, with their rows; estimates from a part of the time if approximate."""

    field: Field
    values: list[tuple[str, int]]
    approximate: bool


def find_facets(scope: Scope, fields: Sequence[Field], *, text: str = "") -> list[Facet]:
    """Return a facet of each field, in their order.

    Level and service come from the counts by minute where these know all that the filter looks at. The rows answer for
    the others, all of them in one statement. Of many rows a part of the time does, evenly spread, from which the
    numbers are estimated: as much as can be read in a moment, and within ``search_budget_s``.

    Raises:
        QueryTimeout: not even a small part of the time could be read.
    """
    counted = [field for field in fields if field in COUNTED and answerable(scope.where)]
    others = [field for field in fields if field not in counted]
    found: dict[Field, Facet] = {}
    if counted:
        answer = store.read(facets_of_minutes(scope, counted, text=text))
        found |= _facets(counted, answer, 1.0)
    if others:
        whole = from_first_row(scope)
        answer, fraction = read_fraction(
            whole,
            lambda part, timeout_s: store.read(
                facets_of_rows(whole, others, text=text, fraction=part), timeout_s=timeout_s
            ),
        )
        found |= _facets(others, answer, fraction)
    return [found[field] for field in fields]


def _facets(fields: Sequence[Field], answer: Answer, fraction: float) -> dict[Field, Facet]:
    values: dict[Field, list[tuple[str, int]]] = {field: [] for field in fields}
    for number, value, rows in answer.rows:
        values[fields[number - 1]].append((readable(value), round(rows / fraction)))
    return {field: Facet(field, values[field], fraction < 1) for field in fields}
