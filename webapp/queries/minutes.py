"""Counts by minute: which filters they can answer, and how a range splits into whole minutes and ragged edges.

The table ``logs`` carries a projection that counts rows and bytes by project, minute, service and level. ClickHouse
reads it instead of the rows if a statement asks for nothing finer, in the form below; the seconds before the first and
after the last whole minute are counted from the rows. A projection is a part of the part that it counts, so the sums
agree with the rows exactly, whatever happened during an insert.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.language.tree import LEVEL, SERVICE, Node
from webapp.queries.base import rows_condition
from webapp.queries.filters import condition, fields_of
from webapp.queries.parameters import Parameters
from webapp.queries.scope import SECOND_NS, Scope, TimeRange

MINUTE_S = 60
_MINUTE_NS = MINUTE_S * SECOND_NS

_MINUTE = "toStartOfMinute(timestamp)"
_SECOND_OF_MINUTE = f"toUnixTimestamp({_MINUTE})"
_SECOND_OF_ROW = f"intDiv(toUnixTimestamp64Nano(timestamp), {SECOND_NS})"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A condition for a stretch of the scope, and the expression that tells its rows' second since 1970."""

    condition: str
    second: str


def answerable(where: Node) -> bool:
    """Whether counts by minute know everything that the filter looks at."""
    return fields_of(where) <= {LEVEL, SERVICE}


def stretches(scope: Scope, parameters: Parameters, *, by_minute: bool) -> list[Stretch]:
    """Split a scope into stretches that hold each of its rows once, to be counted and added up."""
    first_ns, stop_ns = scope.time.first_ns, scope.time.stop_ns
    minutes = whole_minutes(scope.time) if by_minute and answerable(scope.where) else None
    if minutes is None:
        return [_rows(scope, first_ns, stop_ns, parameters)]
    from_s, to_s = minutes
    edges = ((first_ns, from_s * SECOND_NS), (to_s * SECOND_NS, stop_ns))
    ragged = [_rows(scope, start, stop, parameters) for start, stop in edges if start < stop]
    return [_minutes(scope, from_s, to_s, parameters), *ragged]


def whole_minutes(time: TimeRange) -> tuple[int, int] | None:
    """Return the seconds from which and up to which a range consists of whole minutes, if it holds any."""
    from_s = -(-time.first_ns // _MINUTE_NS) * MINUTE_S
    to_s = time.stop_ns // _MINUTE_NS * MINUTE_S
    return (from_s, to_s) if from_s < to_s else None


def _rows(scope: Scope, first_ns: int, stop_ns: int, parameters: Parameters) -> Stretch:
    return Stretch(rows_condition(scope, first_ns, stop_ns, parameters), _SECOND_OF_ROW)


def _minutes(scope: Scope, from_s: int, to_s: int, parameters: Parameters) -> Stretch:
    # No condition on timestamp itself: the projection does not have it, and would not be used.
    key = (
        f"project_id = {parameters.add(scope.project_id, 'UInt32')}"
        f" AND {_MINUTE} >= toDateTime({parameters.add(from_s, 'UInt32')}, 'UTC')"
        f" AND {_MINUTE} < toDateTime({parameters.add(to_s, 'UInt32')}, 'UTC')"
    )
    return Stretch(f"{key} AND {condition(scope.where, parameters)}", _SECOND_OF_MINUTE)
