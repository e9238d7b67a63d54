"""Connections: one query each, bounded, none across a fork, mended after a restart of the server."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.logs import Log, insert
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.errors import HedgerowError, Unavailable
from webapp.queries.query import Query
from webapp.settings import Settings
from webapp.store.pool import Pool, connect, database_of
from webapp.store.store import Store

ONE = Query("test", "SELECT 1", {}, project_id=1)
SLOW = Query("test", "SELECT sleep(0.5)", {}, project_id=1)
WHO = Query("test", "SELECT count() FROM logs", {}, project_id=1)

# Newer Pythons warn of a fork beside threads, which is the point of these tests.
fork_beside_threads = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")


@pytest.fixture
def pool(settings: Settings) -> Iterator[Pool]:
    pool = Pool(settings.clickhouse_url, size=2, socket_timeout_s=10, wait_s=0.2)
    yield pool
    pool.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    """A server that a test may kill."""
    with EmbeddedClickHouse(tmp_path / "clickhouse", memory_bytes=1024**3) as server:
        yield server


def kill(server: EmbeddedClickHouse) -> None:
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.stop()


def own_store(server: EmbeddedClickHouse) -> Store:
    return Store.from_settings(Settings(clickhouse_url=server.url, clickhouse_reader_url=server.reader_url))


def test_a_client_is_used_again(pool: Pool) -> None:
    with pool.client() as first:
        first.execute("SELECT 1")
    with pool.client() as second:
        assert second is first


def test_two_threads_never_share_a_client(pool: Pool) -> None:
    with pool.client() as first, pool.client() as second:
        assert first is not second


def test_a_full_pool_says_that_it_is_busy(pool: Pool) -> None:
    with (
        pool.client(),
        pool.client(),
        pytest.raises(Unavailable, match=r"^Too many queries are waiting for ClickHouse \(2 at once\)"),
        pool.client(),
    ):
        pass


def test_a_place_is_free_again_after_an_error(pool: Pool) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pool.client():
            raise ZeroDivisionError
    with pool.client() as client:
        assert client.execute("SELECT 1") == [(1,)]


def test_a_connection_with_an_unread_answer_is_not_given_back(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError), pool.client() as first:
        rows = first.execute_iter("SELECT number FROM numbers(1000000)")
        next(rows)
        raise ZeroDivisionError
    with pool.client() as second:
        assert second is not first
        assert second.execute("SELECT 1") == [(1,)]


def test_many_threads_get_their_own_answers(store: Store) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        query = Query("test", "SELECT {n:UInt32}, sleep(0.01)", {"n": number}, project_id=1)
        answers[number] = store.read(query).rows[0][0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number for number in range(24)}


@fork_beside_threads
def test_a_forked_child_opens_its_own_connections(store: Store) -> None:
    """Sharing one would mix answers; shutting the inherited one down would cut the parent off."""
    assert store.read(ONE).rows == [(1,)]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no assertion may escape into a second pytest
        try:
            rows = [store.read(ONE).rows for _ in range(3)]
            store.close()
            os.write(writing, repr(rows).encode())
        finally:
            os._exit(0)
    rows = [store.read(ONE).rows for _ in range(3)]
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as result:
        assert result.read() == repr([[(1,)]] * 3)
    assert rows == [[(1,)]] * 3
    assert store.read(ONE).rows == [(1,)]


@fork_beside_threads
def test_a_fork_during_queries_leaves_a_child_that_can_ask(settings: Settings) -> None:
    """The places and the lock were held by threads that the child does not have."""
    store = Store.from_settings(replace(settings, web_threads=2))
    threads = [threading.Thread(target=store.read, args=(SLOW,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if store.read(ONE).rows == [(1,)] else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    for thread in threads:
        thread.join()
    store.close()
    assert os.waitstatus_to_exitcode(status) == 0


def test_reads_and_insertions_go_on_after_a_restart_of_the_server(own_server: EmbeddedClickHouse) -> None:
    store = own_store(own_server)
    store.migrate()
    insert(store, [Log()])
    assert store.read(WHO).rows == [(1,)]
    own_server.stop()
    with pytest.raises(Unavailable, match=r"^ClickHouse \(CLICKHOUSE_READER_URL\) does not answer\.$"):
        store.read(WHO)
    own_server.start()
    insert(store, [Log()])
    assert store.read(WHO).rows == [(2,)]
    store.close()


def test_a_server_that_hangs_is_given_up(own_server: EmbeddedClickHouse) -> None:
    hurried = "?connect_timeout=0.5&sync_request_timeout=0.5&send_receive_timeout=1"
    store = Store.from_settings(Settings(clickhouse_url=own_server.url + hurried))
    assert store.read(ONE).rows == [(1,)]
    assert own_server.process is not None
    os.kill(own_server.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable, match=r"^ClickHouse \(CLICKHOUSE_URL\) does not answer\.$"):
            store.read(ONE)
    finally:
        os.kill(own_server.process.pid, signal.SIGCONT)
    assert store.read(ONE).rows == [(1,)]
    store.close()


def test_acknowledged_rows_survive_a_kill_at_any_moment(own_server: EmbeddedClickHouse) -> None:
    """Retried batches are stored once, and what counts the rows agrees with them after every kill."""
    store = own_store(own_server)
    store.migrate()
    sent = 0
    for round_number in range(3):
        killer = threading.Timer(0.15 + 0.1 * round_number, kill, (own_server,))
        killer.start()
        while True:
            batch = [Log(body=f"{sent} {index}", attributes={"batch": str(sent)}) for index in range(200)]
            try:
                insert(store, batch, token=f"batch {sent}")
            except HedgerowError:
                break  # the next round tries the same batch again
            sent += 1
        killer.join()
        own_server.start()
        insert(
            store,
            [Log(body=f"{sent} {index}", attributes={"batch": str(sent)}) for index in range(200)],
            f"batch {sent}",
        )
        sent += 1
        assert_everything_agrees(store, sent)
    store.close()


def assert_everything_agrees(store: Store, batches: int) -> None:
    def ask(sql: str, **settings: int) -> list[tuple[object, ...]]:
        return store.read(Query("test", sql, {}, 1, settings)).rows

    rows = ask("SELECT attributes['batch'] AS batch, count() FROM logs GROUP BY batch")
    assert sorted(rows) == sorted((str(number), 200) for number in range(batches))
    by_minute = ask(
        "SELECT sum(n) FROM (SELECT toStartOfMinute(timestamp) AS minute, count() AS n FROM logs GROUP BY minute)",
        force_optimize_projection=1,
    )
    assert by_minute == [(200 * batches,)]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("clickhouse://u:p%40ss@host/db", ("host", 9000, False)),
        ("clickhouses://u:p@host/db", ("host", 9440, True)),
        ("clickhouses://u:p@host:1234/db?verify=0", ("host", 1234, True)),
    ],
)
def test_addresses_name_server_port_and_tls(address: str, expected: tuple[str, int, bool]) -> None:
    connection = connect(address, socket_timeout_s=1).connection
    assert (*connection.hosts[0], connection.secure_socket) == expected
    assert database_of(address) == "db"


def test_a_password_may_hold_any_character() -> None:
    assert connect("clickhouse://u:p%40%2Fss%3A@host/db", socket_timeout_s=1).connection.password == "p@/ss:"


def test_tls_is_spoken_where_the_address_says_so() -> None:
    """The first byte of a TLS handshake is 22; the native protocol would begin with 0."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            peer, _ = server.accept()
            with peer:
                heard.append(peer.recv(1))

        thread = threading.Thread(target=listen)
        thread.start()
        store = Store.from_settings(
            Settings(clickhouse_url=f"clickhouses://u:p@127.0.0.1:{server.getsockname()[1]}/db")
        )
        with pytest.raises(Unavailable):
            store.ping()
        thread.join()
    assert heard == [b"\x16"]
