"""Rows in the order in which they arrived: what a live tail has not shown yet."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.queries.base import TABLE, scope_condition
from webapp.queries.cursor import Cursor
from webapp.queries.custom_columns import CustomColumn
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.rows import select_list
from webapp.queries.scope import Scope


def arrivals(
    scope: Scope,
    *,
    since_ns: int,
    latest_first: bool,
    limit: int,
    after: Cursor | None = None,
    with_attributes: bool = True,
    custom: Sequence[CustomColumn] = (),
    one_in: int = 1,
) -> Query:
    """Ask for the first rows of the scope that were observed at a moment or later, or for a part of them.

    They are chosen in the order (observed_timestamp, uuid), in which nothing can be overtaken, and come in the order
    (timestamp, uuid); the last column is a row's place in the former. A cursor here is a place in that order, too. The
    index on ``observed_timestamp`` leaves the blocks that hold something so new.

    Args:
        one_in: how many rows are there for each that is wanted. Which ones is decided by their uuids, so that it is as
            good as chance, and the same ones the next time; those of 8 are among those of 4.
    """
    parameters = Parameters()
    conditions = [scope_condition(scope, parameters)]
    conditions.append(f"observed_timestamp >= {parameters.moment(max(since_ns, after.timestamp_ns if after else 0))}")
    if after is not None:
        place = f"({parameters.moment(after.timestamp_ns)}, {parameters.add(str(after.uuid), 'UUID')})"
        conditions.append(f"(observed_timestamp, uuid) > {place}")
    if one_in > 1:
        conditions.append(f"cityHash64(uuid) % {parameters.add(one_in, 'UInt64')} = 0")
    direction = "DESC" if latest_first else "ASC"
    sql = (
        f"SELECT {select_list(parameters, with_attributes, custom)},"
        " row_number() OVER (ORDER BY observed_timestamp, uuid) AS place FROM ("
        f"SELECT * FROM {TABLE} WHERE {' AND '.join(conditions)}"
        f" ORDER BY observed_timestamp, uuid LIMIT {parameters.add(limit, 'UInt64')}"
        f") ORDER BY timestamp {direction}, uuid {direction}"
    )
    return Query("arrivals", sql, parameters.values, scope.project_id)


def arrival_counts(scope: Scope, *, since_ns: int, settled_ns: int) -> Query:
    """Ask how many rows were observed at a moment or later, and how many of them before another."""
    parameters = Parameters()
    settled = f"countIf(observed_timestamp < {parameters.moment(settled_ns)})"
    conditions = f"{scope_condition(scope, parameters)} AND observed_timestamp >= {parameters.moment(since_ns)}"
    sql = f"SELECT count(), {settled} FROM {TABLE} WHERE {conditions}"
    return Query("arrival_counts", sql, parameters.values, scope.project_id)
