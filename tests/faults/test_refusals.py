"""What prevents a start is said in one plain sentence, and nothing is left running."""

from __future__ import annotations

import socket
import socketserver
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path

import pytest

from tests.support.instance import refusal
from webapp.embedded.processes import free_port


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def old_clickhouse() -> Iterator[int]:
    """A server that speaks ClickHouse's protocol as version 23.8 did, for as long as anybody asks its version."""
    hello = b"\x00" + b"\x0aClickHouse" + bytes([23, 8]) + b"\x90\xa6\x03"  # revision 54032
    end_of_stream = b"\x05"

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            answers = chain([hello], repeat(end_of_stream))
            while self.request.recv(65536):
                self.request.sendall(next(answers))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_port_in_use(data_dir: Path, taken_port: int) -> None:
    sentence = refusal(data_dir, HEDGEROW_PORT=str(taken_port))
    assert f"Port {taken_port} on 127.0.0.1 is used by another program." in sentence
    assert f"HEDGEROW_PORT={taken_port + 1}" in sentence
    assert not (data_dir / "clickhouse").exists(), "something was started before the port was looked at"


def test_an_address_of_another_machine(data_dir: Path) -> None:
    assert "HEDGEROW_HOST is '192.0.2.1', which is no address of this machine" in refusal(
        data_dir, HEDGEROW_HOST="192.0.2.1"
    )


def test_an_unusable_setting(data_dir: Path) -> None:
    assert "HEDGEROW_PORT is 'http', but must be a whole number." in refusal(data_dir, HEDGEROW_PORT="http")


def test_a_disk_that_is_nearly_full(data_dir: Path) -> None:
    sentence = refusal(data_dir, HEDGEROW_MIN_FREE_BYTES=str(2**60))
    assert f"MiB are free on the disk of {data_dir}" in sentence
    assert "HEDGEROW_MIN_FREE_BYTES" in sentence


def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sentence = refusal(tmp_path / "file" / "data")
    assert f"The data directory {tmp_path}/file/data cannot be used: Not a directory." in sentence
    assert "HEDGEROW_DATA" in sentence


def test_a_native_library_that_cannot_be_loaded(data_dir: Path, tmp_path: Path) -> None:
    package = tmp_path / "broken" / "chdb"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "_chdb.abi3.so").write_text("not a library")
    sentence = refusal(data_dir, PYTHONPATH=str(package.parent))
    assert "The embedded ClickHouse did not start" in sentence
    assert "The ClickHouse library cannot be loaded" in sentence
    assert "invalid ELF header" in sentence or "not a mach-o" in sentence.lower() or "file too short" in sentence


@pytest.mark.parametrize(
    ("variable", "address", "sentence"),
    [
        ("CLICKHOUSE_URL", "clickhouse://app:secret@127.0.0.1:{port}/hedgerow", "ClickHouse (CLICKHOUSE_URL) does"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:{port}/0", "Redis (REDIS_URL) cannot be used: "),
        (
            "DATABASE_URL",
            "postgresql://app:secret@127.0.0.1:{port}/app",
            "The SQL database (DATABASE_URL) cannot",
        ),
    ],
)
def test_a_server_of_ones_own_that_is_away(data_dir: Path, variable: str, address: str, sentence: str) -> None:
    said = refusal(data_dir, **{variable: address.format(port=free_port())})
    assert sentence in said
    assert "secret" not in said


def test_a_clickhouse_that_is_too_old(data_dir: Path, old_clickhouse: int) -> None:
    said = refusal(data_dir, CLICKHOUSE_URL=f"clickhouse://app@127.0.0.1:{old_clickhouse}/hedgerow")
    assert "The ClickHouse server is version 23.8." in said
    assert "but Hedgerow needs 26.9 or newer." in said


def test_sql_tables_of_a_newer_version(data_dir: Path) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(data_dir / "hedgerow.sqlite3")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('from_the_future')")
        database.commit()
    assert "was last used by a newer version of Hedgerow" in refusal(data_dir)
