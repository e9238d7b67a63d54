"""A whole instance: it says when it is ready, survives the death of each part, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.instance import Instance, environment, processes_of, refusal, wait_for
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.valkey import EmbeddedValkey
from webapp.instance import is_running
from webapp.settings import ROOT, load_settings

pytestmark = pytest.mark.xdist_group("instance")

PARTS = {"clickhouse": 1, "valkey": 1, "web": 3, "scheduler": 1, "worker": 2}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One instance for the tests that leave it running."""
    with Instance(tmp_path_factory.mktemp("instance") / "data") as running:
        yield running.ready()


def test_a_start_ends_with_one_block_to_copy_from(instance: Instance) -> None:
    block = instance.output.split("Hedgerow is running.")[1]
    labels = [line[2:16].strip() for line in block.splitlines() if line.strip()]
    assert labels == ["Open", "", "Send logs to", "with header", "Try it", "Data", "Logs", "Stop"]
    assert instance.read("Open").startswith(f"{instance.url}/sign-in/")
    assert instance.read("Send logs to") == f"{instance.url}/v1/logs"
    assert instance.read("with header").startswith("Authorization: Bearer phc_")
    assert instance.read("Data") == str(instance.data_dir)


def test_all_parts_run(instance: Instance) -> None:
    assert instance.answers()
    wait_for(lambda: {name: len(found) for name, found in instance.processes().items()} == PARTS, "all parts")


def test_every_part_keeps_its_output_in_a_file_of_its_own(instance: Instance) -> None:
    names = {path.name for path in (instance.data_dir / "logs").iterdir()}
    assert {"clickhouse.log", "valkey.log", "web.log", "scheduler.log", "worker-1.log", "worker-2.log"} <= names
    assert "web process ready" in (instance.data_dir / "logs" / "web.log").read_text()


def test_the_sign_in_link_and_the_token_are_in_no_file(instance: Instance) -> None:
    for secret in (instance.read("Open").rpartition("/")[2], instance.read("with header").split()[-1]):
        assert secret
        for path in (instance.data_dir / "logs").iterdir():
            assert secret not in path.read_text(errors="replace")


def test_the_data_is_for_its_owner_alone(instance: Instance) -> None:
    folders = [instance.data_dir, *(instance.data_dir / name for name in ("run", "logs", "clickhouse", "valkey"))]
    files = [instance.data_dir / "run" / "instance.json", *(instance.data_dir / "secrets").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_nothing_listens_beyond_this_machine(instance: Instance) -> None:
    listening = [
        connection.laddr.ip
        for process in processes_of(instance.data_dir)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_a_command_finds_the_running_instance(instance: Instance) -> None:
    found = load_settings({"HEDGEROW_DATA": str(instance.data_dir)})
    assert found.base_url == instance.url
    assert found.redis_url == f"unix://{instance.data_dir}/valkey/valkey.sock"
    assert found.clickhouse_url.startswith("clickhouse://app:")
    assert found.clickhouse_reader_url.startswith("clickhouse://reader:")


def test_a_second_start_names_the_process_that_has_the_data(instance: Instance) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "webapp"],
        cwd=ROOT,
        env=environment(instance.data_dir),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 1
    assert f"Hedgerow is running already on {instance.data_dir} (process {instance.process.pid})." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert instance.answers()


def test_a_second_instance_with_its_own_data_is_told_that_the_port_is_taken(instance: Instance, tmp_path: Path) -> None:
    port = str(instance.announced["port"])
    sentence = refusal(tmp_path / "data", HEDGEROW_PORT=port)
    assert f"Port {port} on 127.0.0.1 is used by another program." in sentence
    assert "HEDGEROW_PORT=" in sentence


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_comes_back(instance: Instance, name: str) -> None:
    victim = instance.processes()[name][0]
    victim.kill()
    wait_for(lambda: _is_whole_without(instance, victim), f"{name} to come back", 30)
    said = re.compile(rf"{name}\S* was killed \(SIGKILL\); starting it again in [0-9.]+ s\.")
    assert any(said.fullmatch(line) for line in instance.lines)


def test_a_killed_web_process_is_replaced(instance: Instance) -> None:
    victim = instance.processes()["web"][-1]
    victim.kill()
    wait_for(lambda: _is_whole_without(instance, victim), "the web process to come back", 30)


def _is_whole_without(instance: Instance, victim: psutil.Process) -> bool:
    """Whether all parts are there and answer, the dead one replaced."""
    found = instance.processes()
    return (
        victim not in [process for processes in found.values() for process in processes]
        and {name: len(processes) for name, processes in found.items()} == PARTS
        and instance.answers()
    )


def test_a_stop_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    with Instance(tmp_path / "data") as instance:
        wait_for(lambda: "valkey" in instance.processes(), "the first part")
        assert instance.interrupt() == 0
        assert not processes_of(instance.data_dir)


def test_a_redis_of_ones_own_replaces_the_embedded_one_only(tmp_path: Path, valkey: EmbeddedValkey) -> None:
    with Instance(tmp_path / "data", HEDGEROW_WORKERS="1", REDIS_URL=valkey.url).ready() as instance:
        assert instance.answers()
        assert "valkey" not in instance.processes()
        assert "clickhouse" in instance.processes()
        assert instance.announced["redis_url"] == valkey.url


def test_a_clickhouse_of_ones_own_replaces_the_embedded_one_only(
    tmp_path: Path, clickhouse: EmbeddedClickHouse, clickhouse_database: str
) -> None:
    address = f"{clickhouse.url.rpartition('/')[0]}/{clickhouse_database}"
    with Instance(tmp_path / "data", HEDGEROW_WORKERS="1", CLICKHOUSE_URL=address).ready() as instance:
        assert instance.answers()
        assert "clickhouse" not in instance.processes()
        assert "valkey" in instance.processes()


def test_a_closed_terminal_stops_it_too(tmp_path: Path) -> None:
    with Instance(tmp_path / "data") as instance:
        wait_for(lambda: "valkey" in instance.processes(), "the first part")
        os.kill(instance.process.pid, signal.SIGHUP)
        assert instance.wait() == 0
        assert not processes_of(instance.data_dir)


def test_a_killed_supervisor_takes_everything_along_and_ctrl_c_ends_the_next_start_without_a_trace(
    instance: Instance,
) -> None:
    """The last one: it ends the instance that the others share."""
    data_dir = instance.data_dir
    wait_for(lambda: len(processes_of(data_dir)) > sum(PARTS.values()), "all parts and the supervisor")
    instance.process.kill()
    instance.wait()
    # At once: the next start waits for what is still ending.
    with Instance(data_dir).ready() as following:
        assert following.answers()
        assert following.interrupt() == 0
        assert following.lines[-1] == "Hedgerow has stopped."
        assert "killed" not in following.output
    assert not processes_of(data_dir)
    assert not (data_dir / "run" / "instance.json").exists()
    assert not is_running(data_dir)
