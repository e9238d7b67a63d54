"""The definitions: the same columns on one server and on a cluster, and the text of what only a cluster runs."""

from __future__ import annotations

import re

import pytest

from webapp.store.migrate import journal
from webapp.store.migrations import MIGRATIONS
from webapp.store.tables import LOGS, TABLES, Table, Topology, empty_statement, insert_statement

CLUSTER = Topology("main")


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_cluster_has_replicated_tables_under_distributed_ones(table: Table) -> None:
    local, distributed = table.create(CLUSTER)
    assert local.startswith(f"CREATE TABLE IF NOT EXISTS {table.name}_local ON CLUSTER 'main' (\n")
    assert (
        f"\nENGINE = Replicated{table.engine}('/clickhouse/tables/{{shard}}/{{database}}/{{table}}', '{{replica}}')\n"
        in local
    )
    assert distributed == (
        f"CREATE TABLE IF NOT EXISTS {table.name} ON CLUSTER 'main' AS {table.name}_local\n"
        f"ENGINE = Distributed('main', currentDatabase(), '{table.name}_local', {table.sharding})"
    )


def test_an_hour_of_a_project_lives_on_one_shard() -> None:
    assert LOGS.sharding == "cityHash64(project_id, toStartOfHour(timestamp))"
    assert TABLES["logs_attributes"].sharding == "cityHash64(project_id, hour)"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_both_topologies_share_everything_between_the_brackets(table: Table) -> None:
    [single] = table.create(Topology())
    local, _ = table.create(CLUSTER)

    def body(statement: str) -> str:
        return statement[statement.index("(\n") : statement.index("\n)\n")]

    assert body(single) == body(local)
    for clause in (
        f"PARTITION BY {table.partition_by}",
        f"ORDER BY {table.order_by}",
        "TTL expires_on + INTERVAL 1 DAY",
    ):
        assert clause in single
        assert clause in local


def test_each_topology_remembers_insertions_in_its_own_way() -> None:
    [single] = LOGS.create(Topology())
    local, distributed = LOGS.create(CLUSTER)
    assert "non_replicated_deduplication_window = 50000" in single
    assert "replicated_deduplication_window_seconds = 3600" in local
    assert "non_replicated" not in local
    assert "SETTINGS" not in distributed


def test_a_table_of_a_cluster_is_emptied_where_its_rows_are() -> None:
    assert empty_statement("logs_attributes", CLUSTER).startswith(
        "TRUNCATE TABLE IF EXISTS logs_attributes_local ON CLUSTER 'main' "
    )
    with pytest.raises(ValueError, match="There is no table 'users'"):
        empty_statement("users", CLUSTER)


def test_the_journal_of_a_cluster_is_one_for_all_shards() -> None:
    assert (
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')"
        in journal(CLUSTER)
    )
    assert "schema_migrations ON CLUSTER 'main' (" in journal(CLUSTER)


def test_every_statement_may_run_again() -> None:
    for topology in (Topology(), CLUSTER):
        for migration in MIGRATIONS:
            for statement in migration.statements(topology):
                assert re.search(r" IF (NOT )?EXISTS | MODIFY SETTING ", statement)


def test_a_cluster_name_cannot_break_out_of_its_quotes() -> None:
    with pytest.raises(ValueError, match="is not the name of a cluster"):
        Topology("main' --")


def test_the_columns_of_an_insertion_are_written_in_the_given_order() -> None:
    assert insert_statement("logs", ["body", "project_id"]) == "INSERT INTO logs (body, project_id) VALUES"
