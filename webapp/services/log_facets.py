"""How often each value of some fields occurs among the logs that the other filters leave."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.errors import QueryTimeout
from webapp.extensions import settings, store
from webapp.language.tree import EVERYTHING, Field
from webapp.queries.count import count
from webapp.queries.facets import COUNTED, facets_of_minutes, facets_of_rows
from webapp.queries.minutes import answerable
from webapp.queries.scope import Scope
from webapp.services.log_pace import SHARE, Pace
from webapp.services.log_rows import readable
from webapp.services.log_search import from_first_row
from webapp.store.store import Answer

# Where there are no more rows than that, whatever the filter, all of them are read at once.
FEW_ROWS = 1_000_000
# How much of the time is read first where there are, to know how long all of it would take.
PROBED = 1 / 16
# How long a person waits for what stands beside the list, and from which part on all of it is worth the wait.
AT_EASE_S = 0.35
NEARLY_ALL = 0.6
# Of a probe that read fewer rows, the time says nothing about them.
TOO_FEW_READ = 100_000


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
        answer, fraction = _ask_rows(scope, others, text)
        found |= _facets(others, answer, fraction)
    return [found[field] for field in fields]


def _ask_rows(scope: Scope, fields: list[Field], text: str) -> tuple[Answer, float]:
    """Ask about as much of the scope's time as there is time for; return the fraction beside the answer."""
    scope = from_first_row(scope)
    pace = Pace(settings.search_budget_s, time.perf_counter())

    def ask(fraction: float, timeout_s: float | None) -> Answer:
        return store.read(facets_of_rows(scope, fields, text=text, fraction=fraction), timeout_s=timeout_s)

    if not pace.is_over(time.perf_counter()) and _are_few(scope, pace.left_s(time.perf_counter()) * SHARE):
        try:
            return ask(1.0, pace.left_s(time.perf_counter()) * SHARE), 1.0
        except QueryTimeout:
            pass  # a part of it then
    begun_at = time.perf_counter()
    probe = ask(PROBED, None)
    now = time.perf_counter()
    fraction = PROBED * min(pace.left_s(now) * SHARE, AT_EASE_S) / (now - begun_at)
    if probe.rows_read < TOO_FEW_READ or fraction > NEARLY_ALL:
        fraction = 1.0
    if pace.is_over(now) or fraction < 2 * PROBED:
        return probe, PROBED
    try:
        return ask(fraction, pace.left_s(now)), fraction
    except QueryTimeout:
        return probe, PROBED


def _are_few(scope: Scope, timeout_s: float) -> bool:
    """Whether the time holds few rows, whatever the filter; the sorting key knows."""
    try:
        [(rows,)] = store.read(count(replace(scope, where=EVERYTHING)), timeout_s=timeout_s).rows
    except QueryTimeout:
        return False
    return int(rows) <= FEW_ROWS


def _facets(fields: Sequence[Field], answer: Answer, fraction: float) -> dict[Field, Facet]:
    values: dict[Field, list[tuple[str, int]]] = {field: [] for field in fields}
    for number, value, rows in answer.rows:
        values[fields[number - 1]].append((readable(value), round(rows / fraction)))
    return {field: Facet(field, values[field], fraction < 1) for field in fields}
