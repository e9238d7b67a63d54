"""Logs that ClickHouse never finishes reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def endless_before(settings: Settings, moment_ns: int) -> Iterator[Settings]:
    """Yield settings of an instance in which questions about rows before a moment have no end."""
    source = database_of(settings.clickhouse_url)
    name = f"{source}_slow"
    with Client.from_url(settings.clickhouse_url) as owner:
        owner.execute(f"CREATE DATABASE {name} ENGINE = Atomic")
        try:
            owner.execute(VIEW.format(name=name, source=source, moment=moment_ns))
            reader_url = f"{settings.clickhouse_reader_url.rpartition('/')[0]}/{name}"
            yield replace(settings, clickhouse_reader_url=reader_url)
        finally:
            owner.execute(f"DROP DATABASE {name} SYNC")
