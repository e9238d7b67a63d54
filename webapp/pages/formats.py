"""Numbers, sizes and durations as people read them."""

from __future__ import annotations

SIZES = ("B", "KB", "MB", "GB", "TB", "PB")
COMPACT = ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


def number(value: int) -> str:
    """``12431`` → ``12,431``."""
    return f"{value:,}"


def compact(value: int) -> str:
    """``12431`` → ``12.4k``: three figures at most, for legends and axes."""
    for unit, suffix in COMPACT:
        if value >= unit:
            scaled = value / unit
            return f"{scaled:.0f}{suffix}" if scaled >= 99.5 else f"{scaled:.3g}{suffix}"
    return str(value)


def size(value: int) -> str:
    """Bytes in decimal units: ``1300000000`` → ``1.3 GB``."""
    scaled, unit = float(value), 0
    while scaled >= 999.5 and unit < len(SIZES) - 1:
        scaled, unit = scaled / 1000, unit + 1
    return f"{scaled:.0f} {SIZES[unit]}" if unit == 0 or scaled >= 99.5 else f"{scaled:.2g} {SIZES[unit]}"


def duration(milliseconds: float) -> str:
    """``84.2`` → ``84 ms``, ``1240`` → ``1.2 s``."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 60_000 else f"{milliseconds / 60_000:.1f} min"


def interval(seconds: int) -> str:
    """A length of time in its largest whole unit: ``300`` → ``5 min``."""
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def percent(share: float) -> str:
    """``0.0421`` → ``4.2 %``: what is there is never 0, and what is not everything never 100."""
    shown = 100 * share
    if 0 < shown < 0.1:
        return "<0.1 %"
    if 99.9 < shown < 100:
        return ">99.9 %"
    return f"{shown:.0f} %" if shown in (0, 100) else f"{shown:.1f} %"
