"""How many rows in each interval have which value of a field: the most frequent values, all others, and none at all."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.language.tree import Field, Match, Operator
from webapp.queries.base import TABLE
from webapp.queries.facets import COUNTED
from webapp.queries.filters import condition
from webapp.queries.groups import value_of
from webapp.queries.histogram import Grid
from webapp.queries.minutes import MINUTE_S, stretches
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.sampling import slices, within
from webapp.queries.scope import SECOND_NS, Scope, TimeRange

NAMED = 5  # as many as can be told apart by their colours
UNSET, OTHER = 0, NAMED + 1  # the places of rows that lack the field, and of all other values


def breakdown(
    scope: Scope, grid: Grid, field: Field, *, named: Sequence[str] | None = None, fraction: float = 1.0
) -> Query:
    """Ask for (bucket, place, value, rows) where rows is not 0; the buckets are numbered from 0.

    The values have the places from 1 on, those with most rows in the whole range first, then by their text. All rows of
    a bucket have a place, so that they add up to the histogram. Values in the places ``UNSET`` and ``OTHER`` say
    nothing.

    Args:
        named: give the places to these values instead.
        fraction: read only so much of the time of each bucket; for fields that the counts by minute do not know.
    """
    parameters = Parameters()
    start, interval = parameters.add(grid.start_s, "Int64"), parameters.add(grid.interval_s, "Int64")
    value = f"if({condition(Match(field, Operator.EXISTS, ()), parameters)}, {value_of(field, parameters)}, NULL)"
    read = f" AND {within(_parts(scope.time, grid, fraction), parameters)}" if fraction < 1 else ""
    by_minute = grid.interval_s % MINUTE_S == 0 and field in COUNTED
    counts = " UNION ALL ".join(
        f"SELECT intDiv({part.second} - {start}, {interval}) AS bucket, {value} AS value, count() AS n"
        f" FROM {TABLE} WHERE {part.condition}{read} GROUP BY bucket, value"
        for part in stretches(scope, parameters, by_minute=by_minute)
    )
    if named is None:
        counts = (
            "SELECT bucket, value, sum(n) AS n, sum(n) OVER (PARTITION BY value) AS total"
            f" FROM ({counts}) GROUP BY bucket, value"
        )
        rank = "dense_rank() OVER (PARTITION BY isNull(value) ORDER BY total DESC, value)"
    else:
        rank = f"coalesce(nullIf(indexOf({parameters.texts(list(named))}, value), 0), {OTHER})"
    placed = f"SELECT bucket, value, n, if(isNull(value), {UNSET}, least({rank}, {OTHER})) AS place FROM ({counts})"
    sql = (
        f"SELECT bucket, place, any(coalesce(value, '')), sum(n) FROM ({placed})"
        " GROUP BY bucket, place ORDER BY bucket, place"
    )
    return Query("breakdown", sql, parameters.values, scope.project_id)


def _parts(time: TimeRange, grid: Grid, fraction: float) -> list[tuple[int, int]]:
    """Return the middle of each bucket, as far as it lies in the range."""
    starts = ((grid.start_s + bucket * grid.interval_s) * SECOND_NS for bucket in range(grid.buckets))
    buckets = (
        TimeRange(max(start, time.first_ns), min(start + grid.interval_s * SECOND_NS, time.stop_ns)) for start in starts
    )
    return [part for bucket in buckets for part in slices(bucket, fraction, 1)]
