"""The log store: executes what ``webapp.queries`` builds, inserts column blocks, keeps its tables up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from clickhouse_driver import Client
from clickhouse_driver import errors as driver

from webapp.errors import Unavailable
from webapp.observability import metrics
from webapp.store.asker import asking
from webapp.store.errors import CONNECTION_ERRORS, reason, translate
from webapp.store.limits import (
    INSERT_SETTINGS,
    INSERT_SOCKET_TIMEOUT_S,
    INSERT_TIMEOUT_S,
    SMALL_BLOCK_ROWS,
    SMALL_BLOCK_SETTINGS,
    ReadLimits,
)
from webapp.store.migrate import migrate
from webapp.store.pool import Pool, connect, disconnect
from webapp.store.tables import Topology, empty_statement, insert_statement

if TYPE_CHECKING:
    from webapp.queries.query import Query
    from webapp.settings import Settings

log = structlog.get_logger(__name__)

WRITER, READER = "CLICKHOUSE_URL", "CLICKHOUSE_READER_URL"
CONTROL_TIMEOUT_S = 5
POOL_WAIT_S = 10.0
# Who looks which insertions run holds up a list, and has an answer without: few at once, and not for long.
LOOKOUTS = 4
LOOKOUT_WAIT_S = 1.0
# Asked before every first page: the least that ClickHouse can do for a question.
LOOKOUT_SETTINGS = {"max_threads": 1, "send_profile_events": 0}
# An insertion ends within this time, whatever becomes of it: the server's limit for it, and the same again.
LONGEST_INSERT_NS = 2 * INSERT_TIMEOUT_S * 1_000_000_000
# Elapsed times are told in microseconds; the clocks of a cluster's servers agree within a second.
CLOCK_SLACK_NS = 1_000_000
CLUSTER_SLACK_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question, and what they cost. ``elapsed_ms`` includes the way to the server and back."""

    rows: list[tuple[Any, ...]]
    columns: list[str]
    elapsed_ms: float
    rows_read: int
    bytes_read: int
    query_id: str


