"""The dates of the API, to the nanosecond."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.errors import MomentError
from webapp.language.moments import parse_moment, parse_moment_ns
from webapp.language.nanoseconds import EARLIEST_NS, LATEST_NS, datetime_of, nanoseconds_of

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 3, 31, 12, 30, 15, 123456, tzinfo=UTC)  # a Tuesday, two days into summer time in Berlin

RELATIVE: list[tuple[str, tzinfo, str]] = [
    ("now", UTC, "2026-03-31T12:30:15.123456"),
    ("-1h", UTC, "2026-03-31T11:30:15.123456"),
    ("1h", UTC, "2026-03-31T11:30:15.123456"),
    (" -1h ", UTC, "2026-03-31T11:30:15.123456"),
    ("-90s", UTC, "2026-03-31T12:28:45.123456"),
    ("-30M", UTC, "2026-03-31T12:00:15.123456"),
    ("-30m", UTC, "2023-09-30T12:30:15.123456"),
    ("-1m", UTC, "2026-02-28T12:30:15.123456"),
    ("-25m", UTC, "2024-02-29T12:30:15.123456"),
    ("-7d", UTC, "2026-03-24T12:30:15.123456"),
    ("-2w", UTC, "2026-03-17T12:30:15.123456"),
    ("-1q", UTC, "2025-12-31T12:30:15.123456"),
    ("-1y", UTC, "2025-03-31T12:30:15.123456"),
    ("-0d", UTC, "2026-03-31T12:30:15.123456"),
    ("sStart", UTC, "2026-03-31T12:30:15"),
    ("MStart", UTC, "2026-03-31T12:30:00"),
    ("hStart", UTC, "2026-03-31T12:00:00"),
    ("-1hStart", UTC, "2026-03-31T11:00:00"),
    ("dStart", UTC, "2026-03-31T00:00:00"),
    ("-dStart", UTC, "2026-03-31T00:00:00"),
    ("-1dStart", UTC, "2026-03-30T00:00:00"),
    ("wStart", UTC, "2026-03-30T00:00:00"),
    ("-1wStart", UTC, "2026-03-23T00:00:00"),
    ("mStart", UTC, "2026-03-01T00:00:00"),
    ("-1mStart", UTC, "2026-02-01T00:00:00"),
    ("qStart", UTC, "2026-01-01T00:00:00"),
    ("-1qStart", UTC, "2025-10-01T00:00:00"),
    ("yStart", UTC, "2026-01-01T00:00:00"),
    ("-2yStart", UTC, "2024-01-01T00:00:00"),
    ("dStart", BERLIN, "2026-03-30T22:00:00"),
    ("-2dStart", BERLIN, "2026-03-28T23:00:00"),
    ("-7d", BERLIN, "2026-03-24T13:30:15.123456"),  # the same time of day, on the other side of the change
    ("-168h", BERLIN, "2026-03-24T12:30:15.123456"),
    ("hStart", KOLKATA, "2026-03-31T12:30:00"),
]


@pytest.mark.parametrize(("text", "zone", "expected"), RELATIVE)
def test_a_relative_date_counts_back_from_now(text: str, zone: tzinfo, expected: str) -> None:
    assert parse_moment(text, NOW, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "next_start"),
    [
        ("sEnd", UTC, "2026-03-31T12:30:16"),
        ("MEnd", UTC, "2026-03-31T12:31:00"),
        ("-1hEnd", UTC, "2026-03-31T12:00:00"),
        ("dEnd", UTC, "2026-04-01T00:00:00"),
        ("-2dEnd", BERLIN, "2026-03-29T22:00:00"),  # a day of 23 hours
        ("wEnd", UTC, "2026-04-06T00:00:00"),
        ("-1mEnd", UTC, "2026-03-01T00:00:00"),
        ("-25mEnd", UTC, "2024-03-01T00:00:00"),
        ("qEnd", UTC, "2026-04-01T00:00:00"),
        ("-1yEnd", UTC, "2026-01-01T00:00:00"),
    ],
)
def test_the_end_of_a_unit_is_its_last_nanosecond(text: str, zone: tzinfo, next_start: str) -> None:
    expected = nanoseconds_of(datetime.fromisoformat(next_start).replace(tzinfo=UTC)) - 1
    assert parse_moment_ns(text, NOW, zone) == expected


MIDDAY_NS = nanoseconds_of(datetime(2026, 11, 23, 12, 0, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-11-23T12:00:03Z", MIDDAY_NS),
        ("2026-11-23T12:00:03", MIDDAY_NS),
        ("2026-11-23 12:00:03", MIDDAY_NS),
        ("2026-11-23t12:00:03z", MIDDAY_NS),
        ("2026-11-23T14:00:03+02:00", MIDDAY_NS),
        ("2026-11-23T14:00:03+0200", MIDDAY_NS),
        ("2026-11-23T14:00:03+02", MIDDAY_NS),
        ("2026-11-23T06:30:03-05:30", MIDDAY_NS),
        ("20261123T120003Z", MIDDAY_NS),
        ("2026-11-23T12:00:03.5Z", MIDDAY_NS + 500_000_000),
        ("2026-11-23T12:00:03,000001Z", MIDDAY_NS + 1000),
        ("2026-11-23T12:00:03.123456789Z", MIDDAY_NS + 123_456_789),
        ("2026-11-23T12:00:03.1234567899999Z", MIDDAY_NS + 123_456_789),
        ("2026-11-23T12:00Z", MIDDAY_NS - 3_000_000_000),
        ("2026-11-23", MIDDAY_NS - (12 * 3600 + 3) * 1_000_000_000),
        ("20261123", MIDDAY_NS - (12 * 3600 + 3) * 1_000_000_000),
    ],
)
def test_an_iso_date_keeps_its_nanoseconds(text: str, ns: int) -> None:
    assert parse_moment_ns(text, NOW) == ns


def test_a_date_without_an_offset_is_in_the_given_zone() -> None:
    assert parse_moment("2026-11-23T14:00", NOW, BERLIN) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert parse_moment("2026-07-01", NOW, BERLIN) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert parse_moment("2026-07-01T00:00Z", NOW, BERLIN) == datetime(2026, 7, 1, tzinfo=UTC)


def test_the_result_is_in_utc_whatever_the_zone_of_now() -> None:
    now = NOW.astimezone(timezone(timedelta(hours=9)))
    assert parse_moment("-1h", now) == NOW - timedelta(hours=1)
    assert parse_moment("dStart", now) == datetime(2026, 3, 31, tzinfo=UTC)
    assert parse_moment("-1h", now).tzinfo is UTC


def test_a_day_whose_midnight_comes_twice_begins_at_the_first() -> None:
    autumn = datetime(2026, 11, 1, 18, tzinfo=UTC)
    assert parse_moment("dStart", autumn, ZoneInfo("America/Havana")) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    winter = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the second half past midnight
    assert parse_moment("dStart", winter, ZoneInfo("America/Havana")) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert parse_moment("-0d", winter, ZoneInfo("America/Havana")) == winter


def test_all_begins_where_the_first_log_can_be() -> None:
    assert parse_moment_ns("all", NOW) == EARLIEST_NS == 0


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("-99999y", EARLIEST_NS),
        ("-999999999999999999m", EARLIEST_NS),
        ("-999999999999999999s", EARLIEST_NS),
        ("-999999999999999999wEnd", EARLIEST_NS),
        ("-2026yStart", EARLIEST_NS),
        ("0001-01-01T00:00:00+14:00", EARLIEST_NS),
        ("1969-12-31", EARLIEST_NS),
        ("9999-12-31T23:59:59-12:00", LATEST_NS),
        ("2300-01-01", LATEST_NS),
    ],
)
def test_a_moment_that_no_log_can_have_becomes_the_nearest_that_one_can(text: str, ns: int) -> None:
    assert parse_moment_ns(text, NOW) == ns


WRONG = ["", " ", "d", "-d", "-1", "1", "-1H", "-1x", "--1h", "+1h", "-1h30M", "-1hstart", "Start", "yesterday", "ALL"]
WRONG += [
    "2026",
    "2026-11",
    "2026-1-1",
    "2026-02-30",
    "2026-13-01",
    "2026-11-23T",
    "2026-11-23T25:00",
    "2026-11-23T24:00",
]
WRONG += ["2026-11-23T1:00", "2026-11-23T14:60", "2026-11-23T14:00:60", "2026-11-23Z", "2026-11-23T14:00+24:00"]
WRONG += ["2026-11-23T14:00+01:75", "2026-11-2314:00", "2026-1123", "-" + "9" * 5000 + "d", "-١h", "1790000000"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_date_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(MomentError) as caught:
        parse_moment_ns(text, NOW)
    assert "is not a date. Use a relative date such as -1h, -30M (M is minutes, m is months)" in caught.value.detail
    assert len(caught.value.detail) < 300


pieces = st.lists(st.sampled_from([*"-0123456789sMhdwmqyTZ:.+ ", "Start", "End", "2026-11-23", "all"])).map("".join)


@given(pieces | st.text(), st.sampled_from([UTC, BERLIN, KOLKATA]))
def test_any_text_is_a_storable_moment_or_a_moment_error(text: str, zone: tzinfo) -> None:
    try:
        assert EARLIEST_NS <= parse_moment_ns(text, NOW, zone) <= LATEST_NS
    except MomentError as error:
        assert error.detail


@given(st.integers(EARLIEST_NS, LATEST_NS))
def test_a_moment_written_as_iso_is_read_back_exactly(ns: int) -> None:
    text = f"{datetime_of(ns):%Y-%m-%dT%H:%M:%S}.{ns % 1_000_000_000:09d}Z"
    assert parse_moment_ns(text, NOW, BERLIN) == ns


@given(st.datetimes(timezones=st.just(UTC)))
def test_conversion_from_and_to_a_datetime_is_exact_where_logs_can_be(moment: datetime) -> None:
    ns = nanoseconds_of(moment)
    if EARLIEST_NS < ns < LATEST_NS:
        assert datetime_of(ns) == moment
    else:
        assert (moment.year < 1970 or moment == datetime(1970, 1, 1, tzinfo=UTC)) == (ns == EARLIEST_NS)
