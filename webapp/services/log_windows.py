"""Answers from the newest rows on, in growing windows, for as long as there is time and something is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from webapp.errors import QueryTimeout
from webapp.extensions import store
from webapp.queries.query import Query
from webapp.queries.scope import Scope
from webapp.queries.windows import windows
from webapp.services.log_pace import Pace
from webapp.services.log_search import from_first_row
from webapp.store.store import Answer


def read_windows(
    scope: Scope,
    ask: Callable[[Scope], Query],
    *,
    budget_s: float,
    enough: Callable[[Answer], bool],
    insist: bool = True,
) -> tuple[list[Answer], bool]:
    """Ask about each window of the scope; return the answers, and whether they are about all of it.

    Args:
        enough: whether no further window is wanted, after the answer of one.
        insist: whether the first window has all of a query's time, since there is nothing to say without it.

    Raises:
        QueryTimeout: not even the first window could be read, and it was insisted on.
    """
    scope = from_first_row(scope)
    pace = Pace(budget_s, time.perf_counter())
    answers: list[Answer] = []
    for window in windows(scope.time, latest_first=True, longest_ns=lambda: pace.longest_ns(time.perf_counter())):
        begun_at = time.perf_counter()
        if answers and pace.is_over(begun_at):
            return answers, False
        try:
            query = ask(replace(scope, time=window))
            answers.append(store.read(query, timeout_s=pace.left_s(begun_at) if answers or not insist else None))
        except QueryTimeout:
            if insist and not answers:
                raise
            return answers, False
        pace.note(window.stop_ns - window.first_ns, time.perf_counter() - begun_at)
        if enough(answers[-1]):
            return answers, window.first_ns <= scope.time.first_ns
    return answers, True
