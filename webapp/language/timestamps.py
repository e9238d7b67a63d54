"""Read the dates, clock times and timestamps that are found in logs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from webapp.language.moments import read_iso_ns, read_offset
from webapp.language.nanoseconds import SECOND_NS, clamp, nanoseconds_of

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MONTH = rf"(?P<month_name>{'|'.join(MONTHS)})[a-z]*"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_DAY = r"(?P<day>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
_OFFSET = r"(?: ?(?P<offset>z|utc|gmt|[+-][0-9]{2}:?[0-9]{2}))?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_TIMESTAMPS = (
    _pattern(rf"{_YEAR}/(?P<month>[0-9]{{2}})/{_DAY} {_CLOCK}{_OFFSET}"),  # 2026/11/23 14:02:03
    _pattern(rf"{_WEEKDAY}{_DAY}[/ -]{_MONTH}[/ -]{_YEAR}[: ]{_CLOCK}{_OFFSET}"),  # 23/Nov/2026:14:02:03 +0000
    _pattern(rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? {_YEAR},?)? {_CLOCK}{_OFFSET}"),  # Nov 23 14:02:03
    _pattern(rf"{_WEEKDAY}{_MONTH} {_DAY} {_CLOCK}{_OFFSET} {_YEAR}"),  # Mon Nov 23 14:02:03 2026
    _pattern(rf"[iwefd]?(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}) {_CLOCK}"),  # I1123 14:02:03.123456
)
_DATES = (
    _pattern(rf"{_YEAR}(?P<dash>[/-]?)(?P<month>[0-9]{{2}})(?P=dash)(?P<day>[0-9]{{2}})"),  # 2026-11-23
    _pattern(rf"{_WEEKDAY}{_DAY}[/ -]{_MONTH}(?:[/ -]{_YEAR})?"),  # 23 Nov 2026
    _pattern(rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? {_YEAR})?"),  # Nov 23
)
_CLOCK_ALONE = _pattern(_CLOCK)
_EPOCH = re.compile(r"(?P<digits>[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19})|(?P<seconds>[0-9]{10})\.(?P<fraction>[0-9]+)")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day to the nanosecond."""

    time: time
    fraction_ns: int

    def on(self, day: date, zone: tzinfo) -> int:
        """Give the moment of this time on a day."""
        return clamp(nanoseconds_of(datetime.combine(day, self.time, zone)) + self.fraction_ns)


def read_timestamp(text: str, now: datetime, zone: tzinfo) -> int | None:
    """Read a date with a time, or an epoch in s, ms, µs or ns, as nanoseconds; None if it is neither.

    Without an offset it is in the zone. Without a year, as in syslog, it is the last such date that is not more than
    a day ahead.
    """
    if (epoch := _read_epoch(text)) is not None:
        return epoch
    if ":" in text and (moment := read_iso_ns(text, zone)) is not None:
        return moment
    for pattern in _TIMESTAMPS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            try:
                own_zone = read_offset(parts["offset"]) if parts.get("offset") else zone
                clock = _clock_of(parts)
                return clock.on(_date_of(parts, now.astimezone(own_zone).date()), own_zone)
            except ValueError:
                continue
    return None


def read_date(text: str, now: datetime, zone: tzinfo) -> date | None:
    """Read a date without a time; without a year as in ``read_timestamp``."""
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            try:
                return _date_of(found.groupdict(), now.astimezone(zone).date())
            except ValueError:
                continue
    return None


def read_clock(text: str) -> ClockTime | None:
    """Read ``14:02``, ``14:02:03`` or ``14:02:03.123``."""
    found = _CLOCK_ALONE.fullmatch(text)
    try:
        return _clock_of(found.groupdict()) if found else None
    except ValueError:
        return None


def _read_epoch(text: str) -> int | None:
    found = _EPOCH.fullmatch(text)
    if found is None:
        return None
    if digits := found["digits"]:
        return clamp(int(digits.ljust(19, "0")))
    return clamp(int(found["seconds"]) * SECOND_NS + _fraction_ns(found["fraction"]))


def _clock_of(parts: dict[str, str | None]) -> ClockTime:
    clock = time(int(parts["hour"] or 0), int(parts["minute"] or 0), int(parts["second"] or 0))
    return ClockTime(clock, _fraction_ns(parts["fraction"] or ""))


def _fraction_ns(digits: str) -> int:
    return int(digits[:9].ljust(9, "0"))


def _date_of(parts: dict[str, str | None], today: date) -> date:
    name = parts.get("month_name")
    month = MONTHS.index(name.title()) + 1 if name else int(parts["month"] or 0)
    day = int(parts["day"] or 0)
    if year := parts.get("year"):
        return date(int(year), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year <= today + timedelta(days=1) else date(today.year - 1, month, day)
