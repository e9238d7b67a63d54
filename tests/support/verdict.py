"""What a load left in ClickHouse, compared with what its clients were told: each row once, each rollup right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from clickhouse_driver import Client

from tests.support.attributes import Counts, attributes, attributes_of_rows, within
from tests.support.load import Sent, Window


@dataclass(slots=True)
class Verdict:
    """What became of the requests of a load.

    Attributes:
        lost: rows that were acknowledged and are not there.
        doubled: rows that are there more than once.
        differences: rollup rows that disagree with the table.
        faults: everything that must not be, in words.
    """

    acknowledged: int = 0
    retries: int = 0
    lost: int = 0
    doubled: int = 0
    differences: int = 0
    faults: list[str] = field(default_factory=list)


def judge(url: str, sent: Iterable[Sent], window: Window) -> Verdict:
    """Compare the requests of a load with the rows and rollups of its window."""
    verdict = Verdict()
    with Client.from_url(url) as client:
        _judge_rows(client, sent, window.hours, verdict)
        _judge_rollups(client, window.hours, verdict)
    return verdict


def _judge_rows(client: Client, sent: Iterable[Sent], hours: tuple[int, ...], verdict: Verdict) -> None:
    found = {
        marker: (rows, distinct)
        for marker, rows, distinct in client.execute(
            "SELECT attributes['request'] AS request, count(), uniqExact(attributes['row']) FROM logs"
            f" WHERE {within('timestamp', hours)} GROUP BY request SETTINGS optimize_use_projections = 0"
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


def minutes(client: Client, hours: tuple[int, ...], *, projection: bool) -> Counts:
    """Return the counts and sizes by minute, from the projection alone or from the rows alone."""
    settings = {"optimize_use_projections": int(projection), "force_optimize_projection": int(projection)}
    found = client.execute(
        "SELECT project_id, toStartOfMinute(timestamp) AS minute, service_name, severity_text, count(),"
        f" sum(size_bytes) FROM logs WHERE {within('toStartOfMinute(timestamp)', hours)}"
        " GROUP BY project_id, minute, service_name, severity_text",
        settings=settings,
    )
    return {(*row[:4], measure): row[place] for row in found for place, measure in ((4, "rows"), (5, "bytes"))}
