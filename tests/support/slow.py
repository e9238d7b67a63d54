"""Logs that ClickHouse does not finish reading in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from clickhouse_driver import Client

from webapp.settings import Settings
from webapp.store.pool import database_of

# As many times each row as takes longer than any limit. Where there is none to repeat, there is an end at once.
VIEW = """
CREATE VIEW {name}.logs AS
SELECT * FROM {source}.logs WHERE timestamp >= fromUnixTimestamp64Nano({moment})
UNION ALL
SELECT l.* FROM numbers(1000000000000) AS n
CROSS JOIN (SELECT * FROM {source}.logs WHERE timestamp < fromUnixTimestamp64Nano({moment})) AS l
"""

# ClickHouse refuses at once to sleep for more than three seconds in a block, which is 10,000 rows here.
SLOW_BODIES = """
CREATE VIEW {name}.logs AS
SELECT * REPLACE (if(sleepEachRow(0.0003) = 0, body, '') AS body) FROM {source}.logs
"""


def endless_before(settings: Settings, moment_ns: int) -> AbstractContextManager[Settings]:
    """Yield settings of an instance in which questions about rows before a moment have no end."""
    return _seen_through(settings, VIEW.replace("{moment}", str(moment_ns)))


def slow_bodies(settings: Settings) -> AbstractContextManager[Settings]:
    """Yield settings of an instance in which questions about many bodies are not answered in time."""
    return _seen_through(settings, SLOW_BODIES)


@contextmanager
def _seen_through(settings: Settings, view: str) -> Iterator[Settings]:
    source = database_of(settings.clickhouse_url)
    name = f"{source}_slow"
    with Client.from_url(settings.clickhouse_url) as owner:
        owner.execute(f"CREATE DATABASE {name} ENGINE = Atomic")
        try:
            owner.execute(view.format(name=name, source=source))
            reader_url = f"{settings.clickhouse_reader_url.rpartition('/')[0]}/{name}"
            yield replace(settings, clickhouse_reader_url=reader_url)
        finally:
            owner.execute(f"DROP DATABASE {name} SYNC")
