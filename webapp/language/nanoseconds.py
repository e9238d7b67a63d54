"""Moments as integers: nanoseconds since 1970 UTC, as logs are stored (a datetime keeps microseconds only)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

SECOND_NS = 1_000_000_000
EARLIEST_NS = 0  # no log is older: OpenTelemetry's timestamps are unsigned
LATEST_NS = 9_214_646_400 * SECOND_NS  # 2262-01-01, shortly before 64 bits are full; no log is later

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def clamp(ns: int) -> int:
    """Move a moment that no log can have to the nearest that one can have: questions keep their answers."""
    return min(max(ns, EARLIEST_NS), LATEST_NS)


def nanoseconds_of(moment: datetime) -> int:
    """Convert an aware datetime, exactly and clamped."""
    try:
        return clamp((moment.astimezone(UTC) - _EPOCH) // _MICROSECOND * 1000)
    except OverflowError:  # the first or last day of the calendar in another zone
        return EARLIEST_NS if moment.year < 1970 else LATEST_NS


def datetime_of(ns: int, zone: tzinfo = UTC) -> datetime:
    """Convert to an aware datetime in a zone, rounded down to the microsecond."""
    return (_EPOCH + timedelta(microseconds=clamp(ns) // 1000)).astimezone(zone)
