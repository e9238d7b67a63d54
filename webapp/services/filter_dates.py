"""Filters by a date: the stretch of time that each stands for."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

from webapp.language.moments import MomentError, parse_moment_ns, read_iso_stretch
from webapp.language.nanoseconds import SECOND_NS

DAY_NS = 86_400 * SECOND_NS


class DateFilter(Enum):
    """Which side of a date is meant."""

    EXACT = "exact"
    BEFORE = "before"
    AFTER = "after"


def date_filter(side: DateFilter, text: str, now: datetime) -> tuple[str, str]:
    """Return the two values of IN_TIME.

    A date without a time is the whole day in UTC, which nothing is before or after within. A date with a time is that
    moment; exactly means as exactly as it is written, to the minute, the second or a part of it. A relative date is a
    moment too, and exactly means its day.

    Raises:
        MomentError: the text is no date, or one before 1970.
    """
    stretch = read_iso_stretch(text.strip())
    if stretch is None:
        moment = parse_moment_ns(text, now, UTC)
        day = moment // DAY_NS * DAY_NS
        exact, after = (day, day + DAY_NS), moment + 1
    else:
        if int(text.strip()[:4]) < 1970:
            raise MomentError("Dates before 1970 cannot be compared with.")
        moment, stop = stretch
        exact, after = stretch, stop if stop - moment == DAY_NS else moment + 1
    return {
        DateFilter.EXACT: (str(exact[0]), str(exact[1])),
        DateFilter.BEFORE: ("", str(moment)),
        DateFilter.AFTER: (str(after), ""),
    }[side]
