"""Distributed tables over two shards: the definitions of a cluster, short of replication.

An embedded server has neither Keeper nor ON CLUSTER, so both are taken out of the statements (their text is tested in
``tests/unit/test_store_tables.py``), and the two shards are two databases of one server.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from clickhouse_driver import Client
from flask import Flask

from tests.support.logs import DAY_NS, MINUTE_NS, NOON_NS, Log, insert
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.language.tree import LEVEL, MESSAGE, SERVICE, And, Match, Node, Operator, attribute
from webapp.queries.attribute_counts import count_attributes, next_arrivals
from webapp.queries.attribute_keys import Wanted, counted_keys, hiding_keys, keys_of_rows, keys_with_value
from webapp.queries.attribute_sources import Uncounted, uncounted_rows
from webapp.queries.attribute_values import values_of_column, values_of_rows
from webapp.queries.facets import without
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs
from webapp.services.log_facets import find_facets
from webapp.services.log_groups import find_groups
from webapp.services.log_services import find_services
from webapp.settings import MIB, Settings
from webapp.store.store import CLUSTER_SLACK_NS, LONGEST_INSERT_NS, Store
from webapp.store.tables import DEDUPLICATION_WINDOW, TABLES, Topology

CLUSTER = Topology("two")
SHARDS = ("hedgerow_first", "hedgerow_second")
ROWS = 600
FACETED = (LEVEL, SERVICE, attribute("parity"))


class ClusterServer(EmbeddedClickHouse):
    """An embedded server that finds two shards in itself."""

    def prepare(self) -> None:
        super().prepare()
        password = urlsplit(self.url).password
        shards = "".join(
            f"<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host>"
            f"<port>{self.port}</port><user>app</user><password>{password}</password>"
            f"<default_database>{name}</default_database></replica></shard>"
            for name in SHARDS
        )
        config = self.folder / "config.xml"
        servers = f"<remote_servers><two>{shards}</two></remote_servers></clickhouse>"
        config.write_text(config.read_text().replace("</clickhouse>", servers))
        users, right = self.folder / "users.xml", "<query>GRANT KILL QUERY ON *.*</query>"
        users.write_text(users.read_text().replace(right, f"{right}<query>GRANT REMOTE ON *.*</query>"))


def runnable(statement: str) -> str:
    """Take out what an embedded server lacks."""
    statement = statement.replace(" ON CLUSTER 'two'", "").replace("currentDatabase()", "''")
    statement = re.sub(r"ENGINE = Replicated(\w+)\(.*?\)", r"ENGINE = \1", statement)
    return re.sub(
        r"replicated_deduplication_window = .*",
        f"non_replicated_deduplication_window = {DEDUPLICATION_WINDOW}",
        statement,
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ClusterServer(tmp_path_factory.mktemp("cluster"), memory_bytes=1024 * MIB) as server:
        tables = [table.create(CLUSTER) for table in TABLES.values()]
        front = server.url
        for name in SHARDS:
            with Client.from_url(front) as owner:
                owner.execute(f"CREATE DATABASE {name} ENGINE = Atomic")
            with Client.from_url(f"{front.rpartition('/')[0]}/{name}") as shard:
                for local, _ in tables:
                    shard.execute(runnable(local))
        with Client.from_url(front) as owner:
            for _, distributed in tables:
                owner.execute(runnable(distributed).replace(" AS ", f" AS {SHARDS[0]}."))
        store = Store.from_settings(Settings(clickhouse_url=front, clickhouse_reader_url=server.reader_url))
        for _ in range(2):  # the second is a retry
            insert(store, stored(), token="batch")
        yield store
        store.close()


def stored() -> list[Log]:
    return [
        Log(
            timestamp_ns=NOON_NS + index * MINUTE_NS,
            severity_text=("info", "error")[index % 2],
            body=f"request number {index} done",
            attributes={"parity": str(index % 2)},
            resource_attributes={"host.name": "node"},
        )
        for index in range(ROWS)
    ]


@pytest.fixture
def context(cluster: Store) -> Iterator[None]:
    app = Flask(__name__, root_path=str(Path(__file__).parent))
    app.extensions["hedgerow_store"] = cluster
    app.extensions["hedgerow_settings"] = Settings()
    with app.app_context():
        yield


def ask(store: Store, sql: str) -> list[tuple[object, ...]]:
    from webapp.queries.query import Query

    return store.read(Query("test", sql, {}, 1)).rows


def test_rows_are_on_both_shards_an_hour_together(cluster: Store) -> None:
    counts = [ask(cluster, f"SELECT count() FROM {name}.logs_local")[0][0] for name in SHARDS]
    assert all(isinstance(count, int) and 0 < count < ROWS and count % 60 == 0 for count in counts)
    assert ask(cluster, "SELECT count(), sum(size_bytes) > 0 FROM logs") == [(ROWS, True)]


def test_attributes_are_counted_once_over_all_shards(cluster: Store) -> None:
    for _ in range(2):  # the second is a step that nobody knew to be done
        cluster.insert_from(count_attributes(0, time.time_ns()), "step")
    assert ask(cluster, "SELECT toString(kind), key, value, sum(n) FROM logs_attributes GROUP BY ALL ORDER BY ALL") == [
        ("log", "parity", "0", ROWS // 2),
        ("log", "parity", "1", ROWS // 2),
        ("log_key", "parity", "", ROWS),
        ("resource", "host.name", "node", ROWS),
        ("resource_key", "host.name", "", ROWS),
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (And(()), ROWS - 1),
        (Match(LEVEL, Operator.EQUALS, ("error",)), ROWS // 2),
        (Match(MESSAGE, Operator.CONTAINS, ("NUMBER 29 D",)), 1),
        (Match(attribute("parity"), Operator.EQUALS, ("1",)), ROWS // 2),
    ],
)
def test_lists_counts_and_histograms_are_those_of_one_server(context: None, where: Node, expected: int) -> None:
    scope = Scope(1, TimeRange(NOON_NS + 1, NOON_NS + DAY_NS), where)
    page = logs.search(scope, limit=1000)
    moments = [row.timestamp_ns for row in page.rows]
    assert len(moments) == expected
    assert moments == sorted(moments, reverse=True)
    assert logs.count(scope).count == expected
    assert sum(logs.histogram(scope).totals.values()) == expected
    assert find_services(scope).rows == find_groups(scope, [attribute("parity")]).rows == expected
    for field, facet in zip(FACETED, find_facets(scope, FACETED), strict=True):
        others = replace(scope, where=without(where, field))
        assert sum(rows for _, rows in facet.values) == logs.count(others).count


def test_keys_and_values_are_those_of_one_server(context: None, cluster: Store) -> None:
    day = TimeRange(NOON_NS, NOON_NS + DAY_NS)
    scope, everything, uncounted = Scope(1, day), Wanted(text="1", in_values=True), Uncounted(0, ROWS)
    arrived = cluster.read(uncounted_rows(1, day, uncounted)).rows
    assert arrived == [(ROWS,)]
    expected = [("parity", 0, ROWS // 2, "1", ROWS // 2)]
    assert cluster.read(keys_of_rows(scope, everything)).rows == expected
    before = cluster.read(counted_keys(1, day, everything, None)).rows
    both = cluster.read(counted_keys(1, day, everything, uncounted)).rows
    assert both[0][2] - (before[0][2] if before else 0) == ROWS // 2
    assert cluster.read(hiding_keys(1, day, everything, uncounted)).rows == []
    assert cluster.read(keys_with_value(scope, everything, ["parity", "other"])).rows == expected
    [(rows, _)] = cluster.read(next_arrivals(0, cluster.settled_until_ns(), 10 * ROWS)).rows
    assert rows >= ROWS
    values = values_of_rows(scope, "log", "parity", text="", limit=9, hidden_only=False)
    assert cluster.read(values).rows == [("0", ROWS // 2), ("1", ROWS // 2)]
    assert cluster.read(values_of_column(scope, "service_name", text="", limit=9)).rows == [("api", ROWS)]


def test_single_rows_are_found_on_their_shard(context: None) -> None:
    scope = Scope(1, TimeRange(NOON_NS, NOON_NS + DAY_NS))
    for row in logs.search(scope, limit=3).rows + logs.search(scope, limit=3, latest_first=False).rows:
        assert logs.find_row(1, row.timestamp_ns, row.uuid) == row
    assert logs.has_logs(1)
    assert not logs.has_logs(2)


def test_insertions_are_looked_for_on_every_server(cluster: Store) -> None:
    """A right that the owner lacks, or a name that is none, would give the answer of a server that cannot be asked."""
    address = cluster._url
    of_both = Store.from_settings(Settings(clickhouse_url=address, clickhouse_cluster="two"))
    asked_at = time.time_ns()
    assert asked_at - CLUSTER_SLACK_NS <= of_both.settled_until_ns()
    of_neither = Store.from_settings(Settings(clickhouse_url=address, clickhouse_cluster="three"))
    assert of_neither.settled_until_ns() <= time.time_ns() - LONGEST_INSERT_NS
    of_both.close()
    of_neither.close()
