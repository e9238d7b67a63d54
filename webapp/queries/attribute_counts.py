"""Counting keys and values into ``logs_attributes``: every project's rows, in the order in which they arrived.

The table is what completion and facets read. It is filled by a job and not by a view on ``logs``: a view took half of
the time of an insertion of 2,000 rows, and a server killed between the table and its view left the counts behind.
"""

from __future__ import annotations

from webapp.queries.base import TABLE
from webapp.queries.parameters import Parameters
from webapp.queries.query import Query
from webapp.queries.storage import ALL_PROJECTS

TARGET = "logs_attributes"

# What looks like an id is counted under the value '', or the table would be as large as the logs: more than 48 bytes,
# or a number or hash in hex (six hex digits in a row with a decimal digit anywhere: "succeeded" is six hex digits too).
LONGEST_VALUE = 48
# Of one step, which has a minute: five million take three seconds on a busy machine.
MOST_ATTRIBUTES = 25_000_000


def _is_no_id(text: str) -> str:
    return f"NOT (match({text}, '[0-9]') AND match({text}, '[0-9A-Fa-f]{{6}}'))"


def keys_of(kind: str) -> str:
    """Return the kind under which the keys of a kind are counted, whatever their values: ``log_key`` of ``log``."""
    return f"{kind}_key"


def is_kept(kind: str, text: str) -> str:
    """Return the condition that a value is counted under its own text; those of a resource are, if they are short."""
    fits = f"length({text}) <= {LONGEST_VALUE}"
    return fits if kind == "resource" else f"({fits} AND {_is_no_id(text)})"


# A resource repeats in nearly every row: equal maps are counted first and opened once. There are few of them, so their
# ids (pods, instances) are worth keeping; only long hashes are not.
_VALUES = f"""\
SELECT project_id, key, if({_is_no_id("text")}, text, '') AS value, rows, hour, expires_on
FROM (
  SELECT project_id, key, if(length(whole) <= {LONGEST_VALUE}, whole, '') AS text, toStartOfHour(timestamp) AS hour,
    count() AS rows, expires_on
  FROM {TABLE} ARRAY JOIN mapKeys(attributes) AS key, mapValues(attributes) AS whole
  WHERE [arrived]
  GROUP BY project_id, key, text, hour, expires_on
)"""
_RESOURCE_VALUES = f"""\
SELECT project_id, key, if(length(text) <= {LONGEST_VALUE}, text, '') AS value, rows, hour, expires_on
FROM (
  SELECT project_id, resource_attributes, toStartOfHour(timestamp) AS hour, count() AS rows, expires_on
  FROM {TABLE}
  WHERE [arrived]
  GROUP BY project_id, resource_attributes, hour, expires_on
) ARRAY JOIN mapKeys(resource_attributes) AS key, mapValues(resource_attributes) AS text"""


def _summed(values: str, kind: str) -> str:
    """Return the counts of values, and those of keys whatever their value: of a key with many values those are few."""
    return (
        f"SELECT project_id, if(grouping(value) = 0, '{kind}', '{keys_of(kind)}') AS kind, key, hour, value,"
        f" sum(rows) AS n, expires_on\nFROM ({values})\nGROUP BY GROUPING SETS"
        " ((project_id, key, hour, value, expires_on), (project_id, key, hour, expires_on))"
    )


_SETTINGS = {
    "max_threads": 1,  # whoever explores goes first
    "max_bytes_before_external_group_by": 256 * 1024**2,
    "max_bytes_before_external_sort": 256 * 1024**2,
    "use_query_condition_cache": 0,  # no window is asked for again
}


def next_arrivals(after_ns: int, settled_ns: int, most_rows: int, most_attributes: int = MOST_ATTRIBUTES) -> Query:
    """Ask for the rows that arrived after one moment and until another, as many as one step may count.

    That is at least what arrived first. The answer is their number, and the moment of the last of them in nanoseconds
    since 1970.
    """
    parameters = Parameters()
    arrived = (
        f"SELECT observed_timestamp, attributes.size0 AS size FROM {TABLE}"
        f" WHERE {_arrived(after_ns, settled_ns, parameters)}"
        f" ORDER BY observed_timestamp LIMIT {parameters.add(most_rows, 'UInt64')}"
    )
    # The sum up to a row includes all that arrived at the same moment, and so does a step.
    sql = (
        "SELECT count(), toUnixTimestamp64Nano(max(observed_timestamp)) FROM ("
        "SELECT observed_timestamp, min(observed_timestamp) OVER () AS first,"
        f" sum(size) OVER (ORDER BY observed_timestamp) AS attributes_so_far FROM ({arrived})"
        f") WHERE attributes_so_far <= {parameters.add(most_attributes, 'UInt64')} OR observed_timestamp = first"
    )
    return Query("next_arrivals", sql, parameters.values, ALL_PROJECTS, _SETTINGS)


def attribute_counts(after_ns: int, until_ns: int) -> Query:
    """Return the counts of the rows that arrived after one moment and until another."""
    parameters = Parameters()
    counts = f"{_summed(_VALUES, 'log')}\nUNION ALL\n{_summed(_RESOURCE_VALUES, 'resource')}"
    sql = counts.replace("[arrived]", _arrived(after_ns, until_ns, parameters))
    return Query("attribute_counts", sql, parameters.values, ALL_PROJECTS, _SETTINGS)


def count_attributes(after_ns: int, until_ns: int) -> Query:
    """Return the statement that adds these counts to the table.

    It is done again after a failure, under the same name, and then adds what is missing. So the counts come in an order
    of their own: the same rows are the same blocks.
    """
    counts = attribute_counts(after_ns, until_ns)
    columns = "project_id, kind, key, hour, value, n, expires_on"
    sql = (
        f"INSERT INTO {TARGET} ({columns}) SELECT {columns} FROM ({counts.sql})"
        " ORDER BY project_id, kind, toString(key), hour, value, expires_on"
    )
    return Query("count_attributes", sql, counts.params, ALL_PROJECTS, _SETTINGS)


def _arrived(after_ns: int, until_ns: int, parameters: Parameters) -> str:
    """Return the condition; the index on ``observed_timestamp`` leaves the blocks that hold something so new."""
    return f"observed_timestamp > {parameters.moment(after_ns)} AND observed_timestamp <= {parameters.moment(until_ns)}"
