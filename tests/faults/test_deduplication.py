"""A server killed between its note of a block and the block's part takes the client's retry."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client

from tests.support.logs import Log, insert
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.deduplication import take_back_lost_blocks
from webapp.settings import MIB, Settings
from webapp.store.store import Store


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    """A server that the test may kill."""
    with EmbeddedClickHouse(tmp_path / "clickhouse", memory_bytes=1024 * MIB) as server:
        yield server


@pytest.fixture
def store(mortal: EmbeddedClickHouse) -> Iterator[Store]:
    """The tables of logs on it."""
    store = Store.from_settings(Settings(clickhouse_url=mortal.url, clickhouse_reader_url=mortal.reader_url))
    store.migrate()
    yield store
    store.close()


def kill(server: EmbeddedClickHouse) -> None:
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.stop()


def paths_of_last_parts(server: EmbeddedClickHouse) -> list[Path]:
    with Client.from_url(server.url) as client:
        rows = client.execute(
            "SELECT argMax(path, min_block_number) FROM system.parts WHERE active AND database = currentDatabase()"
            " AND table = 'logs' GROUP BY table"
        )
    return [server.folder / "store" / path for (path,) in rows]


def bodies(server: EmbeddedClickHouse) -> list[str]:
    with Client.from_url(server.url) as client:
        return sorted(body for (body,) in client.execute("SELECT body FROM logs"))


def test_a_block_that_was_noted_but_never_came_is_taken_when_the_client_repeats_it(
    mortal: EmbeddedClickHouse, store: Store
) -> None:
    for name in ("first", "second"):
        insert(store, [Log(body=name, attributes={"a": name})], token=name)
    [part] = paths_of_last_parts(mortal)
    store.close()
    kill(mortal)
    shutil.rmtree(part)  # the state that a kill between the note and the rename leaves
    mortal.start()
    assert bodies(mortal) == ["first"]
    for _ in range(2):
        for name in ("first", "second"):
            insert(store, [Log(body=name, attributes={"a": name})], token=name)
        assert bodies(mortal) == ["first", "second"]


def test_what_was_merged_is_not_taken_for_lost(mortal: EmbeddedClickHouse, store: Store) -> None:
    for number in range(5):
        insert(store, [Log(body=str(number), attributes={"a": "x"})], token=str(number))
    with Client.from_url(mortal.url) as client:
        client.execute("OPTIMIZE TABLE logs FINAL")
    store.close()
    kill(mortal)
    assert take_back_lost_blocks(mortal.folder / "store") == []
    mortal.start()
    for number in range(5):
        insert(store, [Log(body=str(number), attributes={"a": "x"})], token=str(number))
    assert bodies(mortal) == ["0", "1", "2", "3", "4"]


def note(folder: Path, file: str, *lines: tuple[str, str, str]) -> Path:
    logs = folder / "store" / "abc" / "abc-def" / "deduplication_logs"
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"deduplication_log_{file}.txt"
    path.write_text("".join("\t".join(line) + "\n" for line in lines))
    return path


def test_the_last_note_is_found_in_the_log_before_one_that_was_just_begun(tmp_path: Path) -> None:
    note(tmp_path, "9", ("1", "d-e_7_7_0", "block"))
    begun = note(tmp_path, "10")
    assert take_back_lost_blocks(tmp_path) == ["d-e_7_7_0"]
    assert begun.read_text() == "2\td-e_7_7_0\tblock\n"
    assert take_back_lost_blocks(tmp_path) == []


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        ("d-e_7_7_0", False),
        ("d-e_1_9_2", False),
        ("d-e_7_7_0_12", False),  # after a mutation
        ("d-e_1_6_2_7", True),
        ("d-e_8_9_1", True),
        ("other_7_7_0", True),
        ("tmp_insert_d-e_7_7_0", True),
    ],
)
def test_a_block_is_there_if_its_part_or_a_larger_one_of_its_partition_is(
    tmp_path: Path, there: str, lost: bool
) -> None:
    table = note(tmp_path, "1", ("1", "d-e_7_7_0", "block")).parent.parent
    (table / there).mkdir()
    assert bool(take_back_lost_blocks(tmp_path)) is lost


def test_a_block_that_came_again_after_it_was_taken_back_stays(tmp_path: Path) -> None:
    notes = (("1", "d-e_7_7_0", "block"), ("2", "d-e_7_7_0", "block"), ("1", "d-e_8_8_0", "block"))
    table = note(tmp_path, "1", *notes).parent.parent
    (table / "d-e_8_8_0").mkdir()
    assert take_back_lost_blocks(tmp_path) == []
