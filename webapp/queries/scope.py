"""What every question is asked about: a project, a time range, a filter."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.language.tree import And, Node

SECOND_NS = 1_000_000_000
# The last whole minute of a DateTime, in 2106: counts by minute end there, so everything does.
END_OF_TIME_NS = 2**32 // 60 * 60 * SECOND_NS


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From ``start_ns`` up to ``end_ns``, in nanoseconds since 1970; the end itself belongs to it if inclusive."""

    start_ns: int
    end_ns: int
    end_inclusive: bool = False

    @property
    def first_ns(self) -> int:
        """The first moment of the range, at the earliest 1970."""
        return min(max(self.start_ns, 0), END_OF_TIME_NS)

    @property
    def stop_ns(self) -> int:
        """The moment after the last one in the range: the half-open form of both kinds of end."""
        return min(max(self.end_ns + self.end_inclusive, self.first_ns), END_OF_TIME_NS)

    @property
    def before(self) -> TimeRange:
        """The range of the same length that ends where this one begins; of one near 1970, what there is of it."""
        return TimeRange(2 * self.first_ns - self.stop_ns, self.first_ns)


@dataclass(frozen=True, slots=True)
class Scope:
    """The logs of one project in a time range that match the filter; nothing is asked without all three."""

    project_id: int
    time: TimeRange
    where: Node = And(())
