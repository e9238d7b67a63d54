"""The embedded servers are real, private, and stop cleanly."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException
from redis import Redis

from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.processes import PORTS, ServerError
from webapp.embedded.valkey import EmbeddedValkey

ACCESS_DENIED = 497
AUTHENTICATION_FAILED = 516
LIMIT_OF_SESSIONS = 700
LIMIT_OF_SETTING = 452


@contextmanager
def refused(code: int) -> Iterator[None]:
    with pytest.raises(ServerException) as caught:
        yield
    assert caught.value.code == code


def test_the_engine_is_the_pinned_one_and_thinks_in_utc(clickhouse: EmbeddedClickHouse) -> None:
    with Client.from_url(clickhouse.url) as client:
        version, zone = client.execute("SELECT version(), timezone()")[0]
    assert version.startswith("26.9.")
    assert zone in {"UTC", "Etc/UTC"}


def test_the_holding_user_takes_no_second_session(clickhouse: EmbeddedClickHouse) -> None:
    with Client("127.0.0.1", clickhouse.port) as client, refused(LIMIT_OF_SESSIONS):
        client.execute("SELECT 1")


def test_a_wrong_password_is_refused(clickhouse: EmbeddedClickHouse) -> None:
    with (
        Client("127.0.0.1", clickhouse.port, user="app", password="guess") as client,
        refused(AUTHENTICATION_FAILED),
    ):
        client.execute("SELECT 1")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString', 'line String')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString', 'line String')",
        "SELECT * FROM remote('127.0.0.1', 'system', 'one')",
        "SELECT query FROM system.processes",
        "CREATE TABLE {database}.other (n UInt8) ENGINE = MergeTree ORDER BY n",
        "INSERT INTO {database}.numbers VALUES (2)",
        "ALTER TABLE {database}.numbers DELETE WHERE 1",
        "TRUNCATE TABLE {database}.numbers",
        "DROP TABLE {database}.numbers",
    ],
)
def test_the_reader_can_only_select_from_our_tables(
    clickhouse: EmbeddedClickHouse, clickhouse_database: str, statement: str
) -> None:
    with Client.from_url(clickhouse.url) as owner:
        owner.execute(f"CREATE TABLE {clickhouse_database}.numbers (n UInt8) ENGINE = MergeTree ORDER BY n")
        owner.execute(f"INSERT INTO {clickhouse_database}.numbers VALUES", [(1,)])
    with Client.from_url(clickhouse.reader_url) as reader:
        assert reader.execute(f"SELECT n FROM {clickhouse_database}.numbers") == [(1,)]
        with refused(ACCESS_DENIED):
            reader.execute(statement.format(database=clickhouse_database))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("max_execution_time", 31), ("max_execution_time", 0), ("max_memory_usage", 0), ("max_result_rows", 0)],
)
def test_the_reader_cannot_lift_its_limits(clickhouse: EmbeddedClickHouse, setting: str, value: int) -> None:
    with (
        Client.from_url(clickhouse.reader_url) as reader,
        refused(LIMIT_OF_SETTING),
    ):
        reader.execute("SELECT 1", settings={setting: value})


def test_the_owner_can_reach_neither_files_nor_addresses(clickhouse: EmbeddedClickHouse) -> None:
    with Client.from_url(clickhouse.url) as owner:
        for source in ("url('http://127.0.0.1:1/', 'LineAsString')", "file('/etc/passwd', 'LineAsString')"):
            with refused(ACCESS_DENIED):
                owner.execute(f"SELECT * FROM {source}")


def test_everything_with_a_secret_in_it_is_private(clickhouse: EmbeddedClickHouse) -> None:
    private = [clickhouse.folder / "users.xml", clickhouse.folder / "config.xml"]
    private += (clickhouse.folder / "secrets").iterdir()
    assert len(private) == 4
    for path in private:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (clickhouse.folder, clickhouse.folder / "secrets"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_rows_survive_a_killed_server_at_the_same_address(tmp_path: Path) -> None:
    server = EmbeddedClickHouse(tmp_path / "with a space")
    address = server.url
    with server:
        with Client.from_url(address) as client:
            client.execute("CREATE TABLE numbers (n UInt8) ENGINE = MergeTree ORDER BY n")
            client.execute("INSERT INTO numbers VALUES", [(1,), (2,)])
        assert server.process is not None
        server.process.kill()
    with server, Client.from_url(server.url) as client:
        assert server.url == address
        assert client.execute("SELECT n FROM numbers ORDER BY n") == [(1,), (2,)]


def test_a_second_server_on_the_same_folder_is_refused_in_a_sentence(clickhouse: EmbeddedClickHouse) -> None:
    with pytest.raises(ServerError, match="Cannot lock file"), EmbeddedClickHouse(clickhouse.folder):
        raise AssertionError("it started")


def test_the_port_is_below_the_ranges_that_systems_hand_out(clickhouse: EmbeddedClickHouse) -> None:
    assert clickhouse.port in PORTS
    assert max(PORTS) < 32768


def test_the_server_stops_when_its_parent_lets_go(tmp_path: Path) -> None:
    server = EmbeddedClickHouse(tmp_path)
    with server:
        assert server.process is not None
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(20) == 0


def test_valkey_keeps_its_data_and_only_this_user_can_open_it(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    with server, closing(Redis.from_url(server.url)) as client:
        assert stat.S_IMODE(server.socket_path.stat().st_mode) == 0o700
        client.set("name", "hedgerow")
    with server, closing(Redis.from_url(server.url)) as client:
        assert client.get("name") == b"hedgerow"


def test_valkey_works_where_the_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / ("long" * 30))
    with server, closing(Redis.from_url(server.url)) as client:
        assert client.ping()
        assert len(os.fsencode(server.socket_path)) < 100


def test_valkey_listens_on_no_port(valkey: EmbeddedValkey) -> None:
    with closing(Redis.from_url(valkey.url)) as client:
        assert client.config_get("port") == {"port": "0"}


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("in the way")
    with pytest.raises(ServerError, match="The embedded Valkey did not start: "), EmbeddedValkey(tmp_path):
        raise AssertionError("it started")


def test_a_stopped_server_leaves_no_process(tmp_path: Path) -> None:
    server = EmbeddedClickHouse(tmp_path)
    with server:
        assert server.process is not None
        process = server.process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(process, signal.SIG_DFL)
