"""Memory and CPU time of the web processes, read from the kernel."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat, counted from the one after the name.
_PARENT, _USER_TICKS, _SYSTEM_TICKS, _RESIDENT_PAGES = 1, 11, 12, 21


@dataclass(frozen=True, slots=True)
class Usage:
    """What some processes use together. The CPU time is that of the living: it falls when one ends."""

    processes: int
    resident_bytes: int
    cpu_s: float


def usage_of_siblings() -> Usage:
    """Return what this process and its siblings use: with gunicorn, all web processes of one server."""
    parent = os.getppid()
    found = [fields for fields in map(_read, Path("/proc").glob("[0-9]*/stat")) if fields and fields[_PARENT] == parent]
    return Usage(
        len(found),
        sum(fields[_RESIDENT_PAGES] for fields in found) * _PAGE_BYTES,
        sum(fields[_USER_TICKS] + fields[_SYSTEM_TICKS] for fields in found) / _TICKS,
    )


def _read(file: Path) -> list[int]:
    """Return the numbers of a process; nothing if it has ended meanwhile."""
    with contextlib.suppress(OSError, ValueError):
        state, *numbers = file.read_text(errors="replace").rpartition(")")[2].split()
        return [0, *map(int, numbers[:_RESIDENT_PAGES])] if state != "Z" else []
    return []
