"""Spans of dates as values: ``2026-11-20..2026-11-22``, ``2026-11-23T14:00Z..``, in UTC where nothing else is said.

As in the time box a day at the end belongs to the span, and a moment at the end does not.
"""

from __future__ import annotations

import re
from datetime import UTC

from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.moments import read_iso_ns
from webapp.language.nanoseconds import LATEST_NS, SECOND_NS, clamp, datetime_of

_DAY_NS = 86_400 * SECOND_NS
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SIDE = rf"{_DAY}(?:[Tt][0-9:.]+(?:[Zz]|[+-][0-9:]+)?)?"
DATES = re.compile(rf"(?P<start>{_SIDE})\.\.(?P<end>{_SIDE})?|\.\.(?P<only_end>{_SIDE})")
_WHOLE_DAY = re.compile(_DAY)


def read_dates(text: str, at: int, end: int) -> tuple[str, str]:
    """Read a span that fits ``DATES`` as the values of Operator.IN_TIME; errors are at the given place."""
    found = DATES.fullmatch(text)
    sides = (found["start"], found["end"] or found["only_end"]) if found else (None, None)
    first, last = (None if side is None else _read(side, at, end) for side in sides)
    if last is not None and sides[1] is not None and _WHOLE_DAY.fullmatch(sides[1]):
        last = clamp(last + _DAY_NS)
    if first is not None and last is not None and first >= last:
        raise QuerySyntaxError(f"The start of {text} is not before its end.", at, end)
    return "" if first is None else str(first), "" if last is None else str(last)


def print_dates(start: str, end: str) -> str:
    """Write the span that reads as these values; raises InexpressibleError where there is none."""
    first, last = _written_start(start), _written_end(end)
    if (not first and not last) or (first and last and int(start) >= int(end)):
        raise InexpressibleError("A span of dates has a start that is before its end, or one of them.")
    return f"{first}..{last}"


def _read(side: str, at: int, end: int) -> int:
    ns = read_iso_ns(side, UTC)
    if ns is None:
        detail = f'"{side}" is not a date. Write 2026-11-23 or 2026-11-23T14:00Z, and .. between start and end.'
        raise QuerySyntaxError(detail, at, end)
    return ns


def _written_start(digits: str) -> str:
    ns = _moment_ns(digits)
    if ns is None:
        return ""
    return _moment(ns) if ns % _DAY_NS else f"{datetime_of(ns):%Y-%m-%d}"


def _written_end(digits: str) -> str:
    ns = _moment_ns(digits)
    if ns is None:
        return ""
    return _moment(ns) if ns % _DAY_NS or not ns else f"{datetime_of(ns - _DAY_NS):%Y-%m-%d}"


def _moment_ns(digits: str) -> int | None:
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit() or digits != str(int(digits)) or int(digits) > LATEST_NS:
        raise InexpressibleError("Dates in a search are from 1970 to 2261.")
    return int(digits)


def _moment(ns: int) -> str:
    seconds = f":{ns // SECOND_NS % 60:02}" if ns % (60 * SECOND_NS) else ""
    fraction = f".{ns % SECOND_NS:09}".rstrip("0") if ns % SECOND_NS else ""
    return f"{datetime_of(ns):%Y-%m-%dT%H:%M}{seconds}{fraction}Z"
