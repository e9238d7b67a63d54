"""Brings a database to the newest schema.

There is no lock, because ClickHouse has none that outlives a killed process for the right time. Instead every statement
of a migration may run again, and at the same time as itself; a migration is recorded after its last statement. So a
migration that was killed half way is done again, and of several processes each does all that is not yet recorded.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

import structlog
from clickhouse_driver import Client
from clickhouse_driver import errors as driver

from webapp.store.errors import StoreSetupError
from webapp.store.migrations import MIGRATIONS
from webapp.store.pool import connect, database_of, disconnect
from webapp.store.tables import Topology

log = structlog.get_logger(__name__)

# The settings that look up pieces of words are of this version, and no older one was tried.
OLDEST_SERVER = (26, 9)
STATEMENT_TIMEOUT_S = 600
# Two processes at the same statement: the loser finds its work done when it looks again.
_RACES = {
    driver.ErrorCodes.TABLE_ALREADY_EXISTS,
    driver.ErrorCodes.DATABASE_ALREADY_EXISTS,
    driver.ErrorCodes.TABLE_METADATA_ALREADY_EXISTS,
    driver.ErrorCodes.DIRECTORY_ALREADY_EXISTS,
    driver.ErrorCodes.DDL_GUARD_IS_ACTIVE,
    517,  # CANNOT_ASSIGN_ALTER
}
_ATTEMPTS = 5


class Migration(Protocol):
    """A module of ``webapp.store.migrations``."""

    VERSION: int
    NAME: str

    def statements(self, topology: Topology) -> list[str]:
        """Return the statements of this migration, each of which may run again."""


def migrate(url: str, topology: Topology, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Create the database where it is missing, and apply what its table ``schema_migrations`` does not record.

    Raises:
        StoreSetupError: the server is too old, or the tables were made by a newer Hedgerow.
    """
    require_version(_server_version(url, topology))
    client = connect(url, socket_timeout_s=STATEMENT_TIMEOUT_S)
    try:
        _run(client, journal(topology))
        applied = {version for (version,) in client.execute("SELECT DISTINCT version FROM schema_migrations")}
        newest = max(migration.VERSION for migration in migrations)
        if max(applied, default=0) > newest:
            raise StoreSetupError(
                f"The tables in ClickHouse are of version {max(applied)}, made by a newer Hedgerow; this one knows "
                f"version {newest}. Start the newer Hedgerow."
            )
        for migration in migrations:
            if migration.VERSION not in applied:
                for statement in migration.statements(topology):
                    _run(client, statement)
                client.execute(
                    "INSERT INTO schema_migrations (version, name) VALUES", [(migration.VERSION, migration.NAME)]
                )
                log.info("migrated", database=database_of(url), version=migration.VERSION, name=migration.NAME)
    finally:
        disconnect(client)


def require_version(version: tuple[int, int, int]) -> None:
    """Refuse a server that is too old.

    Raises:
        StoreSetupError: it says which version the server has and which it needs.
    """
    if version[:2] < OLDEST_SERVER:
        has, needs = ".".join(map(str, version)), ".".join(map(str, OLDEST_SERVER))
        raise StoreSetupError(f"The ClickHouse server is version {has}, but Hedgerow needs {needs} or newer.")


def _server_version(url: str, topology: Topology) -> tuple[int, int, int]:
    """Return the server's version, and leave it with the database of the address."""
    client = connect(url, socket_timeout_s=STATEMENT_TIMEOUT_S)
    try:
        client.execute("SELECT 1")
    except driver.ServerException as error:
        if error.code != driver.ErrorCodes.UNKNOWN_DATABASE:
            raise
        disconnect(client)
        client = connect(url, socket_timeout_s=STATEMENT_TIMEOUT_S, database="system")
        name = "`" + database_of(url).replace("\\", "\\\\").replace("`", "\\`") + "`"
        _run(client, f"CREATE DATABASE IF NOT EXISTS {name}{topology.on_cluster} ENGINE = Atomic")
    try:
        version: tuple[int, int, int] = client.connection.server_info.version_tuple()
        return version
    finally:
        disconnect(client)


def journal(topology: Topology) -> str:
    """Return the statement that creates the table of applied migrations."""
    engine = "ReplacingMergeTree"
    if topology.cluster:  # one journal for all shards
        engine = f"Replicated{engine}('/clickhouse/tables/all/{{database}}/{{table}}', '{{shard}}-{{replica}}')"
    return (
        f"CREATE TABLE IF NOT EXISTS schema_migrations{topology.on_cluster} (\n"
        "  version UInt32,\n  name String,\n  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)\n"
        f")\nENGINE = {engine}\nORDER BY version"
    )


def _run(client: Client, statement: str) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            client.execute(statement)
            return
        except driver.ServerException as error:
            if error.code not in _RACES or attempt == _ATTEMPTS:
                raise
            time.sleep(0.1 * attempt)
