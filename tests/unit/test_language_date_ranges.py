"""Ranges of the page and dates of the API: what moves with time goes on to, and what differs is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.date_ranges import MomentError, TimeBoxError, print_dates_of, read_dates
from webapp.language.moments import parse_moment_ns
from webapp.language.ranges import TimeBox
from webapp.language.timebox import parse_time_box

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)

boxes = st.sampled_from(
    ["15m", "30s", "4h", "2d", "2w", "today", "yesterday", "today-6d..today-2d", "now-3h..now-1h", "2026-11-20"]
).map(lambda text: parse_time_box(text, NOW))


@given(boxes)
def test_a_range_is_read_back_as_itself(box: TimeBox) -> None:
    dates = print_dates_of(box)
    assert read_dates(dates["date_from"], dates["date_to"], NOW) == (box, True)


@given(boxes, st.integers(0, 10**6))
def test_the_api_takes_the_dates_for_the_same_moments_now_and_later(box: TimeBox, seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    dates = print_dates_of(box)
    found = [parse_moment_ns(dates["date_from"] or "-1h", later), parse_moment_ns(dates["date_to"] or "now", later)]
    found[1] += str(dates["date_to"]).endswith("End")  # the last moment of a day is in it
    assert tuple(found) == box.resolve(later)


@pytest.mark.parametrize(
    ("date_from", "date_to", "box", "is_same"),
    [
        (None, None, "now-1h..now", True),
        ("-15M", None, "now-15m..now", True),
        ("-1dStart", "-1dEnd", "today-1d..today-1d", True),
        ("dStart", None, "today..now", True),
        ("all", None, "1970-01-01T00:00Z..now", True),
        ("2026-11-23T10:00:00+01:00", "20261123T1030", "2026-11-23T09:00Z..2026-11-23T10:30Z", True),
        ("-1m", None, "now-31d..now", False),
        ("-1y", "now", "now-365d..now", False),
        ("-2h", "hStart", "now-2h..2026-11-23T14:00Z", False),
    ],
)
def test_dates_become_the_range_that_the_page_writes(
    date_from: str | None, date_to: str | None, box: str, is_same: bool
) -> None:
    found, same = read_dates(date_from, date_to, NOW)
    assert (found.to_url(), same) == (box, is_same)
    assert parse_time_box(box, NOW) == found


def test_what_is_no_range_is_refused() -> None:
    with pytest.raises(MomentError):
        read_dates("whenever", None, NOW)
    with pytest.raises(TimeBoxError):
        read_dates("-1h", "-2h", NOW)
