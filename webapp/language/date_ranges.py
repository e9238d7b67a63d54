"""Ranges of the page ↔ the two dates of the Logs API, relative ones as relative ones where both know them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from webapp.language.errors import MomentError, TimeBoxError
from webapp.language.moments import parse_moment_ns, read_iso_ns
from webapp.language.nanoseconds import SECOND_NS, nanoseconds_of
from webapp.language.ranges import TimeBox, ago, day, moment

DAY_NS = 86_400 * SECOND_NS
DEFAULT_FROM = "-1h"

_AGO = re.compile(r"now-([0-9]+)([smhdw])")
_DAY = re.compile(r"today(?:-([0-9]+)d)?")
_API_AGO = re.compile(r"-?([0-9]{1,9})([sMhdw])")
_API_DAY = re.compile(r"-?([0-9]{1,6})?d(Start|End)")


def print_dates_of(box: TimeBox) -> dict[str, str | None]:
    """Write a range as ``date_from`` and ``date_to``; days are those of UTC, for the API knows no other zone."""
    end = None if box.end == "now" else _printed(box.end, "End")
    return {"date_from": _printed(box.start, "Start"), "date_to": end}


def _printed(place: str, edge: str) -> str:
    if found := _AGO.fullmatch(place):
        return f"-{found[1]}{found[2].replace('m', 'M')}"
    if found := _DAY.fullmatch(place):
        return f"-{found[1]}d{edge}" if found[1] else f"d{edge}"
    return place


def read_dates(date_from: str | None, date_to: str | None, now: datetime) -> tuple[TimeBox, bool]:
    """Read two dates as a range; and whether it means the same at any later moment.

    What the page has no relative form for, months and years above all, is counted in whole days from now on if it is
    where the range begins, and else stays where it is now. Raises MomentError, and TimeBoxError for a range that ends
    before it begins.
    """
    start, start_is_same = _read(date_from or DEFAULT_FROM, "Start", now)
    end, end_is_same = _read(date_to or "now", "End", now)
    box = TimeBox(start, end)
    first_ns, stop_ns = box.resolve(now)
    begins_now = first_ns == stop_ns and box.end == "now" != box.start  # at midnight sharp today is still empty
    if first_ns >= stop_ns and not begins_now:
        raise TimeBoxError("The start of the range is not before its end.")
    return box, start_is_same and end_is_same


def _read(text: str, edge: str, now: datetime) -> tuple[str, bool]:
    text = text.strip()
    if text == "now":
        return text, True
    if found := _API_AGO.fullmatch(text):
        return ago(int(found[1]), found[2].replace("M", "m")), True
    if (found := _API_DAY.fullmatch(text)) and found[2] == edge:
        return day(int(found[1] or 0)), True
    at_ns = parse_moment_ns(text, now, UTC)
    if text == "all" or read_iso_ns(text, UTC) is not None:
        return moment(at_ns), True
    days = round((nanoseconds_of(now) - at_ns) / DAY_NS)
    return (ago(days, "d") if days > 0 and edge == "Start" else moment(at_ns)), False


__all__ = ["DEFAULT_FROM", "MomentError", "TimeBoxError", "print_dates_of", "read_dates"]
