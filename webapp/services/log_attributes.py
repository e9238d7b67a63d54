"""Which keys the logs of a project have: what a person may filter by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from webapp.errors import QueryTimeout
from webapp.extensions import store
from webapp.language.tree import EVERYTHING, normalise
from webapp.queries.attribute_keys import (
    MOST_KEYS,
    Wanted,
    counted_keys,
    hiding_keys,
    keys_of_rows,
    keys_with_value,
)
from webapp.queries.attribute_sources import Uncounted, uncounted_rows, whole_hours
from webapp.queries.scope import Scope
from webapp.services.attribute_counts import Progress, read_progress
from webapp.services.log_rows import readable
from webapp.services.log_windows import read_windows
from webapp.store.store import Answer

# What somebody waits for while typing.
BUDGET_S = 3.0
# Of the rows that the counts lack: those of some minutes without a worker. More are not read for one suggestion.
MOST_UNCOUNTED = 250_000
# Keys whose values are compared with a text at once; each is one more look into an index.
MOST_COMPARED = 50
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A key; ``value`` is a frequent one that has the text, where the key itself does not."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Keys:
    """A page of keys, and how many there are. ``approximate``: some rows were not looked at."""

    keys: list[Key]
    total: int
    approximate: bool


def find_keys(scope: Scope, wanted: Wanted, *, limit: int, offset: int) -> Keys:
    """Return the keys of the hours that the scope touches, the best match first: see ``_rank``.

    Without a filter the counts answer, with what has arrived since. Values that they hold no text of (ids, long ones)
    are looked for in the rows, from the newest on, for as long as there is time. With a filter, the rows of the scope
    answer in the same way.
    """
    if normalise(scope.where) == EVERYTHING:
        answers, complete = _of_counts(scope, wanted)
    else:
        answers, complete = read_windows(
            scope, lambda part: keys_of_rows(part, wanted), budget_s=BUDGET_S, enough=lambda _: False
        )
    found = _merge(row for answer in answers for row in answer.rows)
    complete = complete and all(len(answer.rows) < MOST_KEYS for answer in answers)
    ranked = sorted(found.values(), key=lambda key: _rank(key, wanted.text))
    page = [Key(key.name, None if key.by_key else key.sample) for key in ranked[offset : offset + limit]]
    return Keys(page, len(ranked), not complete)


def _of_counts(scope: Scope, wanted: Wanted) -> tuple[list[Answer], bool]:
    hours = whole_hours(scope.time)
    missing = missing_counts(scope, read_progress())
    answers = [store.read(counted_keys(scope.project_id, hours, wanted, missing.rows))]
    complete = not missing.too_many
    if wanted.in_values:
        hiding = [
            readable(key) for (key,) in store.read(hiding_keys(scope.project_id, hours, wanted, missing.rows)).rows
        ]
        if hiding:
            hidden, saw_all = _hidden(replace(scope, time=hours), wanted, hiding)
            answers += hidden
            complete = complete and saw_all
    return answers, complete


def _hidden(scope: Scope, wanted: Wanted, hiding: list[str]) -> tuple[list[Answer], bool]:
    """Look into the rows for values that are not counted under their own text, until each of the keys has one.

    One that is the text itself is found at any time.
    """
    left = set(hiding)

    def is_enough(answer: Answer) -> bool:
        left.difference_update(readable(row[0]) for row in answer.rows)
        return not left

    answers, complete = read_windows(
        scope,
        lambda part: keys_of_rows(part, wanted, hidden_only=True),
        budget_s=BUDGET_S,
        enough=is_enough,
        insist=False,
    )
    if not complete and left:
        rest = [key for key in hiding if key in left][:MOST_COMPARED]
        with suppress(QueryTimeout):  # it is said that not all was looked at
            answers.append(store.read(keys_with_value(scope, wanted, rest), timeout_s=BUDGET_S))
    return answers, complete


@dataclass(frozen=True, slots=True)
class Missing:
    """What the counts lack, if anything; ``too_many``: more than is read."""

    rows: Uncounted | None
    too_many: bool


def missing_counts(scope: Scope, progress: Progress) -> Missing:
    """Find out whether rows have arrived since the counts were made."""
    uncounted = Uncounted(progress.until_ns, MOST_UNCOUNTED)
    [(rows,)] = store.read(uncounted_rows(scope.project_id, whole_hours(scope.time), uncounted)).rows
    return Missing(uncounted if rows else None, rows > MOST_UNCOUNTED)


@dataclass(slots=True)
class _Found:
    name: str
    by_key: bool
    rows: int
    sample: str
    sample_rows: int


def _merge(rows: Iterable[tuple[Any, ...]]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for name, by_key, total, sample, sample_rows in map(_texts, rows):
        key = found.setdefault(name, _Found(name, bool(by_key), 0, sample, 0))
        key.rows += total
        if (sample_rows, sample) > (key.sample_rows, key.sample):
            key.sample, key.sample_rows = sample, sample_rows
    return found


def _texts(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(map(readable, row))


def _rank(key: _Found, text: str) -> tuple[bool, bool, bool, int, str]:
    """Order keys before values, the whole key first, then those with the text as a word, then the most frequent."""
    name, text = key.name.lower(), text.lower()
    return not key.by_key, name != text, text not in _SEPARATORS.split(name), -key.rows, key.name
