"""The search for a page in growing windows, from the end of the range where its rows are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from webapp.queries.scope import SECOND_NS, TimeRange

# A list reads a block of each part that it opens, so a month opens more than a day does; a window that finds nothing
# costs 7 ms. Two windows cover the week, three the month. A day may be too much to read within the time of a search:
# then it begins anew with an hour.
DAY_NS = 24 * 3600 * SECOND_NS
FIRST_NS = 3600 * SECOND_NS
GROWTH = 10


def windows(
    time: TimeRange,
    *,
    latest_first: bool,
    first_ns: int = FIRST_NS,
    longest_ns: Callable[[], int] | None = None,
) -> Iterator[TimeRange]:
    """Split a range into half-open windows, each longer than the one before; together they are the range.

    Args:
        first_ns: length of the first of them.
        longest_ns: says before each window but the first how long it may be; none is shorter than ``FIRST_NS``.
    """
    length = first_ns
    first, stop = time.first_ns, time.stop_ns
    while first < stop:
        if longest_ns is not None and length > first_ns:
            length = max(FIRST_NS, min(length, longest_ns()))
        # What would be left for a last, smaller window is not worth a query of its own.
        length = stop - first if stop - first <= 2 * length else length
        if latest_first:
            yield TimeRange(stop - length, stop)
            stop -= length
        else:
            yield TimeRange(first, first + length)
            first += length
        length *= GROWTH
