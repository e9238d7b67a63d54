"""A part of a time range that stands for all of it."""

from __future__ import annotations

from webapp.queries.logic import any_of
from webapp.queries.parameters import Parameters
from webapp.queries.scope import TimeRange

# Each is read from its own blocks: more of them read more for nothing, fewer see less of the day.
SLICES = 16


def slices(time: TimeRange, fraction: float, parts: int = SLICES) -> list[tuple[int, int]]:
    """Return half-open stretches that are so much of a range together, evenly spread: the middle of each of its parts.

    A range of a few nanoseconds may have none.
    """
    length = time.stop_ns - time.first_ns
    taken = int(length / parts * fraction)
    middles = (time.first_ns + (2 * part + 1) * length // (2 * parts) for part in range(parts))
    return [(middle - taken // 2, middle - taken // 2 + taken) for middle in middles if taken]


def within(stretches: list[tuple[int, int]], parameters: Parameters) -> str:
    """Return the condition that a row lies in one of the stretches."""
    return any_of(
        f"(timestamp >= {parameters.moment(first)} AND timestamp < {parameters.moment(stop)})"
        for first, stop in stretches
    )
