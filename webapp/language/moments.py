"""Dates as the Logs API writes them: ``-1h``, ``-30M``, ``dStart``, ``2026-11-23T14:00:00Z``.

Here ``M`` is minutes and ``m`` is months, as clients of the API expect. The time box of the page reads people's
habits instead (timebox.py), where ``m`` is minutes.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from webapp.language.errors import MomentError
from webapp.language.nanoseconds import EARLIEST_NS, SECOND_NS, clamp, datetime_of, nanoseconds_of

__all__ = [
    "EARLIEST_NS",
    "MomentError",
    "parse_moment",
    "parse_moment_ns",
    "read_iso_ns",
    "read_iso_stretch",
    "read_offset",
]

ALLOWED = (
    "Use a relative date such as -1h, -30M (M is minutes, m is months) or dStart, "
    "an ISO 8601 date such as 2026-11-23T14:00:00Z, or all."
)

_RELATIVE = re.compile(r"-?(?P<number>[0-9]{1,18})?(?P<unit>[sMhdwmqy])(?P<edge>Start|End)?")
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?P<dash>-?)(?P<month>[0-9]{2})(?P=dash)(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2})(?P<colon>:?)(?P<minute>[0-9]{2})"
    r"(?:(?P=colon)(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?: ?(?P<offset>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_CLOCK_NS = {"s": SECOND_NS, "M": 60 * SECOND_NS, "h": 3600 * SECOND_NS}
_CALENDAR_DAYS = {"d": 1, "w": 7}
_CALENDAR_MONTHS = {"m": 1, "q": 3, "y": 12}


def parse_moment_ns(text: str, now: datetime, zone: tzinfo = UTC) -> int:
    """Read a date of the API as nanoseconds since 1970.

    ``all`` is EARLIEST_NS, the moment before which there are no logs. Seconds, minutes and hours are spans of time;
    days and longer units follow the calendar of the zone, months ending early where the day does not exist. A date
    without an offset is in the zone. A moment beyond the years that logs can have becomes the first or last of them.
    Raises MomentError.
    """
    text = text.strip()
    if text == "all":
        return EARLIEST_NS
    if text == "now":
        return nanoseconds_of(now)
    relative = _RELATIVE.fullmatch(text)
    if relative and (relative["number"] or relative["edge"]):
        return _relative_ns(int(relative["number"] or 0), relative["unit"], relative["edge"], now.astimezone(zone))
    if (moment := read_iso_ns(text, zone)) is not None:
        return moment
    shown = text if len(text) <= 60 else f"{text[:57]}…"
    raise MomentError(f'"{shown}" is not a date. {ALLOWED}')


def parse_moment(text: str, now: datetime, zone: tzinfo = UTC) -> datetime:
    """Read a date of the API as an aware UTC datetime, rounded down to the microsecond."""
    return datetime_of(parse_moment_ns(text, now, zone))


def read_iso_ns(text: str, zone: tzinfo) -> int | None:
    """Read an ISO 8601 date or datetime with up to nine digits of fraction, or None; a date is its midnight."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    try:
        own_zone = read_offset(found["offset"]) if found["offset"] else zone
        moment = datetime(year, month, day, hour, minute, second, tzinfo=own_zone)
    except ValueError:
        return None
    return clamp(nanoseconds_of(moment) + int((found["fraction"] or "")[:9].ljust(9, "0")))


def read_iso_stretch(text: str) -> tuple[int, int] | None:
    """Read an ISO 8601 date in UTC as all of the time that it names, [start, stop), or None.

    That is the day of a date, and else the minute, the second or the part of one to which the time is written.
    """
    start_ns = read_iso_ns(text, UTC)
    found = _ISO.fullmatch(text)
    if start_ns is None or found is None:
        return None
    if found["hour"] is None:
        return start_ns, start_ns + 86_400 * SECOND_NS
    if found["second"] is None:
        return start_ns, start_ns + 60 * SECOND_NS
    return start_ns, start_ns + 10 ** (9 - min(len(found["fraction"] or ""), 9))


def read_offset(text: str) -> tzinfo:
    """Read ``Z``, ``UTC``, ``GMT`` or ``+01:00``, ``+0100``, ``+01``; raises ValueError past a day."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if digits[2:] > "59":
        raise ValueError(text)
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text.startswith("-") else offset)


def _relative_ns(number: int, unit: str, edge: str | None, now: datetime) -> int:
    try:
        if unit in _CLOCK_NS:
            ns = nanoseconds_of(now) - number * _CLOCK_NS[unit]
            if edge is None or clamp(ns) != ns:
                return clamp(ns)
            start = nanoseconds_of(_START[unit](datetime_of(ns, now.tzinfo or UTC)))
            return start if edge == "Start" else start + _CLOCK_NS[unit] - 1
        moment = _shift(now, -number, unit)
        if edge is None:
            return nanoseconds_of(moment)
        start_of_unit = _START[unit](moment)
        if edge == "Start":
            return nanoseconds_of(start_of_unit)
        return nanoseconds_of(_shift(start_of_unit, 1, unit)) - 1
    except (OverflowError, ValueError):  # before the year 1
        return EARLIEST_NS


def _shift(moment: datetime, number: int, unit: str) -> datetime:
    """Go some calendar units forth, at the same time of day; the 31st becomes the last day of a shorter month."""
    if unit in _CALENDAR_DAYS:
        return (moment + timedelta(days=number * _CALENDAR_DAYS[unit])).replace(fold=moment.fold)
    months = moment.year * 12 + moment.month - 1 + number * _CALENDAR_MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


_START: dict[str, Callable[[datetime], datetime]] = {
    "s": lambda moment: moment.replace(microsecond=0),
    "M": lambda moment: moment.replace(second=0, microsecond=0),
    "h": lambda moment: moment.replace(minute=0, second=0, microsecond=0),
    "d": _midnight,
    "w": lambda moment: _midnight(moment) - timedelta(days=moment.weekday()),  # weeks begin on Monday
    "m": lambda moment: _midnight(moment).replace(day=1),
    "q": lambda moment: _midnight(moment).replace(month=(moment.month - 1) // 3 * 3 + 1, day=1),
    "y": lambda moment: _midnight(moment).replace(month=1, day=1),
}
