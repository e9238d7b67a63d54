"""Redis goes away, and comes back or does not."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from jobs.maintenance import TASKS
from jobs.scheduler import tick
from tests.jobs.samples import NAP, naps, wake
from tests.jobs.support import Process, eventually, is_running, task_row
from webapp.embedded.valkey import EmbeddedValkey
from webapp.models import RunStatus
from webapp.models.types import utc_now
from webapp.services.queues import connect_queues
from webapp.settings import Settings

Start = Callable[..., Process]


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server that the test may stop."""
    with EmbeddedValkey(tmp_path / "own-valkey") as server:
        yield server


@pytest.fixture
def own_settings(app: Flask, settings: Settings, own_valkey: EmbeddedValkey) -> Settings:
    """The test's settings with the server that it may stop; the application's context is on."""
    return replace(settings, redis_url=own_valkey.url)


def come_back_empty(valkey: EmbeddedValkey, after_s: float) -> None:
    valkey.stop()
    shutil.rmtree(valkey.folder / "appendonlydir")
    time.sleep(after_s)
    valkey.start()


def test_worker_and_scheduler_go_on_when_redis_comes_back_empty(
    own_settings: Settings, own_valkey: EmbeddedValkey, start: Start
) -> None:
    processes = [start("-m", name, on=own_settings) for name in ("jobs.worker", "jobs.scheduler")]
    worker = processes[0]
    eventually(lambda: all(f"{task.name} done" in worker.output for task in TASKS if task.interval_s > 60))
    come_back_empty(own_valkey, after_s=3)
    for process in processes:
        process.says("back at work")
        assert process.output.count("Redis cannot be used") == 1
        assert "Traceback" not in process.output
    connection = connect_queues(own_settings)
    assert connection.scard("rq:workers") == 1, "the worker is known again"
    wake(own_settings.data_dir).touch()
    assert tick(connection, [NAP], utc_now())
    eventually(lambda: task_row("nap").last_status is RunStatus.SUCCEEDED)


def test_a_job_goes_on_without_redis_and_its_result_is_in_sql(
    own_settings: Settings, own_valkey: EmbeddedValkey, start: Start
) -> None:
    tick(connect_queues(own_settings), [NAP], utc_now())
    worker = start("-m", "jobs.worker", on=own_settings)
    eventually(lambda: naps(own_settings.data_dir).exists())
    own_valkey.stop()
    wake(own_settings.data_dir).touch()
    eventually(lambda: task_row("nap").last_status is RunStatus.SUCCEEDED)
    worker.says("Redis cannot be used, trying again")
    worker.send(signal.SIGTERM)
    assert worker.ends() == 0
    assert "Traceback" not in worker.output


def test_a_worker_ends_with_one_line_when_redis_stays_away(
    own_settings: Settings, own_valkey: EmbeddedValkey, start: Start
) -> None:
    impatient = "import sys, jobs.worker as w; w.PATIENCE_S = 1; sys.exit(w.main([]))"
    worker = start("-c", impatient, on=own_settings)
    eventually(lambda: connect_queues(own_settings).scard("rq:workers") == 1)
    own_valkey.stop()
    assert worker.ends() == 75
    assert worker.output.count("Redis cannot be used, trying again") == 1
    assert worker.output.count("Redis stays away, ending for a fresh start") == 1
    assert "Traceback" not in worker.output


def test_a_worker_that_is_killed_during_an_outage_leaves_no_work_horse(
    own_settings: Settings, own_valkey: EmbeddedValkey, start: Start
) -> None:
    tick(connect_queues(own_settings), [NAP], utc_now())
    worker = start("-m", "jobs.worker", on=own_settings)
    eventually(lambda: naps(own_settings.data_dir).exists())
    horse = int(naps(own_settings.data_dir).read_text())
    own_valkey.stop()
    worker.send(signal.SIGKILL)
    eventually(lambda: not is_running(horse))
    own_valkey.start()
    wake(own_settings.data_dir).touch()
    tick(connect_queues(own_settings), [NAP], utc_now() + timedelta(seconds=NAP.lease_s))
    start("-m", "jobs.worker", on=own_settings)
    eventually(lambda: task_row("nap").attempt == 2 and task_row("nap").last_status is RunStatus.SUCCEEDED)
