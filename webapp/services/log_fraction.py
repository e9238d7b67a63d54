"""Answers from a part of a scope's time, where all of it would take longer than a person waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from webapp.errors import QueryTimeout
from webapp.extensions import settings, store
from webapp.language.tree import EVERYTHING
from webapp.queries.count import count
from webapp.queries.scope import Scope
from webapp.services.log_pace import SHARE, Pace
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


def read_fraction(scope: Scope, ask: Callable[[float, float | None], Answer]) -> tuple[Answer, float]:
    """Ask about as much of the scope's time as there is time for; return the fraction beside the answer.

    Args:
        ask: asks about a fraction of the scope's time, for so many seconds at most.

    Raises:
        QueryTimeout: not even a small part of the time could be read.
    """
    pace = Pace(settings.search_budget_s, time.perf_counter())
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
