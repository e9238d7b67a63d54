"""How far a search looks at a time, so that it has something to show before its time is over."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_S = 1.0  # ClickHouse takes no shorter limit
END_OF_RANGE_NS = 2**63
# The next window is expected to take half of what is left, for rows do not lie evenly.
SHARE = 0.5


@dataclass(slots=True)
class Pace:
    """The time of a search: ``budget_s`` from its begin, and how fast it was in its last window.

    Moments are seconds of any clock that does not jump, and come from the caller.
    """

    budget_s: float
    started_at: float
    _ns_per_s: float = 0.0

    def left_s(self, now: float) -> float:
        """Return what is left of the budget."""
        return self.started_at + self.budget_s - now

    def is_over(self, now: float) -> bool:
        """Whether no other window is worth a try."""
        return self.left_s(now) < LEAST_S

    def note(self, length_ns: int, took_s: float) -> None:
        """Note how long the search of a window took."""
        self._ns_per_s = length_ns / max(took_s, 1e-3)

    def longest_ns(self, now: float) -> int:
        """Return how long the next window may be."""
        return int(min(self._ns_per_s * max(self.left_s(now), 0) * SHARE, END_OF_RANGE_NS))
