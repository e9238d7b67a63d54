"""How far a search looks at a time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from webapp.queries.scope import SECOND_NS, TimeRange
from webapp.queries.windows import FIRST_NS, windows
from webapp.services.log_pace import Pace

HOUR_NS = 3600 * SECOND_NS


@pytest.mark.parametrize(("now", "over"), [(100.0, False), (108.9, False), (109.5, True), (120.0, True)])
def test_a_search_ends_when_no_query_fits_into_what_is_left(now: float, over: bool) -> None:
    assert Pace(10, started_at=100.0).is_over(now) is over


def test_a_search_without_a_budget_is_over_at_once() -> None:
    assert Pace(0, started_at=100.0).is_over(100.0)


def test_the_next_window_fits_into_half_of_what_is_left() -> None:
    pace = Pace(10, started_at=0.0)
    pace.note(HOUR_NS, took_s=2.0)
    assert pace.longest_ns(2.0) == 2 * HOUR_NS
    pace.note(2 * HOUR_NS, took_s=4.0)
    assert pace.longest_ns(6.0) == HOUR_NS
    assert pace.longest_ns(11.0) == 0


def test_a_window_that_took_no_time_sets_no_limit_that_counts() -> None:
    pace = Pace(10, started_at=0.0)
    pace.note(2**62, took_s=0.0)
    assert pace.longest_ns(0.0) >= 2**62


@pytest.mark.parametrize("latest_first", [True, False])
def test_windows_grow_as_far_as_they_may_and_are_the_range(latest_first: bool) -> None:
    limits = iter([3 * HOUR_NS, 0, 10 * HOUR_NS, 100 * HOUR_NS])
    time = TimeRange(0, 60 * HOUR_NS)
    found = list(windows(time, latest_first=latest_first, longest_ns=lambda: next(limits)))
    assert [window.stop_ns - window.first_ns for window in found] == [
        FIRST_NS,
        3 * HOUR_NS,
        HOUR_NS,
        10 * HOUR_NS,
        45 * HOUR_NS,
    ][: len(found)]
    ordered = found[::-1] if latest_first else found
    assert ordered[0].first_ns == 0
    assert ordered[-1].stop_ns == 60 * HOUR_NS
    assert all(one.stop_ns == other.first_ns for one, other in pairwise(ordered))
