"""What answers cost."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.store.store import Answer


@dataclass(frozen=True, slots=True)
class Stats:
    """What an answer cost; the sum, if it took several queries."""

    elapsed_ms: float = 0.0
    rows_read: int = 0
    bytes_read: int = 0

    def plus(self, answer: Answer) -> Stats:
        """Return the sum with the cost of one more answer."""
        return Stats(
            self.elapsed_ms + answer.elapsed_ms,
            self.rows_read + answer.rows_read,
            self.bytes_read + answer.bytes_read,
        )