class Store:
    """ClickHouse as the application sees it. Safe to share between threads; it connects when it is first used."""

    def __init__(self, url: str, reader_url: str, topology: Topology, limits: ReadLimits, connections: int) -> None:
        self._url = url
        self._reader_url = reader_url or url
        self._reader_name = READER if reader_url else WRITER
        self._topology = topology
        self._limits = limits
        self._writers = Pool(self._url, size=connections, socket_timeout_s=INSERT_SOCKET_TIMEOUT_S, wait_s=POOL_WAIT_S)
        self._readers = Pool(
            self._reader_url, size=connections, socket_timeout_s=limits.socket_timeout_s, wait_s=POOL_WAIT_S
        )
        self._lookouts = Pool(self._url, size=LOOKOUTS, socket_timeout_s=CONTROL_TIMEOUT_S, wait_s=LOOKOUT_WAIT_S)

    @classmethod
    def from_settings(cls, settings: Settings) -> Store:
        """Return the store of these settings, connected to nothing."""
        return cls(
            settings.clickhouse_url,
            settings.clickhouse_reader_url,
            Topology(settings.clickhouse_cluster),
            ReadLimits.from_settings(settings),
            connections=settings.web_threads,
        )

    def read(self, query: Query, *, query_id: str | None = None, timeout_s: float | None = None) -> Answer:
        """Execute a question as the reader, within the limits.

        Args:
            query_id: chosen by a caller who may want to ``cancel`` it from another thread.
            timeout_s: stops it earlier than the limits do; ClickHouse takes no less than a second.

        Raises:
            QueryTimeout: it took too long, too much memory, or has too many rows.
            QueryCancelled: it was cancelled.
            Unavailable: ClickHouse is away, busy or not set up.
        """
        identity = query_id or f"{query.kind}-{uuid4()}"
        settings = {**self._limits.as_settings(timeout_s), **query.settings}
        started_at = time.perf_counter()

        def execute(client: Client, attempt: str) -> Answer:
            rows, columns = client.execute(
                query.sql, dict(query.params), with_column_types=True, query_id=attempt, settings=settings
            )
            progress = client.last_query.progress
            elapsed_ms = (time.perf_counter() - started_at) * 1000
            return Answer(rows, [name for name, _ in columns], elapsed_ms, progress.rows, progress.bytes, identity)

        try:
            answer = self._read(execute, identity)
        except (driver.Error, *CONNECTION_ERRORS) as error:
            log.info(
                "query failed", kind=query.kind, project_id=query.project_id, query_id=identity, error=reason(error)
            )
            failure = translate(error, url=self._reader_name, query_id=identity, limits=self._limits)
            metrics.record_failed_statement(query.kind, failure.code)
            raise failure from error
        metrics.record_question(query.kind, answer.elapsed_ms / 1000, answer.rows_read, answer.bytes_read)
        log.debug(
            "query",
            kind=query.kind,
            project_id=query.project_id,
            query_id=identity,
            elapsed_ms=round(answer.elapsed_ms, 1),
            rows_read=answer.rows_read,
        )
        return answer

    def _read(self, execute: Callable[[Client, str], Answer], identity: str) -> Answer:
        """Execute for whoever asks, once more if the connection broke: a question can be asked twice."""
        self._require_url()
        with asking(identity) as asker:
            answer = self._execute(execute, identity)
            asker.rows_read += answer.rows_read
            asker.bytes_read += answer.bytes_read
            return answer

    def _execute(self, execute: Callable[[Client, str], Answer], identity: str) -> Answer:
        try:
            with self._readers.client() as client:
                return execute(client, identity)
        except (driver.SocketTimeoutError, TimeoutError):
            raise  # a server that hangs would make the caller wait twice
        except CONNECTION_ERRORS:
            with self._readers.client() as client:
                return execute(client, _second(identity))

    def cancel(self, query_id: str) -> None:
        """Stop a question that another thread is reading; one that has ended is left alone.

        The owner does so, who needs the right KILL QUERY: the reader may not even see which queries run.

        Raises:
            Unavailable: ClickHouse is away.
        """
        sql = f"KILL QUERY{self._topology.on_cluster} WHERE query_id IN {{ids:Array(String)}} ASYNC"
        self._control(self._url, WRITER, sql, {"ids": [query_id, _second(query_id)]})

    @property
    def is_cluster(self) -> bool:
        """Whether one insertion may land on several servers."""
        return bool(self._topology.cluster)

    def settled_until_ns(self) -> int:
        """Return a moment up to which every row that was ever received can be read.

        ``observed_timestamp`` is the time at which the server began with an insertion, so whatever is not visible yet
        belongs to one that runs now, or to one that begins later. Where the server cannot be asked, insertions are
        taken to run for as long as they may.
        """
        cluster = self._topology.cluster
        processes = f"clusterAllReplicas('{cluster}', system.processes)" if cluster else "system.processes"
        # now64() is taken before the list is read: what begins in between is later. The list has this question itself.
        sql = f"SELECT toUnixTimestamp64Nano(now64(9)), query_kind, elapsed FROM {processes}"  # noqa: S608 - a checked name
        try:
            with asking("settled"), self._lookouts.client() as client:
                running = client.execute(sql, settings=LOOKOUT_SETTINGS)
        except (driver.Error, Unavailable, *CONNECTION_ERRORS) as error:
            log.warning("cannot see which insertions run", error=reason(error))
            return time.time_ns() - LONGEST_INSERT_NS
        now_ns = min(now_ns for now_ns, _, _ in running)
        elapsed_s = max((elapsed_s for _, kind, elapsed_s in running if kind == "Insert"), default=0.0)
        return int(now_ns) - int(elapsed_s * 1e9) - (CLUSTER_SLACK_NS if cluster else CLOCK_SLACK_NS)

    def insert(
        self, table: str, columns: Mapping[str, Sequence[Any]], token: str, timeout_s: int = INSERT_TIMEOUT_S
    ) -> None:
        """Insert a block of columns, and return when it is durable.

        An insertion with a token that was seen within the last quarter of an hour adds nothing; if the first attempt
        was interrupted, it adds what was missing.

        Raises:
            Unreachable: there is no ClickHouse to insert into; nothing is stored.
            Unavailable: ClickHouse is away or at a limit. Some of the rows may be stored: try again with the token.
        """
        statement = insert_statement(table, list(columns))
        query_id = f"insert-{uuid4()}"
        settings = {**INSERT_SETTINGS, "insert_deduplication_token": token, "max_execution_time": timeout_s}
        if len(next(iter(columns.values()))) < SMALL_BLOCK_ROWS:
            settings |= SMALL_BLOCK_SETTINGS
        started_at = time.perf_counter()
        with self._writing("insert", query_id) as client:
            client.execute(statement, list(columns.values()), columnar=True, query_id=query_id, settings=settings)
        metrics.record_insertion(time.perf_counter() - started_at)

    def insert_from(self, statement: Query, token: str, timeout_s: int = INSERT_TIMEOUT_S) -> None:
        """Insert what a question about our own tables finds, once per token like ``insert``.

        Raises:
            Unavailable: ClickHouse is away or at a limit. Some of it may be stored: try again with the token.
        """
        query_id = f"{statement.kind}-{uuid4()}"
        limits = {"insert_deduplication_token": token, "max_execution_time": timeout_s}
        settings = {**INSERT_SETTINGS, **statement.settings, **limits}
        with self._writing(statement.kind, query_id) as client:
            client.execute(statement.sql, dict(statement.params), query_id=query_id, settings=settings)

    def empty(self, table: str) -> None:
        """Remove all rows of a table that is counted from another.

        Raises:
            Unavailable: ClickHouse is away.
        """
        with self._writing("empty", "empty") as client:
            client.execute(empty_statement(table, self._topology))

    @contextmanager
    def _writing(self, kind: str, query_id: str) -> Iterator[Client]:
        """Lend a connection of the owner, and turn what goes wrong on it into an error of ours."""
        self._require_url()
        try:
            with self._writers.client() as client:
                yield client
        except (driver.Error, *CONNECTION_ERRORS) as error:
            failure = translate(error, url=WRITER, query_id=query_id)
            metrics.record_failed_statement(kind, failure.code)
            raise failure from error

    def migrate(self) -> None:
        """Create the database and the tables, and bring them up to date; several processes may do so at once.

        Raises:
            StoreSetupError: the server is too old, its tables too new, or its user lacks a right.
            Unavailable: ClickHouse is away.
        """
        self._require_url()
        try:
            migrate(self._url, self._topology)
        except (driver.Error, *CONNECTION_ERRORS) as error:
            raise translate(error, url=WRITER, query_id="migration") from error

    def ping(self) -> None:
        """Ask both users for an answer, on connections of their own so that a full pool is no failure.

        Raises:
            Unavailable: one of them gets none.
        """
        self._control(self._url, WRITER, "SELECT 1")
        if self._reader_url != self._url:
            self._control(self._reader_url, self._reader_name, "SELECT 1")

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._writers.close()
        self._readers.close()
        self._lookouts.close()

    def _control(self, url: str, name: str, sql: str, params: Mapping[str, Any] | None = None) -> None:
        self._require_url()
        client = connect(url, socket_timeout_s=CONTROL_TIMEOUT_S)
        try:
            client.execute(sql, dict(params or {}))
        except (driver.Error, *CONNECTION_ERRORS) as error:
            raise translate(error, url=name, query_id="control") from error
        finally:
            disconnect(client)

    def _require_url(self) -> None:
        if not self._url:
            raise Unavailable("There is no ClickHouse: Hedgerow is not running here, and CLICKHOUSE_URL is not set.")


def _second(query_id: str) -> str:
    """Return the id of the second attempt: the server may believe that the first still runs."""
    return f"{query_id}-again"
