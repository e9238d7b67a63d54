"""Read what people type and paste into the time box: ``15m``, ``today``, ``14:00-15:00``, a timestamp of a log.

Here ``m`` is minutes, as people type it; the API's dates (moments.py) call minutes ``M`` and months ``m``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeAlias

from webapp.language.errors import TimeBoxError
from webapp.language.nanoseconds import EARLIEST_NS, LATEST_NS, SECOND_NS, datetime_of, nanoseconds_of
from webapp.language.ranges import UNIT_S, TimeBox, ago, day, midnight_ns, moment
from webapp.language.timestamps import ClockTime, read_clock, read_date, read_timestamp

__all__ = ["TimeBox", "TimeBoxError", "parse_time_box"]

MAX_CHARACTERS = 200
AROUND_NS = 5 * 60 * SECOND_NS  # what is shown on both sides of a single moment
OVERNIGHT_NS = 12 * 3600 * SECOND_NS  # 22:00-06:00 goes over midnight; 15:00-14:00 is a slip

ALLOWED = (
    "Write a span such as 15m or last 4h, today or yesterday, a time such as 14:02, a date such as 2026-11-23, "
    "a range such as 14:00-15:00, or paste a timestamp from a log."
)

_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "wk", "wks", "week", "weeks"),
}
_UNIT_BY_WORD = {word: unit for unit, words in _UNITS.items() for word in words}
_UNIT = "|".join(sorted(_UNIT_BY_WORD, key=len, reverse=True))
_PART = re.compile(rf"([0-9]{{1,6}}) ?({_UNIT})(?![a-z])")
_SPAN = re.compile(rf"(?:now ?-|-|last |past |previous )? ?(?P<parts>(?:{_PART.pattern} ?)+)(?: ?ago)?")
_LAST_ONE = re.compile(rf"(?:last|past|previous) (?P<unit>{_UNIT})")
_DAY = re.compile(r"today ?- ?([0-9]{1,6}) ?d(?:ays?)?")

# "14:00-15:00" is a range and not a time at the offset -15:00, which would come with seconds.
_CLOCK_RANGE = re.compile(r"(?P<start>.*(?<![0-9:])[0-9]{1,2}:[0-9]{2}) ?[-–—] ?(?P<end>[0-9]{1,2}:[0-9]{2})")
_SEPARATORS = ("..", " to ", " until ", "/", "–", "—", " - ", "-")

# What a piece of text can be: a relative end in normal form, a moment in nanoseconds, a time of day, a date.
_Place: TypeAlias = str | int | ClockTime | date


def parse_time_box(text: str, now: datetime, zone: tzinfo = UTC) -> TimeBox:
    """Read the text of the time box, which may also be the normal form of an address.

    Times without an offset are in the zone. A clock time alone is the last one that has passed; a single moment is
    shown with five minutes on both sides. Raises TimeBoxError.
    """
    if len(text) > MAX_CHARACTERS:
        raise TimeBoxError(f"A time range has {MAX_CHARACTERS} characters at most. {ALLOWED}")
    cleaned = " ".join(text.split()).strip("[]\"'`,;")
    reader = _Reader(now, zone)
    box = reader.read_clock_range(cleaned) or reader.read_single(cleaned) or reader.read_range(cleaned)
    if box is None:
        shown = cleaned if len(cleaned) <= 60 else f"{cleaned[:57]}…"
        raise TimeBoxError(f'"{shown}" is not a time range. {ALLOWED}')
    start_ns, end_ns = box.resolve(now, zone)
    if start_ns >= LATEST_NS or end_ns <= EARLIEST_NS:
        raise TimeBoxError("Logs have dates from 1970 to 2261.")
    # at midnight sharp "today" is still empty, without being wrong
    begins_now = start_ns == end_ns and box.end == "now" != box.start
    if start_ns >= end_ns and not begins_now:
        raise TimeBoxError(f'The start of "{cleaned}" is not before its end.')
    return box


@dataclass(frozen=True, slots=True)
class _Reader:
    now: datetime
    zone: tzinfo

    def read_clock_range(self, text: str) -> TimeBox | None:
        found = _CLOCK_RANGE.fullmatch(text)
        return self._between(found["start"], found["end"]) if found else None

    def read_single(self, text: str) -> TimeBox | None:
        match self._place(text):
            case "now" | None:
                return None
            case "today":
                return TimeBox("today", "now")
            case str(relative):
                return TimeBox(relative, "now" if relative.startswith("now") else relative)
            case int(at):
                return TimeBox(moment(at - AROUND_NS), moment(at + AROUND_NS))
            case ClockTime() as clock:
                at = self._last(clock)
                return TimeBox(moment(at - AROUND_NS), moment(at + AROUND_NS))
            case date() as whole_day:
                return TimeBox(self._midnight(whole_day, 0), self._midnight(whole_day, 1))

    def read_range(self, text: str) -> TimeBox | None:
        """Try every place where the text could be cut in two."""
        folded = text.lower()
        for separator in _SEPARATORS:
            at = folded.find(separator)
            while at >= 0:
                if box := self._between(text[:at], text[at + len(separator) :]):
                    return box
                at = folded.find(separator, at + 1)
        return None

    def _between(self, start_text: str, end_text: str) -> TimeBox | None:
        start, end = self._place(start_text.strip()), self._place(end_text.strip())
        if start is None or end is None:
            return None
        if isinstance(start, ClockTime):
            start = self._last(start)
        if isinstance(end, ClockTime):
            end = self._clock_after(start, end)
        return TimeBox(self._normal(start, 0), self._normal(end, 1))

    def _place(self, text: str) -> _Place | None:
        if relative := _read_relative(text.lower()):
            return relative
        if (at := read_timestamp(text, self.now, self.zone)) is not None:
            return at
        return read_clock(text) or read_date(text, self.now, self.zone)

    def _last(self, clock: ClockTime) -> int:
        """Give the last moment with this time of day that is not in the future."""
        today = self.now.astimezone(self.zone).date()
        at = clock.on(today, self.zone)
        return at if at <= nanoseconds_of(self.now) else clock.on(today - timedelta(days=1), self.zone)

    def _clock_after(self, start: str | int | date, clock: ClockTime) -> int:
        """Give the moment that a time of day means behind a start: that day, or over midnight the next morning."""
        if isinstance(start, str):
            return self._last(clock)
        start_day = start if isinstance(start, date) else datetime_of(start, self.zone).date()
        at = clock.on(start_day, self.zone)
        if isinstance(start, int) and at <= start:
            next_morning = clock.on(start_day + timedelta(days=1), self.zone)
            return next_morning if next_morning - start <= OVERNIGHT_NS else at
        return at

    def _normal(self, place: str | int | date, days_after: int) -> str:
        if isinstance(place, str):
            return place
        return moment(place) if isinstance(place, int) else self._midnight(place, days_after)

    def _midnight(self, whole_day: date, days_after: int) -> str:
        return moment(midnight_ns(whole_day.toordinal() + days_after, self.zone))


def _read_relative(text: str) -> str | None:
    """Read ``now``, a day or a span as an end in normal form."""
    if text in ("now", "today"):
        return text
    if text == "yesterday":
        return day(1)
    if found := _DAY.fullmatch(text):
        return day(int(found[1]))
    if found := _LAST_ONE.fullmatch(text):
        return ago(1, _UNIT_BY_WORD[found["unit"]])
    if found := _SPAN.fullmatch(text):
        parts = [(int(number), _UNIT_BY_WORD[unit]) for number, unit in _PART.findall(found["parts"])]
        if len(parts) == 1:
            return ago(*parts[0])
        seconds = sum(number * UNIT_S[unit] for number, unit in parts)
        smallest = min((unit for _, unit in parts), key=UNIT_S.__getitem__)
        return ago(seconds // UNIT_S[smallest], smallest)
    return None
