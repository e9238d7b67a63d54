"""The time box reads what people type and paste, and its address says the same to everybody."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.nanoseconds import EARLIEST_NS, LATEST_NS, nanoseconds_of
from webapp.language.ranges import ago, day, moment
from webapp.language.timebox import TimeBox, TimeBoxError, parse_time_box

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # a Monday

AROUND_14_02_03 = "2026-11-23T13:57:03Z..2026-11-23T14:07:03Z"

READ = [
    ("15m", "now-15m..now"),
    ("-15m", "now-15m..now"),
    ("15M", "now-15m..now"),
    ("30 s", "now-30s..now"),
    ("4 hours", "now-4h..now"),
    ("last 4h", "now-4h..now"),
    ("Last 4 Hours", "now-4h..now"),
    ("past 2 days", "now-2d..now"),
    ("previous 1 week", "now-1w..now"),
    ("last hour", "now-1h..now"),
    ("2 hours ago", "now-2h..now"),
    ("now-1h", "now-1h..now"),
    ("1h30m", "now-90m..now"),
    ("1 day 2 hours", "now-26h..now"),
    ("today", "today..now"),
    ("Yesterday", "today-1d..today-1d"),
    ("today-3d", "today-3d..today-3d"),
    ("now-1h..now", "now-1h..now"),
    ("now-2h..now-1h", "now-2h..now-1h"),
    ("-2h..-1h", "now-2h..now-1h"),
    ("2h to 1h", "now-2h..now-1h"),
    ("today..now", "today..now"),
    ("yesterday..today", "today-1d..today"),
    ("14:02", "2026-11-23T13:57Z..2026-11-23T14:07Z"),
    ("15:30", "2026-11-23T15:25Z..2026-11-23T15:35Z"),
    ("15:31", "2026-11-22T15:26Z..2026-11-22T15:36Z"),
    ("9:05", "2026-11-23T09:00Z..2026-11-23T09:10Z"),
    ("14:02:03.5", "2026-11-23T13:57:03.5Z..2026-11-23T14:07:03.5Z"),
    ("14:00-15:00", "2026-11-23T14:00Z..2026-11-23T15:00Z"),
    ("14:00 – 15:00", "2026-11-23T14:00Z..2026-11-23T15:00Z"),
    ("14:00..15:00", "2026-11-23T14:00Z..2026-11-23T15:00Z"),
    ("15:00-16:00", "2026-11-23T15:00Z..2026-11-23T16:00Z"),
    ("16:00-17:00", "2026-11-22T16:00Z..2026-11-22T17:00Z"),
    ("22:00-02:00", "2026-11-22T22:00Z..2026-11-23T02:00Z"),
    ("14:00..now", "2026-11-23T14:00Z..now"),
    ("yesterday..14:00", "today-1d..2026-11-23T14:00Z"),
    ("2026-11-20", "2026-11-20T00:00Z..2026-11-21T00:00Z"),
    ("2026/11/20", "2026-11-20T00:00Z..2026-11-21T00:00Z"),
    ("20261120", "2026-11-20T00:00Z..2026-11-21T00:00Z"),
    ("20 Nov 2026", "2026-11-20T00:00Z..2026-11-21T00:00Z"),
    ("Nov 20", "2026-11-20T00:00Z..2026-11-21T00:00Z"),
    ("24 December", "2025-12-24T00:00Z..2025-12-25T00:00Z"),
    ("2026-11-20..2026-11-22", "2026-11-20T00:00Z..2026-11-23T00:00Z"),
    ("2026-11-20/2026-11-22", "2026-11-20T00:00Z..2026-11-23T00:00Z"),
    ("2026-11-20..06:00", "2026-11-20T00:00Z..2026-11-20T06:00Z"),
    ("2026-11-20T14:00/15:00", "2026-11-20T14:00Z..2026-11-20T15:00Z"),
    ("2026-11-20 14:00-15:00", "2026-11-20T14:00Z..2026-11-20T15:00Z"),
    ("2026-11-20 23:00 - 01:00", "2026-11-20T23:00Z..2026-11-21T01:00Z"),
    ("2026-11-20 14:00 - 2026-11-21 15:00", "2026-11-20T14:00Z..2026-11-21T15:00Z"),
    ("2026-11-20T14:00:00+01:00..now", "2026-11-20T13:00Z..now"),
    ("2026-11-23T14:02:03Z", AROUND_14_02_03),
    ("2026-11-23 14:02:03", AROUND_14_02_03),
    ("2026-11-23 14:02:03 UTC", AROUND_14_02_03),
    ("2026-11-23T16:02:03+02:00", AROUND_14_02_03),
    ("2026-11-23T09:02:03-05:00", AROUND_14_02_03),
    ("[2026-11-23 14:02:03]", AROUND_14_02_03),
    ('"2026-11-23T14:02:03Z",', AROUND_14_02_03),
    ("2026-11-23 14:02:03,125", "2026-11-23T13:57:03.125Z..2026-11-23T14:07:03.125Z"),
    ("2026-11-23T14:02:03.123456789Z", "2026-11-23T13:57:03.123456789Z..2026-11-23T14:07:03.123456789Z"),
    ("2026/11/23 14:02:03", AROUND_14_02_03),
    ("2026/11/23 14:02:03.5", "2026-11-23T13:57:03.5Z..2026-11-23T14:07:03.5Z"),
    ("23/Nov/2026:14:02:03 +0000", AROUND_14_02_03),
    ("[23/Nov/2026:15:02:03 +0100]", AROUND_14_02_03),
    ("Nov 23 14:02:03", AROUND_14_02_03),
    ("Nov  3 14:02:03", "2026-11-03T13:57:03Z..2026-11-03T14:07:03Z"),
    ("Dec 31 23:59:00", "2025-12-31T23:54Z..2026-01-01T00:04Z"),
    ("Mon, 23 Nov 2026 14:02:03 GMT", AROUND_14_02_03),
    ("Mon Nov 23 14:02:03 2026", AROUND_14_02_03),
    ("Mon Nov 23 14:02:03 UTC 2026", AROUND_14_02_03),
    ("Nov 23, 2026 14:02:03", AROUND_14_02_03),
    ("23-Nov-2026 14:02:03", AROUND_14_02_03),
    ("I1123 14:02:03.000000", AROUND_14_02_03),
    ("1795442523", AROUND_14_02_03),
    ("1795442523.5", "2026-11-23T13:57:03.5Z..2026-11-23T14:07:03.5Z"),
    ("1795442523000", AROUND_14_02_03),
    ("1795442523000000", AROUND_14_02_03),
    ("1795442523000000001", "2026-11-23T13:57:03.000000001Z..2026-11-23T14:07:03.000000001Z"),
    ("1795442400..1795446000", "2026-11-23T14:00Z..2026-11-23T15:00Z"),
]


@pytest.mark.parametrize(("text", "url"), READ)
def test_the_box_reads_what_people_type_and_paste(text: str, url: str) -> None:
    assert parse_time_box(text, NOW, UTC).to_url() == url


def test_the_syslog_date_of_tomorrow_is_of_this_year_because_clocks_differ() -> None:
    assert parse_time_box("Nov 24 00:10:00", NOW).start == "2026-11-24T00:05Z"
    assert parse_time_box("Nov 25 00:10:00", NOW).start == "2025-11-25T00:05Z"
    new_year = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    assert parse_time_box("Dec 31 23:59:00", new_year).start == "2026-12-31T23:54Z"


def test_times_without_an_offset_are_in_the_zone() -> None:
    assert parse_time_box("14:00-15:00", NOW, BERLIN).to_url() == "2026-11-23T13:00Z..2026-11-23T14:00Z"
    assert parse_time_box("2026-07-01", NOW, BERLIN).to_url() == "2026-06-30T22:00Z..2026-07-01T22:00Z"
    assert parse_time_box("16:31", NOW, BERLIN).to_url() == "2026-11-22T15:26Z..2026-11-22T15:36Z"
    assert parse_time_box("02:00", datetime(2026, 11, 22, 22, tzinfo=UTC), KOLKATA).start == "2026-11-22T20:25Z"


WRONG = [
    "",
    "  ",
    "now",
    "now..now",
    "foo",
    "0m",
    "15",
    "15x",
    "m",
    "last",
    "1.5h",
    "-",
    "..",
    "now..",
    "..now",
    "/",
    "to",
]
WRONG += ["25:00", "14:60", "14:02:60", "2026-13-01", "2026-02-30", "Feb 30", "31 Foo 2026", "12345", "123456789012"]
WRONG += ["yesterday..foo", "2026-11-23T14:02:03+25:00", "now+1h", "11/23/2026", "14:02 PST", "9999999m", "x" * 100]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_time_range_is_refused_with_examples(text: str) -> None:
    with pytest.raises(TimeBoxError) as caught:
        parse_time_box(text, NOW)
    if text != "now..now":
        assert "is not a time range. Write a span such as 15m or last 4h" in caught.value.detail
    assert len(caught.value.detail) < 300


@pytest.mark.parametrize(
    "text",
    [
        "15:00-14:00",
        "14:00-14:00",
        "now-1h..now-2h",
        "now..now",
        "now..now-1h",
        "now-1h..now-1h",
        "today..yesterday",
        "2026-11-22..2026-11-20",
        "2027-01-01..now",
        "2026-11-23T15:00/2026-11-23T14:00",
    ],
)
def test_a_start_that_is_not_before_the_end_is_refused(text: str) -> None:
    with pytest.raises(TimeBoxError, match=f'^The start of "{text}" is not before its end.$'):
        parse_time_box(text, NOW)


def test_today_is_read_at_midnight_too() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert parse_time_box("today", midnight).to_url() == "today..now"


def test_years_without_logs_and_endless_texts_are_refused() -> None:
    for text in ("1969-05-01", "2500-01-01", "0001-01-01"):
        with pytest.raises(TimeBoxError, match="Logs have dates from 1970 to 2261"):
            parse_time_box(text, NOW)
    with pytest.raises(TimeBoxError, match="has 200 characters at most"):
        parse_time_box("1" * 201, NOW)


def test_a_day_of_the_calendar_is_as_long_as_it_is() -> None:
    after_the_change = datetime(2026, 10, 26, 9, tzinfo=UTC)
    start_ns, end_ns = parse_time_box("yesterday", after_the_change, BERLIN).resolve(after_the_change, BERLIN)
    assert end_ns - start_ns == 25 * 3600 * 1_000_000_000
    start_ns, end_ns = parse_time_box("1d", after_the_change, BERLIN).resolve(after_the_change, BERLIN)
    assert end_ns - start_ns == 24 * 3600 * 1_000_000_000


def test_a_relative_range_moves_on_and_a_frozen_one_stays() -> None:
    box = parse_time_box("1h", NOW)
    later = NOW + timedelta(hours=2)
    assert box.relative
    assert box.resolve(later) == (nanoseconds_of(NOW + timedelta(hours=1)), nanoseconds_of(later))
    frozen = box.frozen(NOW)
    assert not frozen.relative
    assert frozen.to_url() == "2026-11-23T14:30Z..2026-11-23T15:30Z"
    assert frozen.resolve(later) == frozen.resolve(NOW) == box.resolve(NOW)
    assert TimeBox("2026-11-23T14:00Z", "now").relative


STEPS = [
    ("now-1h..now", -1, "now-2h..now-1h"),
    ("now-1h..now", -3, "now-4h..now-3h"),
    ("now-1h..now", 1, "now-1h..now"),
    ("now-3h..now-2h", 1, "now-2h..now-1h"),
    ("now-90m..now-30m", 1, "now-60m..now"),
    ("now-1d..now-12h", -1, "now-36h..now-1d"),
    ("now-7d..now", -1, "now-14d..now-7d"),
    ("today..now", -1, "today-1d..today-1d"),
    ("today..now", 1, "today..now"),
    ("today-1d..today-1d", 1, "today..now"),
    ("today-1d..today-1d", -1, "today-2d..today-2d"),
    ("today-2d..now", -1, "today-5d..today-3d"),
    ("2026-11-23T14:00Z..2026-11-23T15:00Z", -1, "2026-11-23T13:00Z..2026-11-23T14:00Z"),
    ("2026-11-23T14:00Z..2026-11-23T15:00Z", 2, "2026-11-23T16:00Z..2026-11-23T17:00Z"),
    ("2026-11-23T14:30Z..now", -1, "2026-11-23T13:30Z..2026-11-23T14:30Z"),
]


@pytest.mark.parametrize(("url", "steps", "after"), STEPS)
def test_a_step_moves_a_range_by_its_width_and_never_a_relative_one_past_now(url: str, steps: int, after: str) -> None:
    assert parse_time_box(url, NOW).step(steps, NOW).to_url() == after


def test_a_step_over_the_change_of_the_clocks_stays_on_whole_days() -> None:
    box = parse_time_box("2026-10-25", NOW, BERLIN)
    assert box.step(1, NOW, BERLIN) == parse_time_box("2026-10-26", NOW, BERLIN)
    assert box.step(-1, NOW, BERLIN) == parse_time_box("2026-10-24", NOW, BERLIN)


def test_a_step_off_the_edge_of_time_leaves_the_range_where_it_is() -> None:
    first = TimeBox.zoomed(EARLIEST_NS, EARLIEST_NS + 10)
    assert first.step(-1, NOW) == first
    last = TimeBox.zoomed(LATEST_NS - 10, LATEST_NS)
    assert last.step(1, NOW) == last


def test_zooming_gives_the_range_between_two_moments() -> None:
    at = nanoseconds_of(NOW)
    assert TimeBox.zoomed(at, at + 1).to_url() == "2026-11-23T15:30Z..2026-11-23T15:30:00.000000001Z"
    with pytest.raises(TimeBoxError, match="not before"):
        TimeBox.zoomed(at, at)


def test_a_box_is_made_of_normal_forms_only() -> None:
    for text in ("15m", "now+1h", "yesterday", "2026-11-23", "2026-99-23T14:00Z", "NOW", ""):
        with pytest.raises(TimeBoxError):
            TimeBox(text, "now")


LABELS = [
    ("15m", UTC, "Last 15 minutes"),
    ("1h", UTC, "Last 1 hour"),
    ("today", UTC, "Today"),
    ("today..today", UTC, "Today"),
    ("yesterday", UTC, "Yesterday"),
    ("today-2d", UTC, "21 Nov"),
    ("yesterday..today", UTC, "22 Nov – 23 Nov"),
    ("2h..1h", UTC, "2 hours ago – 1 hour ago"),
    ("14:00-15:00", UTC, "14:00 – 15:00 · 23 Nov"),
    ("2026-11-23T14:00Z..2026-11-23T15:00:05Z", BERLIN, "15:00 – 16:00:05 · 23 Nov"),
    ("22:00-02:00", UTC, "22 Nov 22:00 – 23 Nov 02:00"),
    ("2025-11-23", UTC, "23 Nov 2025"),
    ("2026-11-20..2026-11-22", BERLIN, "20 Nov – 22 Nov"),
    ("2026-11-23T14:00Z..now", UTC, "23 Nov 14:00 – now"),
    ("today-1d..2026-11-23T14:00Z", UTC, "22 Nov 00:00 – 23 Nov 14:00"),
    ("1795442523.125", UTC, "13:57:03.125 – 14:07:03.125 · 23 Nov"),
]


@pytest.mark.parametrize(("text", "zone", "label"), LABELS)
def test_the_label_says_the_range_as_a_person_would(text: str, zone: tzinfo, label: str) -> None:
    assert parse_time_box(text, NOW, zone).label(NOW, zone) == label


units = st.sampled_from("smhdw")
relative_ends = st.builds(ago, st.integers(0, 500), units) | st.builds(day, st.integers(0, 500))
ends = relative_ends | st.integers(EARLIEST_NS, LATEST_NS).map(moment)
zones = st.sampled_from([UTC, BERLIN, KOLKATA])


@given(ends, ends, zones, zones)
def test_an_address_is_read_back_as_the_same_range(start: str, end: str, zone: tzinfo, other: tzinfo) -> None:
    box = TimeBox(start, end)
    start_ns, end_ns = box.resolve(NOW, zone)
    if start_ns < end_ns and end_ns > EARLIEST_NS:
        assert parse_time_box(box.to_url(), NOW, zone) == box
        assert box.label(NOW, zone)
        stepped = box.step(-1, NOW, zone)
        assert stepped.relative <= box.relative
        assert stepped.resolve(NOW, zone)[1] <= max(end_ns, nanoseconds_of(NOW) + 1)
        frozen = box.frozen(NOW, zone)
        assert frozen.resolve(NOW, other) == (start_ns, end_ns)
        assert parse_time_box(frozen.to_url(), NOW, other) == frozen


pieces = st.lists(
    st.sampled_from([*"0123456789smhdw:-/.,+ TZ", "now", "today", "..", "Nov ", "14:02", "2026-11-23", "last ", " to "])
).map("".join)


@given(pieces | st.text(), zones)
def test_any_text_is_a_range_or_a_time_box_error(text: str, zone: tzinfo) -> None:
    try:
        box = parse_time_box(text, NOW, zone)
    except TimeBoxError as error:
        assert error.detail
    else:
        start_ns, end_ns = box.resolve(NOW, zone)
        assert EARLIEST_NS <= start_ns < end_ns <= LATEST_NS
        assert parse_time_box(box.to_url(), NOW, zone) == box
