"""A number over time as small bars, for the cell of a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

HEIGHT = 20.0
LEAST = 1.5  # a single row beside a million is still seen


def trend(counts: Sequence[int], unread: Collection[int] = ()) -> str:
    """Return the path of a bar for each bucket, scaled to the highest, in a box as wide as there are buckets.

    Args:
        unread: buckets that were not counted. Those that were stand for them: they have the height of the one before.
    """
    highest = max(counts, default=0)
    drawn, height = [], 0.0
    for at, count in enumerate(counts):
        if at not in unread:
            height = max(count / highest * HEIGHT, LEAST) if count else 0.0
        if height:
            drawn.append(f"M{at} {HEIGHT:.0f}v-{height:.1f}h.8V{HEIGHT:.0f}z")
    return "".join(drawn)
