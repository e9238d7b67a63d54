"""Time ranges, cursors and the windows of a search."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.queries.cursor import Cursor, CursorError
from webapp.queries.intervals import INTERVALS_S, finest_grid
from webapp.queries.minutes import whole_minutes
from webapp.queries.scope import END_OF_TIME_NS, SECOND_NS, TimeRange
from webapp.queries.windows import FIRST_NS, GROWTH, windows

MINUTE_NS = 60 * SECOND_NS
DAY_NS = 24 * 60 * MINUTE_NS
UUID_7 = UUID("0199d0c0-0000-7000-8000-00000000abcd")

moments = st.integers(0, END_OF_TIME_NS)
ranges = st.builds(
    lambda start, length, inclusive: TimeRange(start, start + length, inclusive),
    moments,
    st.integers(0, 400 * DAY_NS) | st.integers(0, 10 * SECOND_NS),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("time", "half_open"),
    [
        (TimeRange(5, 9), (5, 9)),
        (TimeRange(5, 9, end_inclusive=True), (5, 10)),
        (TimeRange(-5, 9), (0, 9)),
        (TimeRange(-9, -5), (0, 0)),
        (TimeRange(9, 5), (9, 9)),
        (TimeRange(5, 10**30, end_inclusive=True), (5, END_OF_TIME_NS)),
        (TimeRange(10**30, 10**31), (END_OF_TIME_NS, END_OF_TIME_NS)),
    ],
)
def test_a_range_becomes_half_open_within_what_a_timestamp_can_be(time: TimeRange, half_open: tuple[int, int]) -> None:
    assert (time.first_ns, time.stop_ns) == half_open


@given(timestamp_ns=moments, uuid=st.uuids())
def test_a_cursor_reads_what_it_writes(timestamp_ns: int, uuid: UUID) -> None:
    cursor = Cursor(timestamp_ns, uuid)
    assert Cursor.decode(cursor.encode()) == cursor


def test_a_cursor_is_base64_of_json_with_nanoseconds() -> None:
    decoded = json.loads(base64.b64decode(Cursor(1_790_510_400_123_456_789, UUID_7).encode()))
    assert decoded == {"timestamp": "2026-09-27T12:00:00.123456789Z", "uuid": str(UUID_7)}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "timestamp", ["2026-09-27T12:00:00Z", "2026-09-27T12:00:00.0+00:00", "2026-09-27T12:00:00.000Z"]
)
def test_a_cursor_with_fewer_digits_is_read(timestamp: str) -> None:
    cursor = Cursor.decode(encoded({"timestamp": timestamp, "uuid": str(UUID_7)}))
    assert cursor == Cursor(1_790_510_400_000_000_000, UUID_7)


def test_a_cursor_from_an_address_is_read_without_its_padding() -> None:
    text = Cursor(1_790_510_400_123_456_789, UUID_7).encode()
    assert Cursor.decode(text.translate(str.maketrans("+/", "-_")).rstrip("=")) == Cursor.decode(text)


GOOD = {"timestamp": "2026-09-27T12:00:00Z", "uuid": str(UUID_7)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "äöü",
        "a" * 5,
        "\0",
        encoded([]),
        encoded(None),
        encoded("text"),
        encoded({}),
        encoded({**GOOD, "uuid": "x"}),
        encoded({**GOOD, "uuid": None}),
        encoded({**GOOD, "uuid": 5}),
        encoded({**GOOD, "timestamp": 5}),
        encoded({**GOOD, "timestamp": "yesterday"}),
        encoded({**GOOD, "timestamp": "2026-13-27T12:00:00Z"}),
        encoded({**GOOD, "timestamp": "2026-09-27T12:00:00"}),
        encoded({**GOOD, "timestamp": "1969-12-31T23:59:59Z"}),
        encoded({**GOOD, "timestamp": "9999-12-31T23:59:59Z"}),
        encoded({**GOOD, "timestamp": "2026-09-27T12:00:00.1234567890Z"}),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorError, match=r"^This is not a cursor"):
        Cursor.decode(text)


@given(text=st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(CursorError):
        assert isinstance(Cursor.decode(text), Cursor)


@given(time=ranges, latest_first=st.booleans())
def test_windows_are_the_range_in_order_and_grow(time: TimeRange, latest_first: bool) -> None:
    found = list(windows(time, latest_first=latest_first))
    in_time = found[::-1] if latest_first else found
    assert [(window.first_ns, window.stop_ns) for window in in_time] == [
        (window.start_ns, window.end_ns) for window in in_time
    ]
    edges = [time.first_ns, *(window.end_ns for window in in_time)]
    assert [window.start_ns for window in in_time] == edges[:-1]
    assert edges[-1] == time.stop_ns or not found
    lengths = [window.end_ns - window.start_ns for window in found]
    assert lengths[:-1] == [FIRST_NS * GROWTH**index for index in range(len(lengths) - 1)]
    assert len(found) <= 5


def test_a_short_range_is_one_window() -> None:
    time = TimeRange(7, 7 + 2 * FIRST_NS)
    assert list(windows(time, latest_first=True)) == [time]


@given(time=ranges, max_buckets=st.integers(2, 200))
def test_a_grid_covers_its_range_with_the_finest_buckets(time: TimeRange, max_buckets: int) -> None:
    grid = finest_grid(time, max_buckets)
    step_ns = grid.interval_s * SECOND_NS
    start_ns, stop_ns = grid.start_s * SECOND_NS, grid.start_s * SECOND_NS + grid.buckets * step_ns
    assert grid.buckets <= max_buckets
    assert start_ns % step_ns == 0
    assert start_ns <= time.first_ns
    assert stop_ns >= time.stop_ns
    if grid.buckets:
        assert time.first_ns - start_ns < step_ns
        assert stop_ns - time.stop_ns < step_ns
    if grid.interval_s in INTERVALS_S[1:]:
        finer_ns = INTERVALS_S[INTERVALS_S.index(grid.interval_s) - 1] * SECOND_NS
        assert -(-time.stop_ns // finer_ns) - time.first_ns // finer_ns > max_buckets


@pytest.mark.parametrize(
    ("length_s", "interval_s"),
    [
        (1, 1),
        (15 * 60, 10),
        (3600, 60),
        (4 * 3600, 120),
        (86400, 900),
        (2 * 86400, 1800),
        (7 * 86400, 7200),
        (365 * 86400, 4 * 86400),
    ],
)
def test_the_intervals_of_the_usual_ranges(length_s: int, interval_s: int) -> None:
    start_ns = 20_723 * DAY_NS
    assert finest_grid(TimeRange(start_ns, start_ns + length_s * SECOND_NS), 120).interval_s == interval_s


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "expected"),
    [
        (0, MINUTE_NS, (0, 60)),
        (1, MINUTE_NS, None),
        (0, MINUTE_NS - 1, None),
        (1, 2 * MINUTE_NS, (60, 120)),
        (MINUTE_NS - 1, 3 * MINUTE_NS + 1, (60, 180)),
        (30 * SECOND_NS, 90 * SECOND_NS, None),
    ],
)
def test_the_whole_minutes_of_a_range(start_ns: int, end_ns: int, expected: tuple[int, int] | None) -> None:
    assert whole_minutes(TimeRange(start_ns, end_ns)) == expected
