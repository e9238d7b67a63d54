"""Where keys and values are found: counted by the hour in ``logs_attributes``, and in the rows that came after that.

Both are asked about whole hours, because the counts know nothing finer; so the two add up.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.queries.attribute_counts import keys_of
from webapp.queries.base import TABLE, key_condition
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.scope import END_OF_TIME_NS, SECOND_NS, TimeRange

MAPS = {"log": "attributes", "resource": "resource_attributes"}
HOUR_NS = 3600 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Uncounted:
    """The rows that arrived after a moment: those that the counts lack, as many of them as are worth reading."""

    after_ns: int
    most_rows: int


def whole_hours(time: TimeRange) -> TimeRange:
    """Return the hours that a range touches."""
    stop_ns = -(-time.stop_ns // HOUR_NS) * HOUR_NS
    return TimeRange(time.first_ns // HOUR_NS * HOUR_NS, min(stop_ns, END_OF_TIME_NS))


def uncounted_rows(project_id: int, hours: TimeRange, uncounted: Uncounted) -> Query:
    """Ask for the number of rows that the counts lack; one more than are worth reading means that there are others."""
    parameters = Parameters()
    sql = (
        f"SELECT count() FROM (SELECT 1 FROM {TABLE} WHERE"
        f" {uncounted_condition(project_id, hours, uncounted, parameters)}"
        f" LIMIT {parameters.add(uncounted.most_rows + 1, 'UInt64')})"
    )
    return Query("uncounted_rows", sql, parameters.values, project_id)


def counted_condition(
    project_id: int, hours: TimeRange, kind: str, parameters: Parameters, *, keys_alone: bool = False
) -> str:
    """Return the condition for the counts of a kind of attribute: of each value, or of the keys alone."""
    counted = keys_of(_checked(kind)) if keys_alone else _checked(kind)
    first, stop = (parameters.add(ns // SECOND_NS, "UInt32") for ns in (hours.first_ns, hours.stop_ns))
    return (
        f"project_id = {parameters.add(project_id, 'UInt32')} AND kind = '{counted}'"
        f" AND hour >= toDateTime({first}, 'UTC') AND hour < toDateTime({stop}, 'UTC')"
    )


def uncounted_condition(project_id: int, hours: TimeRange, uncounted: Uncounted, parameters: Parameters) -> str:
    """Return the condition for the rows that the counts lack, whose blocks an index finds."""
    key = key_condition(project_id, hours.first_ns, hours.stop_ns, parameters)
    return f"{key} AND observed_timestamp > {parameters.moment(uncounted.after_ns)}"


def _checked(kind: str) -> str:
    if kind not in MAPS:
        raise ValueError(f"There are no attributes of the kind {kind!r}.")
    return kind
