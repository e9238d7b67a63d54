"""The tables, defined once: MergeTree on a single server; on a cluster ReplicatedMergeTree under Distributed tables.

What decided each codec, index and key was measured; the figures are beside them and in ``bench/README.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from webapp.queries.filters import ATTRIBUTE_PAIRS
from webapp.queries.substrings import BODY_LETTERS

_CLUSTER_NAME = re.compile(r"[A-Za-z0-9_.-]+")

# Insertions of the last quarter of an hour at 50 a second: a client that never heard of its success has given up by
# then (OTLP exporters retry for about 5 minutes), so a retried batch is never stored twice.
DEDUPLICATION_WINDOW = 50_000

# What tells a retried request from a new one where several requests share an insertion: webapp/ingest/flush.py.
REQUEST_HASH = "request_hash"

# Both maps and the body as text: what "how much" means to people. 1.5 bytes a row, and read without the maps.
_SIZE = (
    "length(body)"
    " + arraySum(x -> length(x), mapKeys(attributes)) + arraySum(x -> length(x), mapValues(attributes))"
    " + arraySum(x -> length(x), mapKeys(resource_attributes))"
    " + arraySum(x -> length(x), mapValues(resource_attributes))"
)

# A day that is over becomes one part: a question opens each part of its time, and looks up its words in each of them.
# Rows that come late have the day written anew, once in six hours at most.
MERGING = {
    "min_age_to_force_merge_seconds": 6 * 3600,
    "min_age_to_force_merge_on_partition_only": 1,
    "enable_max_bytes_limit_for_min_age_to_force_merge": 1,
}

_CATEGORY = "LowCardinality(String)"
_MAP = "Map(LowCardinality(String), String)"


@dataclass(frozen=True, slots=True)
class Topology:
    """Where the tables live: on one server, or on every server of a cluster."""

    cluster: str = ""

    def __post_init__(self) -> None:
        if self.cluster and not _CLUSTER_NAME.fullmatch(self.cluster):
            raise ValueError(f"{self.cluster!r} is not the name of a cluster.")

    @property
    def on_cluster(self) -> str:
        """The clause that makes a statement run on every server."""
        return f" ON CLUSTER '{self.cluster}'" if self.cluster else ""

    def local(self, table: str) -> str:
        """Return the name of the table that holds the rows; on a cluster the plain name is the distributed one."""
        return f"{table}_local" if self.cluster else table


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``computed`` ones are filled by ClickHouse and cannot be inserted, those with a ``default`` can be."""

    name: str
    type: str
    codec: str = "ZSTD(1)"
    computed: str = ""
    default: str = ""

    def __str__(self) -> str:
        computed = f" MATERIALIZED {self.computed}" if self.computed else ""
        default = f" DEFAULT {self.default}" if self.default else ""
        return f"{self.name} {self.type}{computed}{default} CODEC({self.codec})"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows that expire by whole partitions.

    Attributes:
        engine: MergeTree or one of its kind.
        sharding: on a cluster, the expression that places a row.
        extra: indexes and projections, as written between the columns.
    """

    name: str
    engine: str
    columns: tuple[Column, ...]
    partition_by: str
    order_by: str
    sharding: str
    extra: tuple[str, ...] = ()

    @property
    def insertable(self) -> frozenset[str]:
        """The columns that an insertion may name."""
        return frozenset(column.name for column in self.columns if not column.computed)

    def create(self, topology: Topology) -> list[str]:
        """Return the statements that create the table where it is missing."""
        body = ",\n  ".join(map(str, (*self.columns, *self.extra)))
        settings = ", ".join(f"{name} = {value}" for name, value in table_settings(topology).items())
        statements = [
            f"CREATE TABLE IF NOT EXISTS {topology.local(self.name)}{topology.on_cluster} (\n  {body}\n)\n"
            f"ENGINE = {replicated(self.engine, topology)}\n"
            f"PARTITION BY {self.partition_by}\nORDER BY {self.order_by}\n"
            f"TTL expires_on + INTERVAL 1 DAY\nSETTINGS {settings}"
        ]
        if topology.cluster:
            statements.append(
                f"CREATE TABLE IF NOT EXISTS {self.name}{topology.on_cluster} AS {topology.local(self.name)}\n"
                f"ENGINE = Distributed('{topology.cluster}', currentDatabase(), '{topology.local(self.name)}', "
                f"{self.sharding})"
            )
        return statements


def table_settings(topology: Topology) -> dict[str, int]:
    """Return the settings that every table of rows has."""
    settings = {
        # Of a block with one row of interest the others are read for nothing: a quarter of the usual block.
        "index_granularity": 2048,
        **MERGING,
        # Partitions hold one expiry date, so expired rows leave as whole parts and nothing is ever rewritten for it.
        "ttl_only_drop_parts": 1,
        # An acknowledged insertion survives a power cut: 8 % at 10,000 rows.
        "fsync_after_insert": 1,
        "fsync_part_directory": 1,
    }
    if topology.cluster:
        window = {
            "replicated_deduplication_window": DEDUPLICATION_WINDOW,
            "replicated_deduplication_window_seconds": 3600,
        }
    else:
        window = {"non_replicated_deduplication_window": DEDUPLICATION_WINDOW}
    return settings | window


def replicated(engine: str, topology: Topology) -> str:
    """Return the engine for this topology; ClickHouse fills in the names of shard, database, table and replica."""
    if not topology.cluster:
        return engine
    return f"Replicated{engine}('/clickhouse/tables/{{shard}}/{{database}}/{{table}}', '{{replica}}')"


# By the clock of the server that inserts, which also says since when each insertion runs: that is how a live tail knows
# up to which moment it has seen every row, however long an insertion takes. The rows of one insertion are a nanosecond
# apart, so that a page of a tail can end between any two of them.
OBSERVED = Column(
    "observed_timestamp",
    "DateTime64(9, 'UTC')",
    "Delta(8), ZSTD(1)",
    default="addNanoseconds(now64(9, 'UTC'), rowNumberInBlock())",
)

# Pieces of words, and counts with one, without reading the body: 10 bytes a row. The index above would have to look
# through all ids; an n-gram index takes a byte a row, and knows blocks but no rows.
BODY_LETTERS_INDEX = f"INDEX body_letters {BODY_LETTERS} TYPE text(tokenizer = 'splitByNonAlpha')"

# One block of a hundred opened for nothing was most of the time of a rare value; one of a thousand takes half as much
# space again, 7 bytes a row.
ATTRIBUTE_PAIRS_INDEX = f"INDEX attribute_pairs {ATTRIBUTE_PAIRS} TYPE bloom_filter(0.001) GRANULARITY 1"
TRACE_IDS_INDEX = "INDEX trace_ids trace_id TYPE bloom_filter(0.001) GRANULARITY 1"

LOGS = Table(
    name="logs",
    engine="MergeTree",
    columns=(
        Column("project_id", "UInt32"),
        # UTC, whatever the server's zone: days and minutes below are those of UTC.
        Column("timestamp", "DateTime64(9, 'UTC')", "Delta(8), ZSTD(1)"),
        OBSERVED,
        Column("uuid", "UUID"),
        # Raw bytes: 15 bytes a row less for each than text.
        Column("trace_id", "FixedString(16)"),
        Column("span_id", "FixedString(8)"),
        Column("trace_flags", "UInt8"),
        Column("severity_text", _CATEGORY),
        Column("severity_number", "UInt8"),
        Column("service_name", _CATEGORY),
        Column("body", "String"),
        Column("attributes", _MAP),
        Column("resource_attributes", _MAP),
        Column("resource_fingerprint", "UInt64"),
        Column("scope_name", _CATEGORY),
        Column("scope_version", _CATEGORY),
        Column("event_name", _CATEGORY),
        Column("expires_on", "Date"),
        Column("size_bytes", "UInt32", computed=_SIZE),
        # Which request brought the row in; 0 in the rows of large requests.
        Column(REQUEST_HASH, "UInt64"),
    ),
    # The day of the rows beside that of their expiry: ClickHouse then knows the first and last timestamp of every part,
    # and a question about an hour opens the parts of that hour. By the expiry alone it reads a block of every part,
    # 189,000 rows instead of 16,000 in 23 parts.
    partition_by="(toDate(timestamp), expires_on)",
    # Latest first is this order backwards: reading stops after a few blocks, and deep pages cost the same. Without uuid
    # the tie-break spoils it (43 ms against 14).
    order_by="(project_id, timestamp, uuid)",
    # An hour of a project on one shard: a list asks few shards for most of its rows, and none is hot for long.
    sharding="cityHash64(project_id, toStartOfHour(timestamp))",
    extra=(
        # Words, and counts with a word, without reading the body.
        "INDEX body_words body TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(body))",
        BODY_LETTERS_INDEX,
        ATTRIBUTE_PAIRS_INDEX,
        TRACE_IDS_INDEX,
        "INDEX observed observed_timestamp TYPE minmax GRANULARITY 1",
        # Sparklines and counts without a text filter. A projection and not a table with a view: it is written, kept
        # and dropped with the part whose rows it counts, so the two cannot differ even if the server is killed within
        # an insertion that nobody repeats; and it costs half of what the view does (5 ms against 9 at 100 rows).
        "PROJECTION minutes (SELECT project_id, toStartOfMinute(timestamp), service_name, severity_text,"
        " count(), sum(size_bytes)"
        " GROUP BY project_id, toStartOfMinute(timestamp), service_name, severity_text)",
    ),
)

# Values, and keys alone: of twenty million logs a day has two million values, and a hundred keys.
ATTRIBUTE_KIND = Column("kind", "Enum8('log' = 1, 'resource' = 2, 'log_key' = 3, 'resource_key' = 4)")

LOGS_ATTRIBUTES = Table(
    name="logs_attributes",
    engine="SummingMergeTree",
    columns=(
        Column("project_id", "UInt32"),
        ATTRIBUTE_KIND,
        Column("key", _CATEGORY),
        Column("hour", "DateTime('UTC')", "Delta(4), ZSTD(1)"),
        Column("value", "String"),
        Column("n", "UInt64", "T64, ZSTD(1)"),
        Column("expires_on", "Date"),
    ),
    partition_by="(toDate(hour), expires_on)",
    order_by="(project_id, kind, key, hour, value)",
    sharding="cityHash64(project_id, hour)",
)

TABLES = {table.name: table for table in (LOGS, LOGS_ATTRIBUTES)}


def observe_on_server(topology: Topology) -> list[str]:
    """Return the statements that let the server fill in ``observed_timestamp`` where the table is older than that."""
    tables = dict.fromkeys((topology.local(LOGS.name), LOGS.name))  # what is distributed fills in the defaults itself
    return [f"ALTER TABLE {table}{topology.on_cluster} MODIFY COLUMN IF EXISTS {OBSERVED}" for table in tables]


def drop_views(topology: Topology) -> list[str]:
    """Return the statements that remove the views of version 1, and the column that repaired what they left out."""
    views = ("logs_attributes_of_logs", "logs_attributes_of_resources")
    tables = dict.fromkeys((LOGS.name, topology.local(LOGS.name)))  # what is distributed first, then the rows
    return [
        *(f"DROP VIEW IF EXISTS {view}{topology.on_cluster}" for view in views),
        *(f"ALTER TABLE {table}{topology.on_cluster} DROP COLUMN IF EXISTS batch_id" for table in tables),
    ]


def renew_indexes(topology: Topology) -> list[str]:
    """Return the statements that replace the indexes of version 1, which old parts get in the background."""
    alter = f"ALTER TABLE {topology.local(LOGS.name)}{topology.on_cluster}"
    merging = ", ".join(f"{name} = {value}" for name, value in MERGING.items())
    statements = [f"{alter} DROP INDEX IF EXISTS body_ngrams"]
    for index in (BODY_LETTERS_INDEX, ATTRIBUTE_PAIRS_INDEX, TRACE_IDS_INDEX):
        name = index.split()[1]
        statements += [
            f"{alter} DROP INDEX IF EXISTS {name}",
            f"{alter} ADD {index.replace('INDEX ', 'INDEX IF NOT EXISTS ', 1)}",
            f"{alter} MATERIALIZE INDEX IF EXISTS {name}",
        ]
    return statements + [
        f"ALTER TABLE {topology.local(name)}{topology.on_cluster} MODIFY SETTING {merging}" for name in TABLES
    ]


def count_keys_alone(topology: Topology) -> list[str]:
    """Return the statements that let the counts hold keys alone where the table is older than that."""
    tables = dict.fromkeys((topology.local(LOGS_ATTRIBUTES.name), LOGS_ATTRIBUTES.name))
    kind = f"{ATTRIBUTE_KIND.name} {ATTRIBUTE_KIND.type}"
    return [f"ALTER TABLE {table}{topology.on_cluster} MODIFY COLUMN IF EXISTS {kind}" for table in tables]


def add_request_hash(topology: Topology) -> list[str]:
    """Return the statements that give ``logs`` the column of version 2 where it was made before."""
    tables = dict.fromkeys((topology.local(LOGS.name), LOGS.name))  # the rows first, then what is distributed over them
    column = Column(REQUEST_HASH, "UInt64")
    return [f"ALTER TABLE {table}{topology.on_cluster} ADD COLUMN IF NOT EXISTS {column}" for table in tables]


def empty_statement(table: str, topology: Topology) -> str:
    """Return the statement that removes all rows of a table.

    Raises:
        ValueError: no such table.
    """
    if table not in TABLES:
        raise ValueError(f"There is no table {table!r}.")
    return f"TRUNCATE TABLE IF EXISTS {topology.local(table)}{topology.on_cluster} SETTINGS max_table_size_to_drop = 0"


def insert_statement(table: str, columns: list[str]) -> str:
    """Return the statement that inserts a block into a table.

    Raises:
        ValueError: no such table or column.
    """
    if table not in TABLES:
        raise ValueError(f"There is no table {table!r}.")
    if unknown := set(columns) - TABLES[table].insertable:
        raise ValueError(f"The table {table} has no column {', '.join(sorted(unknown))} to insert into.")
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
