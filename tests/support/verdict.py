"""What a load left in ClickHouse, compared with what its clients were told: each row once, each rollup right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from clickhouse_driver import Client

from tests.support.load import Sent, Window
from webapp.store.tables import Topology, create_views

Counts = dict[tuple[Any, ...], int]


@dataclass(slots=True)
class Verdict:
    """What became of the requests of a load.

    Attributes:
        lost: rows that were acknowledged and are not there.
        doubled: rows that are there more than once.
        differences: rollup rows that disagree with the table, of requests that were repeated until acknowledged.
        behind: the same of requests that nobody repeated, where the rollup counts less than the table: no promise
            was made about them.
        faults: everything that must not be, in words.
    """

    acknowledged: int = 0
    retries: int = 0
    lost: int = 0
    doubled: int = 0
    differences: int = 0
    behind: int = 0
    faults: list[str] = field(default_factory=list)


def judge(url: str, sent: Iterable[Sent], window: Window) -> Verdict:
    """Compare the requests of a load with the rows and rollups of its window."""
    verdict = Verdict()
    with Client.from_url(url) as client:
        _judge_rows(client, sent, window, verdict)
        _judge_rollups(client, window.hours(patient=True), verdict)
        _judge_forgotten(client, window.hours(patient=False), verdict)
    return verdict


def _judge_rows(client: Client, sent: Iterable[Sent], window: Window, verdict: Verdict) -> None:
    hours = (*window.hours(patient=True), *window.hours(patient=False))
    found = {
        marker: (rows, distinct)
        for marker, rows, distinct in client.execute(
            "SELECT attributes['request'] AS request, count(), uniqExact(attributes['row']) FROM logs"
            f" WHERE {_within('timestamp', hours)} GROUP BY request SETTINGS optimize_use_projections = 0"
        )
    }
    for request in sent:
        rows, distinct = found.pop(request.marker, (0, 0))
        verdict.acknowledged += request.acknowledged
        verdict.retries += request.attempts - 1
        verdict.doubled += rows - distinct
        if rows != distinct:
            verdict.faults.append(f"{request}: {rows} rows are there, of which only {distinct} differ")
        if request.acknowledged and distinct != request.rows:
            verdict.lost += request.rows - distinct
            verdict.faults.append(f"{request}: {distinct} rows are there")
    if found:
        verdict.faults.append(f"rows that nobody sent: {found}")


def _judge_rollups(client: Client, hours: tuple[int, ...], verdict: Verdict) -> None:
    for name, counted, true in (
        ("minutes", minutes(client, hours, projection=True), minutes(client, hours, projection=False)),
        ("attributes", attributes(client, hours), attributes_of_rows(client, hours)),
    ):
        for row in counted.keys() | true.keys():
            if counted.get(row) != true.get(row):
                verdict.differences += 1
                verdict.faults.append(f"{name} {row}: counted {counted.get(row)}, there are {true.get(row)}")


def _judge_forgotten(client: Client, hours: tuple[int, ...], verdict: Verdict) -> None:
    """Hold what nobody repeated to less: a rollup never counts more than there is."""
    counted, true = attributes(client, hours), attributes_of_rows(client, hours)
    for row in counted.keys() | true.keys():
        if counted.get(row, 0) > true.get(row, 0):
            verdict.differences += 1
            verdict.faults.append(f"attributes {row}: counted {counted[row]}, there are {true.get(row)}")
        verdict.behind += counted.get(row, 0) < true.get(row, 0)


def minutes(client: Client, hours: tuple[int, ...], *, projection: bool) -> Counts:
    """Return the counts and sizes by minute, from the projection alone or from the rows alone."""
    settings = {"optimize_use_projections": int(projection), "force_optimize_projection": int(projection)}
    found = client.execute(
        "SELECT project_id, toStartOfMinute(timestamp) AS minute, service_name, severity_text, count(),"
        f" sum(size_bytes) FROM logs WHERE {_within('toStartOfMinute(timestamp)', hours)}"
        " GROUP BY project_id, minute, service_name, severity_text",
        settings=settings,
    )
    return {(*row[:4], measure): row[place] for row in found for place, measure in ((4, "rows"), (5, "bytes"))}


def attributes(client: Client, hours: tuple[int, ...]) -> Counts:
    """Return what the table ``logs_attributes`` counts."""
    found = client.execute(
        "SELECT project_id, toString(kind), key, hour, value, expires_on, sum(n) FROM logs_attributes"
        f" WHERE {_within('hour', hours)} GROUP BY ALL"
    )
    return {tuple(row[:-1]): row[-1] for row in found}


def attributes_of_rows(client: Client, hours: tuple[int, ...]) -> Counts:
    """Return what it should count: what its views make of the rows that are there now."""
    counts: Counts = {}
    for view in create_views(Topology()):
        select = view.partition(" AS\n")[2]
        select = select.replace("FROM logs ", f"FROM (SELECT * FROM logs WHERE {_within('timestamp', hours)}) ")
        for row in client.execute(
            f"SELECT project_id, toString(kind), key, hour, value, expires_on, sum(n) FROM ({select}) GROUP BY ALL"
        ):
            counts[tuple(row[:-1])] = row[-1]
    return counts


def _within(column: str, hours: tuple[int, ...]) -> str:
    ranges = (f"{column} >= toDateTime({hour}) AND {column} < toDateTime({hour + 3600})" for hour in hours)
    return f"({' OR '.join(f'({part})' for part in ranges)})"
