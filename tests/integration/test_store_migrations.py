"""Migrations: idempotent, safe side by side, resumable, and picky about the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
from clickhouse_driver import Client

from tests.support.logs import Log, insert
from tests.support.together import side_by_side
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.settings import Settings
from webapp.store.errors import StoreSetupError
from webapp.store.migrate import migrate, require_version
from webapp.store.migrations import MIGRATIONS
from webapp.store.store import Store
from webapp.store.tables import TABLES, Topology

ONE_SERVER = Topology()
OURS = {*TABLES, "schema_migrations"}


@pytest.fixture
def owner(settings: Settings) -> Iterator[Client]:
    with Client.from_url(settings.clickhouse_url) as client:
        yield client


def tables(owner: Client) -> set[str]:
    return {name for (name,) in owner.execute("SHOW TABLES")}


def versions(owner: Client) -> list[int]:
    return [version for (version,) in owner.execute("SELECT version FROM schema_migrations FINAL ORDER BY version")]


def test_migrating_creates_every_table_and_records_it(settings: Settings, owner: Client) -> None:
    migrate(settings.clickhouse_url, ONE_SERVER)
    assert tables(owner) == OURS
    assert versions(owner) == [migration.VERSION for migration in MIGRATIONS]


def test_counts_of_an_older_version_take_keys_by_themselves(settings: Settings, owner: Client) -> None:
    migrate(settings.clickhouse_url, ONE_SERVER, MIGRATIONS[:5])
    statement_of = "INSERT INTO logs_attributes (kind, key, n, expires_on) VALUES"
    [(statement,)] = owner.execute("SHOW CREATE TABLE logs_attributes")
    owner.execute("DROP TABLE logs_attributes")
    owner.execute(statement.replace(", 'log_key' = 3, 'resource_key' = 4", ""))
    owner.execute(statement_of, [("log", "a", 1, date(2100, 1, 1))])
    migrate(settings.clickhouse_url, ONE_SERVER)
    owner.execute(statement_of, [("log_key", "a", 1, date(2100, 1, 1))])
    assert owner.execute("SELECT kind, key FROM logs_attributes ORDER BY kind") == [("log", "a"), ("log_key", "a")]


def test_versions_are_numbered_without_gaps() -> None:
    assert [migration.VERSION for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    for migration in MIGRATIONS:
        assert migration.__name__.rpartition(".")[2] == f"m{migration.VERSION:04d}_{migration.NAME}"


def test_every_statement_may_run_again_without_touching_rows(store: Store, owner: Client) -> None:
    insert(store, [Log(body="kept")])
    for migration in MIGRATIONS:
        for statement in migration.statements(ONE_SERVER):
            owner.execute(statement)
    assert owner.execute("SELECT body FROM logs") == [("kept",)]


def test_migrating_twice_changes_nothing(store: Store, owner: Client) -> None:
    insert(store, [Log(body="kept")])
    store.migrate()
    assert tables(owner) == OURS
    assert versions(owner) == [migration.VERSION for migration in MIGRATIONS]
    assert owner.execute("SELECT body FROM logs") == [("kept",)]


def test_views_of_before_the_attributes_were_counted_by_a_job_are_removed(settings: Settings, owner: Client) -> None:
    migrate(settings.clickhouse_url, ONE_SERVER, MIGRATIONS[:3])
    owner.execute("ALTER TABLE logs ADD COLUMN batch_id UInt64 CODEC(ZSTD(1))")
    for name in ("logs_attributes_of_logs", "logs_attributes_of_resources"):
        owner.execute(
            f"CREATE MATERIALIZED VIEW {name} TO logs_attributes AS"
            " SELECT project_id, 'log' AS kind, body AS key, toStartOfHour(timestamp) AS hour, '' AS value, 1 AS n,"
            " expires_on FROM logs"
        )
    with pytest.raises(StoreSetupError, match="made by a newer Hedgerow"):
        migrate(settings.clickhouse_url, ONE_SERVER, MIGRATIONS[:2])
    migrate(settings.clickhouse_url, ONE_SERVER)
    assert tables(owner) == OURS
    assert owner.execute(
        "SELECT count() FROM system.columns WHERE name = 'batch_id' AND database = currentDatabase()"
    ) == [(0,)]


def test_processes_may_migrate_side_by_side(settings: Settings, owner: Client) -> None:
    assert side_by_side(*[partial(migrate, settings.clickhouse_url, ONE_SERVER)] * 6) == []
    assert tables(owner) == OURS
    assert versions(owner) == [migration.VERSION for migration in MIGRATIONS]


@pytest.mark.parametrize("done", range(len(MIGRATIONS[0].statements(ONE_SERVER))))
def test_a_migration_that_was_killed_half_way_is_finished(settings: Settings, owner: Client, done: int) -> None:
    for statement in MIGRATIONS[0].statements(ONE_SERVER)[:done]:
        owner.execute(statement)
    migrate(settings.clickhouse_url, ONE_SERVER)
    assert tables(owner) == OURS
    assert versions(owner)[0] == 1


def test_a_failing_migration_is_not_recorded_and_those_before_it_are(settings: Settings, owner: Client) -> None:
    broken = SimpleNamespace(VERSION=99, NAME="broken", statements=lambda topology: ["DROP NOTHING AT ALL"])
    with pytest.raises(Exception, match="Syntax error"):
        migrate(settings.clickhouse_url, ONE_SERVER, [*MIGRATIONS, broken])
    assert versions(owner) == [migration.VERSION for migration in MIGRATIONS]


def test_tables_of_a_newer_hedgerow_are_left_alone(store: Store, owner: Client) -> None:
    owner.execute("INSERT INTO schema_migrations (version, name) VALUES", [(len(MIGRATIONS) + 1, "of tomorrow")])
    with pytest.raises(StoreSetupError, match=r"made by a newer Hedgerow.*Start the newer Hedgerow\.$"):
        store.migrate()


def test_a_missing_database_is_created(clickhouse: EmbeddedClickHouse, clickhouse_database: str) -> None:
    url = f"{clickhouse.url.rpartition('/')[0]}/{clickhouse_database}_new"
    with Client.from_url(clickhouse.url) as client:
        try:
            migrate(url, ONE_SERVER)
            found = client.execute(f"SELECT engine FROM system.databases WHERE name = '{clickhouse_database}_new'")
            assert found == [("Atomic",)]
        finally:
            client.execute(f"DROP DATABASE IF EXISTS {clickhouse_database}_new SYNC")


def test_a_database_that_the_user_may_not_create_is_a_set_up_error(
    clickhouse: EmbeddedClickHouse, settings: Settings
) -> None:
    settings = Settings(clickhouse_url=f"{clickhouse.url.rpartition('/')[0]}/elsewhere")
    with pytest.raises(
        StoreSetupError, match=r"^The ClickHouse user of CLICKHOUSE_URL lacks a right: .*CREATE DATABASE"
    ):
        Store.from_settings(settings).migrate()


@pytest.mark.parametrize("version", [(25, 8, 3), (26, 8, 9), (1, 1, 54310)])
def test_a_server_that_is_too_old_is_refused_with_both_versions(version: tuple[int, int, int]) -> None:
    with pytest.raises(StoreSetupError) as caught:
        require_version(version)
    has = ".".join(map(str, version))
    assert caught.value.detail == f"The ClickHouse server is version {has}, but Hedgerow needs 26.9 or newer."


@pytest.mark.parametrize("version", [(26, 9, 0), (26, 9, 2), (27, 1, 1)])
def test_newer_servers_are_taken(version: tuple[int, int, int]) -> None:
    require_version(version)
