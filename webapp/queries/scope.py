"""What every question is asked about: a project, a time range, a filter."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.language.tree import And, Node

# A timestamp is a signed 64-bit count of nanoseconds since 1970, so it ends in April 2262.
LAST_NS = 2**63 - 1
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From ``start_ns`` up to ``end_ns``, in nanoseconds since 1970; the end itself belongs to it if inclusive."""

    start_ns: int
    end_ns: int
    end_inclusive: bool = False

    @property
    def first_ns(self) -> int:
        """The first moment in the range that a row can have."""
        return min(max(self.start_ns, 0), LAST_NS)

    @property
    def stop_ns(self) -> int:
        """The moment after the last one in the range: the half-open form of both kinds of end."""
        return min(max(self.end_ns + self.end_inclusive, self.first_ns), LAST_NS)


@dataclass(frozen=True, slots=True)
class Scope:
    """The logs of one project in a time range that match the filter; nothing is asked without all three."""

    project_id: int
    time: TimeRange
    where: Node = And(())
