"""Which values a key has, and in how many rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from webapp.errors import QueryTimeout
from webapp.extensions import store
from webapp.language.tree import EVERYTHING, normalise
from webapp.queries.attribute_sources import whole_hours
from webapp.queries.attribute_values import (
    COLUMNS,
    COUNTED_COLUMNS,
    counted_values,
    equal_value,
    values_of_column,
    values_of_rows,
)
from webapp.queries.minutes import answerable
from webapp.queries.query import Query
from webapp.queries.scope import Scope
from webapp.services.attribute_counts import read_progress
from webapp.services.log_attributes import BUDGET_S, missing_counts
from webapp.services.log_rows import readable
from webapp.services.log_windows import read_windows
from webapp.store.store import Answer

# Of one window; of more values the rarest are not added up.
MOST_VALUES = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the values of a key with a text in them, and which page of them.

    Attributes:
        kind: ``log`` or ``resource``.
        text: a piece of the value, whatever the case; empty is any.
    """

    kind: str
    key: str
    text: str = ""
    limit: int = 100
    offset: int = 0

    @property
    def last(self) -> int:
        """How many values there are up to the end of the page."""
        return self.limit + self.offset


@dataclass(frozen=True, slots=True)
class Values:
    """A page of values with their rows. ``approximate``: the numbers, or the list, may not be those of the range."""

    values: list[tuple[str, int]]
    approximate: bool


def find_values(scope: Scope, asked: Asked) -> Values:
    """Return the values of a key, the most frequent first, then in the order of their text.

    Without a filter the counts of whole hours answer, with what has arrived since. What they hold no text of (ids,
    long values) is looked for in the rows, from the newest on, for as long as there is time; if no text is asked for,
    in the newest window that has any alone. With a filter, or for a column, the rows of the scope answer.
    """
    if asked.kind == "log" and asked.key in COLUMNS:
        found, complete = _of_column(scope, asked)
    elif normalise(scope.where) == EVERYTHING:
        found, complete = _of_counts(scope, asked)
    else:
        found, complete = _of_rows(scope, asked)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return Values(ranked[asked.offset : asked.last], not complete)


def _of_column(scope: Scope, asked: Asked) -> tuple[Counter[str], bool]:
    if asked.key in COUNTED_COLUMNS and answerable(scope.where):
        answer = store.read(values_of_column(scope, asked.key, text=asked.text, limit=asked.last))
        return _counted(answer), True
    return _in_windows(scope, lambda part: values_of_column(part, asked.key, text=asked.text, limit=MOST_VALUES))


def _of_rows(scope: Scope, asked: Asked) -> tuple[Counter[str], bool]:
    return _in_windows(scope, lambda part: _query(part, asked, hidden_only=False))


def _of_counts(scope: Scope, asked: Asked) -> tuple[Counter[str], bool]:
    hours = whole_hours(scope.time)
    before = read_progress()
    missing = missing_counts(scope, before)
    answer = store.read(
        counted_values(
            scope.project_id,
            hours,
            asked.kind,
            asked.key,
            text=asked.text,
            limit=asked.last,
            uncounted=missing.rows,
        )
    )
    # If a step of the counting fell in between, its rows are in both or in none.
    steady = before == read_progress() and not before.is_under_way
    is_whole = (hours.first_ns, hours.stop_ns) == (scope.time.first_ns, scope.time.stop_ns)
    found = _counted(answer)
    complete = steady and is_whole and not missing.too_many
    if found.pop("", 0):
        hidden, saw_all = _hidden(replace(scope, time=hours), asked)
        found |= hidden
        complete = complete and saw_all
    return found, complete


def _hidden(scope: Scope, asked: Asked) -> tuple[Counter[str], bool]:
    """Return values that are not counted under their own text; one that is the text itself is found at any time."""

    def ask(part: Scope) -> Query:
        return _query(part, asked, hidden_only=True)

    if not asked.text:
        return _in_windows(scope, ask, enough=lambda answer: bool(answer.rows))
    exact = Counter[str]()
    try:
        [(rows,)] = store.read(equal_value(scope, asked.kind, asked.key, asked.text), timeout_s=BUDGET_S).rows
        exact[asked.text] = rows
    except QueryTimeout:
        pass  # the windows find it, if it is in one of them
    seen: set[str] = set()

    def is_enough(answer: Answer) -> bool:
        seen.update(value for value, _ in answer.rows)
        return len(seen) >= asked.last

    found, complete = _in_windows(scope, ask, enough=is_enough)
    return found | +exact, complete


def _query(scope: Scope, asked: Asked, *, hidden_only: bool) -> Query:
    return values_of_rows(scope, asked.kind, asked.key, text=asked.text, limit=MOST_VALUES, hidden_only=hidden_only)


def _in_windows(
    scope: Scope, ask: Callable[[Scope], Query], enough: Callable[[Answer], bool] = lambda _: False
) -> tuple[Counter[str], bool]:
    answers, complete = read_windows(scope, ask, budget_s=BUDGET_S, enough=enough)
    found = Counter[str]()
    for answer in answers:
        found.update(_counted(answer))
    return found, complete and all(len(answer.rows) < MOST_VALUES for answer in answers)


def _counted(answer: Answer) -> Counter[str]:
    return Counter({readable(value): rows for value, rows in answer.rows})
