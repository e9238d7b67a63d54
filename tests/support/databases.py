"""Databases of a ClickHouse server that tests borrow: a migrated one is emptied and lent again, not made anew."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clickhouse_driver import Client

from webapp.store.migrate import migrate
from webapp.store.tables import Topology

TABLES = "SELECT name, uuid, metadata_modification_time FROM system.tables WHERE database = %(database)s ORDER BY name"
# Parts that are not active any more are listed too: their table remembers the insertions.
FILLED = "SELECT DISTINCT table FROM system.parts WHERE database = %(database)s"

DONE = "schema_migrations"


def in_database(url: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return f"{url.rpartition('/')[0]}/{database}"


class Databases:
    """Makes databases whose names start with ``prefix``.

    Migrating takes half a second of CPU, and to copy all tables and drop them again 35 ms; to look at those of a test
    takes 5 ms, and 8 ms more to empty the one in which it has left rows.
    """

    def __init__(self, admin: Client, prefix: str, url: str) -> None:
        self.admin = admin
        self.prefix = prefix
        self.url = url
        self._numbers = itertools.count(1)
        self._migrated: list[str] = []  # the tables of one from which the others are copied
        self._made: dict[str, list[tuple[Any, ...]]] = {}  # which tables each has, and since when they are as they are
        self._waiting: list[str] = []

    @contextmanager
    def lend(self, *, migrated: bool) -> Iterator[str]:
        """Lend the name of a database without tables, or with all migrations applied and no row."""
        name = self._waiting.pop() if migrated and self._waiting else self._create()
        if migrated:
            self.migrate(name)
        yield name
        if name in self._made and self.clean(name):
            self._waiting.append(name)
        else:
            self.admin.execute(f"DROP DATABASE {name} SYNC")

    def migrate(self, name: str) -> None:
        """Give a database without tables those of the migrations."""
        if name in self._made:
            return
        template = f"{self.prefix}_migrated"
        if not self._migrated:
            migrate(in_database(self.url, template), Topology())
            self._migrated = [table for table, *_ in self._tables(template)]
        for table in self._migrated:
            self.admin.execute(f"CREATE TABLE {name}.{table} AS {template}.{table}")
        self.admin.execute(f"INSERT INTO {name}.{DONE} SELECT * FROM {template}.{DONE}")
        self._made[name] = self._tables(name)

    def _create(self) -> str:
        name = f"{self.prefix}_{next(self._numbers)}"
        self.admin.execute(f"CREATE DATABASE {name} ENGINE = Atomic")
        return name

    def clean(self, name: str) -> bool:
        """Take all rows away; return whether the tables are those that were lent."""
        for (table,) in self.admin.execute(FILLED, {"database": name}):
            if table != DONE:
                self.admin.execute(f"TRUNCATE TABLE {name}.{table} SYNC")
        return self._tables(name) == self._made[name]

    def _tables(self, name: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.admin.execute(TABLES, {"database": name})
        return found
