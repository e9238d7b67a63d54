"""Moments as the explorer writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_NS = 1_000_000_000


def at(ns: int, zone: tzinfo) -> datetime:
    """Return nanoseconds since the epoch as a moment in a zone, cut to microseconds."""
    return (EPOCH + timedelta(microseconds=ns // 1000)).astimezone(zone)


def row_time(ns: int, zone: tzinfo) -> str:
    """``14:02:11.123``."""
    moment = at(ns, zone)
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def full_time(ns: int, zone: tzinfo) -> str:
    """``2026-11-23 14:02:11.123456789``: every digit that was sent."""
    return f"{at(ns, zone):%Y-%m-%d %H:%M:%S}.{ns % SECOND_NS:09d}"


def full_second(ns: int, zone: tzinfo) -> str:
    """``2026-11-23 14:02:11``."""
    return f"{at(ns, zone):%Y-%m-%d %H:%M:%S}"


def iso_utc(ns: int) -> str:
    """``2026-11-23T14:02:11.123456Z``, for machines."""
    moment = at(ns, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"


def day_name(moment: datetime) -> str:
    """``Mon 23 Nov``."""
    return f"{moment:%a} {moment.day} {moment:%b}"


def full_day(moment: datetime) -> str:
    """``Monday 23 November 2026``."""
    return f"{moment:%A} {moment.day} {moment:%B} {moment.year}"


def clock(moment: datetime, step_ns: int) -> str:
    """The time of day, as fine as the step asks for."""
    return f"{moment:%H:%M:%S}" if step_ns < 60 * SECOND_NS else f"{moment:%H:%M}"


def range_label(start_ns: int, end_ns: int, zone: tzinfo) -> str:
    """``Mon 23 Nov 13:02:11 – 14:02:11``, or both days where they differ."""
    start, end = at(start_ns, zone), at(end_ns, zone)
    later = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{day_name(end)} {end:%H:%M:%S}"
    return f"{day_name(start)} {start:%H:%M:%S} – {later}"


def range_short(start_ns: int, end_ns: int, zone: tzinfo) -> str:
    """``13:02 – 14:02``, with the days where they differ."""
    start, end = at(start_ns, zone), at(end_ns, zone)
    if start.date() == end.date():
        return f"{start:%H:%M} – {end:%H:%M}"
    return f"{start.day} {start:%b} {start:%H:%M} – {end.day} {end:%b} {end:%H:%M}"
