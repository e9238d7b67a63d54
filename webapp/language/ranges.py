"""The range of time that the page shows, in the normal form that its address keeps: ``<start>..<end>``.

The ends are

- ``now``, or ``now-15m`` (units s, m, h, d, w: spans of time, a day being 24 hours);
- ``today`` or ``today-3d``: a day of the calendar; as a start it is its midnight, as an end the midnight after it;
- a moment in UTC such as ``2026-11-23T14:00Z``, with up to nine digits of fraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from webapp.language.errors import TimeBoxError
from webapp.language.moments import read_iso_ns
from webapp.language.nanoseconds import SECOND_NS, clamp, datetime_of, nanoseconds_of
from webapp.language.timestamps import MONTHS

UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
UNIT_NAMES = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}

_AGO = re.compile(r"now(?:-([0-9]{1,9})([smhdw]))?")
_DAY = re.compile(r"today(?:-([0-9]{1,6})d)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


def ago(number: int, unit: str) -> str:
    """Write a span before now in normal form."""
    return f"now-{number}{unit}" if number else "now"


def day(back: int) -> str:
    """Write a day in normal form; 0 is today."""
    return f"today-{back}d" if back else "today"


def moment(ns: int) -> str:
    """Write a moment in normal form, as short as it can be."""
    ns = clamp(ns)
    at = datetime_of(ns)
    fraction = f"{ns % SECOND_NS:09d}".rstrip("0")
    seconds = f":{at:%S}" if at.second or fraction else ""
    return f"{at:%Y-%m-%dT%H:%M}{seconds}{'.' if fraction else ''}{fraction}Z"


@dataclass(frozen=True, slots=True)
class TimeBox:
    """A range of time in normal form, half-open; relative ends move with the clock and the zone."""

    start: str
    end: str

    def __post_init__(self) -> None:
        for text in (self.start, self.end):
            if not (_AGO.fullmatch(text) or _DAY.fullmatch(text) or _is_moment(text)):
                raise TimeBoxError(f'"{text}" is not an end of a time range.')

    @classmethod
    def zoomed(cls, start_ns: int, end_ns: int) -> TimeBox:
        """Make the range between two moments."""
        if clamp(start_ns) >= clamp(end_ns):
            raise TimeBoxError("The start is not before the end.")
        return cls(moment(start_ns), moment(end_ns))

    @property
    def relative(self) -> bool:
        """Whether the range moves on with time."""
        return not (_is_moment(self.start) and _is_moment(self.end))

    def to_url(self) -> str:
        """Write the normal form; ``parse_time_box`` reads it back as the same box."""
        return f"{self.start}..{self.end}"

    def resolve(self, now: datetime, zone: tzinfo = UTC) -> tuple[int, int]:
        """Give the start and the end in nanoseconds at this moment; the end is not part of the range."""
        return _resolve(self.start, 0, now, zone), _resolve(self.end, 1, now, zone)

    def frozen(self, now: datetime, zone: tzinfo = UTC) -> TimeBox:
        """Give the same range as of this moment, which stays where it is."""
        start_ns, end_ns = self.resolve(now, zone)
        return TimeBox(moment(start_ns), moment(end_ns))

    def step(self, steps: int, now: datetime, zone: tzinfo = UTC) -> TimeBox:
        """Go a range's width to the past (negative) or to the future, as a whole.

        A relative range stays relative and never goes past now; whole days stay whole days.
        """
        start_s, end_s = _seconds_ago(self.start), _seconds_ago(self.end)
        if start_s is not None and end_s is not None:
            width = start_s - end_s
            end_s = max(0, end_s - steps * width)
            return TimeBox(_ago_in_whole_units(end_s + width, self.start), _ago_in_whole_units(end_s, self.start))
        first = _days_back(self.start)
        last = 0 if self.end == "now" else _days_back(self.end)
        if first is not None and last is not None:
            width = first - last + 1
            last = max(0, last - steps * width)
            first = last + width - 1
            return TimeBox(day(first), "now" if last == 0 else day(last))
        return self._step_moments(steps, now, zone)

    def _step_moments(self, steps: int, now: datetime, zone: tzinfo) -> TimeBox:
        start_ns, end_ns = self.resolve(now, zone)
        if (days := _whole_days(start_ns, end_ns, zone)) is not None:  # a day is not always 24 hours long
            first, last = (ordinal + steps * (days[1] - days[0]) for ordinal in days)
            start_ns, end_ns = midnight_ns(first, zone), midnight_ns(last, zone)
        else:
            shift = steps * (end_ns - start_ns)
            start_ns, end_ns = clamp(start_ns + shift), clamp(end_ns + shift)
        return TimeBox(moment(start_ns), moment(end_ns)) if start_ns < end_ns else self

    def label(self, now: datetime, zone: tzinfo = UTC) -> str:
        """Say the range as a person would: "Last 1 hour", "Today", "14:00 – 15:00 · 23 Nov"."""
        if self.end == "now" and (found := _AGO.fullmatch(self.start)) and found[1]:
            return f"Last {_span(found)}"
        if (self.start, self.end) in (("today", "now"), ("today", "today")):
            return "Today"
        if self.start == self.end == "today-1d":
            return "Yesterday"
        start_ns, end_ns = self.resolve(now, zone)
        if days := _whole_days(start_ns, end_ns, zone):
            first, last = (_day_words(date.fromordinal(at), now, zone) for at in (days[0], days[1] - 1))
            return first if first == last else f"{first} – {last}"
        start, end = datetime_of(start_ns, zone), datetime_of(end_ns, zone)
        if not self._has_span() and start.date() == end.date() and self.end != "now":
            clocks = (_clock_words(ns, zone) for ns in (start_ns, end_ns))
            return f"{' – '.join(clocks)} · {_day_words(start, now, zone)}"
        return " – ".join(_end_words(text, ns, now, zone) for text, ns in ((self.start, start_ns), (self.end, end_ns)))

    def _has_span(self) -> bool:
        return any((found := _AGO.fullmatch(text)) and found[1] for text in (self.start, self.end))


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None and read_iso_ns(text, UTC) is not None


def _seconds_ago(text: str) -> int | None:
    found = _AGO.fullmatch(text)
    return int(found[1] or 0) * UNIT_S[found[2] or "s"] if found else None


def _days_back(text: str) -> int | None:
    found = _DAY.fullmatch(text)
    return int(found[1] or 0) if found else None


def _ago_in_whole_units(seconds: int, like: str) -> str:
    """Write a span in the unit of another where that is whole, else in the largest unit that is."""
    found = _AGO.fullmatch(like)
    preferred = (found[2] if found else None) or "s"
    unit = next(unit for unit in (preferred, "d", "h", "m", "s") if seconds % UNIT_S[unit] == 0)
    return ago(seconds // UNIT_S[unit], unit)


def _resolve(text: str, days_after: int, now: datetime, zone: tzinfo) -> int:
    if (seconds := _seconds_ago(text)) is not None:
        return clamp(nanoseconds_of(now) - seconds * SECOND_NS)
    if (back := _days_back(text)) is not None:
        return midnight_ns(now.astimezone(zone).date().toordinal() - back + days_after, zone)
    return read_iso_ns(text, UTC) or 0  # never None: checked when the box was made


def midnight_ns(ordinal: int, zone: tzinfo) -> int:
    """Give the moment at which a day, counted from the year 1, begins."""
    at = date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))
    return nanoseconds_of(datetime.combine(at, time(0), zone))


def _whole_days(start_ns: int, end_ns: int, zone: tzinfo) -> tuple[int, int] | None:
    """Give the first day and the day after the last one, if the range begins and ends at midnight."""
    days = (datetime_of(start_ns, zone).toordinal(), datetime_of(end_ns, zone).toordinal())
    is_whole = (midnight_ns(days[0], zone), midnight_ns(days[1], zone)) == (start_ns, end_ns)
    return days if is_whole and days[0] < days[1] else None


def _span(found: re.Match[str]) -> str:
    return f"{found[1]} {UNIT_NAMES[found[2]]}{'' if found[1] == '1' else 's'}"


def _end_words(text: str, ns: int, now: datetime, zone: tzinfo) -> str:
    if text == "now":
        return "now"
    if found := _AGO.fullmatch(text):
        return f"{_span(found)} ago"
    return f"{_day_words(datetime_of(ns, zone), now, zone)} {_clock_words(ns, zone)}"


def _day_words(at: date, now: datetime, zone: tzinfo) -> str:
    year = "" if at.year == now.astimezone(zone).year else f" {at.year}"
    return f"{at.day} {MONTHS[at.month - 1]}{year}"


def _clock_words(ns: int, zone: tzinfo) -> str:
    at = datetime_of(ns, zone)
    milliseconds = f".{at.microsecond // 1000:03d}" if at.microsecond >= 1000 else ""
    return f"{at:%H:%M:%S}{milliseconds}" if at.second or milliseconds else f"{at:%H:%M}"
