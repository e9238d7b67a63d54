"""When an alert is checked: a grid of its own, hours in which it rests, and the windows that a check counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
MAX_BLOCKED_WINDOWS = 5
MIN_BLOCKED_MINUTES = 30
# Rows that are still on their way are waited for that long, not for ever: a project whose senders all died must fire
# its "below" alerts.
MAX_HELD_BACK = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Minutes of the day, ``0 <= start < end <= 1440``, in which nothing is checked; ``end`` is the first free one."""

    start: int
    end: int


class ScheduleError(ValueError):
    """A restriction that cannot be used. ``path`` leads to the part at fault, joined with ``__``."""

    def __init__(self, detail: str, path: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.path = path


def blocked_of(restriction: Mapping[str, Any] | None) -> tuple[Blocked, ...]:
    """Read ``{"blocked_windows": [{"start": "HH:MM", "end": "HH:MM"}]}``: in order, overlaps merged.

    A window whose end is not after its start crosses midnight.

    Raises:
        ScheduleError: the shape is another one, a window is too short, there are too many, or no minute is left.
    """
    if not restriction:
        return ()
    windows = restriction.get("blocked_windows") if isinstance(restriction, Mapping) else None
    if not isinstance(windows, list):
        raise ScheduleError('Must be {"blocked_windows": [{"start": "HH:MM", "end": "HH:MM"}]}.')
    if len(windows) > MAX_BLOCKED_WINDOWS:
        raise ScheduleError(f"At most {MAX_BLOCKED_WINDOWS} windows are allowed.", "blocked_windows")
    pieces: list[Blocked] = []
    for number, window in enumerate(windows):
        pieces += _pieces(window, f"blocked_windows__{number}")
    merged: list[Blocked] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if merged and piece.start <= merged[-1].end:
            merged[-1] = Blocked(merged[-1].start, max(merged[-1].end, piece.end))
        else:
            merged.append(piece)
    if merged == [Blocked(0, DAY_MINUTES)]:
        raise ScheduleError("Blocked windows may not cover the whole day.", "blocked_windows")
    return tuple(merged)


def next_allowed(moment: datetime, blocked: Iterable[Blocked], zone: ZoneInfo) -> datetime:
    """Return the moment itself, or the first minute after it that no blocked window holds, in UTC."""
    windows = tuple(blocked)
    # Each step leaves a window; where clocks are put back an hour a window can come twice.
    for _step in range(4 * len(windows) + 1):
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        held = next((window for window in windows if window.start <= minute < window.end), None)
        if held is None:
            break
        day = local.date() + timedelta(days=held.end // DAY_MINUTES)
        end = held.end % DAY_MINUTES
        wall = datetime.combine(day, time(end // 60, end % 60), tzinfo=zone)
        # A wall time that is skipped or already past, as clocks change, must not hold the search up.
        moment = max(wall.astimezone(UTC), _next_minute(moment))
    return moment.astimezone(UTC)


def offset_of(alert: UUID, interval_minutes: int) -> timedelta:
    """Return where in its interval an alert is checked: whole seconds, spread evenly over the alerts there are.

    Only the first third of a minute is used: windows end with a whole minute, and what is in them shall be told soon.
    """
    minute = alert.int % interval_minutes
    second = (alert.int // 60) % 20
    return timedelta(minutes=minute, seconds=second)


def next_slot(after: datetime, interval_minutes: int, offset: timedelta) -> datetime:
    """Return the first moment after ``after`` on the alert's grid: whole intervals since 1970 plus its offset."""
    interval = timedelta(minutes=interval_minutes)
    passed = (after - _EPOCH - offset) // interval
    return _EPOCH + offset + (passed + 1) * interval


def window_end(slot: datetime, ingested_until: datetime | None) -> datetime:
    """Return where the newest window ends: at the slot, or as far as rows have come in, if that is a little behind.

    It is a whole minute, the last one that is over: those ClickHouse has counted, alerts that are checked in the same
    minute share their windows, and the seconds up to the slot let rows arrive that are late.
    """
    held_back = ingested_until is not None and slot - MAX_HELD_BACK < ingested_until < slot
    end = ingested_until if held_back and ingested_until is not None else slot
    return end.replace(second=0, microsecond=0)


def windows_of(
    end: datetime, *, window_minutes: int, interval_minutes: int, periods: int
) -> list[tuple[datetime, datetime]]:
    """Return the half-open windows that a check counts, the newest first, each an interval before the next one."""
    length, step = timedelta(minutes=window_minutes), timedelta(minutes=interval_minutes)
    return [(end - number * step - length, end - number * step) for number in range(periods)]


def _pieces(window: Any, path: str) -> list[Blocked]:
    if not isinstance(window, Mapping):
        raise ScheduleError('Must be {"start": "HH:MM", "end": "HH:MM"}.', path)
    start, end = (_minute(window.get(name), f"{path}__{name}") for name in ("start", "end"))
    length = (end - start) % DAY_MINUTES
    if length < MIN_BLOCKED_MINUTES:
        raise ScheduleError(f"Must be at least {MIN_BLOCKED_MINUTES} minutes long.", path)
    if start < end:
        return [Blocked(start, end)]
    return [Blocked(start, DAY_MINUTES), *([Blocked(0, end)] if end else [])]


def _minute(value: Any, path: str) -> int:
    if isinstance(value, str) and len(value) == 5 and value[2] == ":" and value.isascii():
        hours, minutes = value[:2], value[3:]
        if hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60:
            return int(hours) * 60 + int(minutes)
    raise ScheduleError("Must be a time of day, from 00:00 to 23:59.", path)


def _next_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
