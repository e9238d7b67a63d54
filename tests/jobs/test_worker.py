"""Real workers: what they record, how they stop, and what is left when they are killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.job import Job

from jobs.scheduler import tick
from tests.jobs.samples import BREAK_DOWN, FAIL, NAP, naps, wake
from tests.jobs.support import Process, eventually, is_running, task_row
from webapp.extensions import db
from webapp.models import RunStatus
from webapp.models.types import utc_now
from webapp.services.queues import SERIALIZER, connect_queues, enqueue
from webapp.services.scheduling import Task, claim_due_runs, ensure_tasks
from webapp.settings import Settings

StartWorker = Callable[[], Process]


@pytest.fixture
def queues(app: Flask, settings: Settings) -> Redis:
    """A connection as the scheduler has it; the application's context is on."""
    return connect_queues(settings)


def napping(settings: Settings) -> list[int]:
    """The processes in which naps were begun."""
    return (
        [int(line) for line in naps(settings.data_dir).read_text().split()] if naps(settings.data_dir).exists() else []
    )


def hand_out(queues: Redis, task: Task) -> None:
    assert tick(queues, [task], utc_now())


def test_a_run_is_done_and_recorded(queues: Redis, settings: Settings, start_worker: StartWorker) -> None:
    wake(settings.data_dir).touch()
    hand_out(queues, NAP)
    worker = start_worker()
    worker.says("nap done")
    row = task_row("nap")
    assert (row.runs, row.attempt, row.last_status, row.last_error) == (1, 1, RunStatus.SUCCEEDED, None)
    assert row.lease_expires_at is None
    assert row.last_run_at is not None
    assert row.last_run_at > utc_now() - timedelta(minutes=1)
    assert '"slept":true' in worker.output


def test_failures_are_recorded_with_their_reason(queues: Redis, start_worker: StartWorker) -> None:
    hand_out(queues, FAIL)
    hand_out(queues, BREAK_DOWN)
    worker = start_worker()
    eventually(lambda: task_row("break_down").runs == 1)
    row = task_row("fail")
    assert (row.last_status, row.last_error) == (RunStatus.FAILED, "ClickHouse is away.")
    assert task_row("break_down").last_error == "LookupError: no such thing"
    expected, unexpected = (line for line in worker.output.splitlines() if " failed" in line)
    assert "Traceback" not in expected
    assert "Traceback" in unexpected


def test_the_same_run_in_two_jobs_is_done_and_recorded_once(
    queues: Redis, settings: Settings, start_worker: StartWorker
) -> None:
    ensure_tasks([NAP], utc_now())
    (run,) = claim_due_runs([NAP], utc_now())
    for job_id in ("twin-1", "twin-2"):
        arguments = (run.name, run.seq, run.attempt, run.lease_s)
        enqueue(queues, NAP.queue, NAP.function, arguments, job_id=job_id, timeout_s=30, wait_s=30)
    workers = [start_worker(), start_worker()]
    eventually(lambda: any("nothing to do" in worker.output for worker in workers))
    wake(settings.data_dir).touch()
    eventually(lambda: task_row("nap").runs == 1)
    eventually(lambda: Job.fetch("twin-2", queues, serializer=SERIALIZER).is_finished)
    eventually(lambda: Job.fetch("twin-1", queues, serializer=SERIALIZER).is_finished)
    assert len(napping(settings)) == 1
    assert task_row("nap").runs == 1


def test_a_killed_worker_leaves_no_work_horse_and_its_run_is_done_again(
    queues: Redis, settings: Settings, start_worker: StartWorker
) -> None:
    hand_out(queues, NAP)
    worker = start_worker()
    eventually(lambda: napping(settings))
    (horse,) = napping(settings)
    assert horse != worker.process.pid
    worker.send(signal.SIGKILL)
    assert worker.ends() == -signal.SIGKILL
    eventually(lambda: not is_running(horse))

    assert not tick(queues, [NAP], utc_now())
    wake(settings.data_dir).touch()
    assert tick(queues, [NAP], utc_now() + timedelta(seconds=NAP.lease_s))
    start_worker()
    eventually(lambda: task_row("nap").runs == 1)
    row = task_row("nap")
    assert (row.seq, row.attempt, row.last_status) == (1, 2, RunStatus.SUCCEEDED)
    assert len(napping(settings)) == 2
    assert Queue("maintenance", connection=queues, serializer=SERIALIZER).is_empty()


def test_an_idle_worker_stops_at_once_and_says_so_in_redis(queues: Redis, start_worker: StartWorker) -> None:
    worker = start_worker()
    eventually(lambda: queues.scard("rq:workers") == 1)
    worker.send(signal.SIGTERM)
    assert worker.ends() == 0
    assert queues.scard("rq:workers") == 0
    assert "Traceback" not in worker.output


def test_a_job_that_ends_within_the_grace_is_let_finish(
    queues: Redis, settings: Settings, start_worker: StartWorker
) -> None:
    hand_out(queues, NAP)
    worker = start_worker()
    eventually(lambda: napping(settings))
    (horse,) = napping(settings)
    os.kill(horse, signal.SIGTERM)  # as a container does that tells every process to stop
    worker.send(signal.SIGTERM)
    wake(settings.data_dir).touch()
    assert worker.ends() == 0
    assert task_row("nap").last_status is RunStatus.SUCCEEDED
    assert not is_running(horse)


def test_a_job_that_outlasts_the_grace_is_ended_with_its_worker(
    queues: Redis, settings: Settings, start_worker: StartWorker
) -> None:
    hand_out(queues, NAP)
    worker = start_worker()
    eventually(lambda: napping(settings))
    (horse,) = napping(settings)
    worker.send(signal.SIGTERM)
    assert worker.ends() == 0
    assert not is_running(horse)
    assert "did not end within the grace" in worker.output
    row = task_row("nap")
    assert (row.runs, row.attempt) == (0, 1)
    assert tick(queues, [NAP], utc_now() + timedelta(seconds=NAP.lease_s)), "it goes out again"


def test_a_job_over_its_time_limit_is_recorded_as_failed(queues: Redis, start_worker: StartWorker) -> None:
    hand_out(queues, Task("nap", NAP.function, interval_s=3600, timeout_s=1))
    start_worker()
    eventually(lambda: task_row("nap").runs == 1)
    row = task_row("nap")
    assert row.last_status is RunStatus.FAILED
    assert row.last_error is not None
    assert "exceeded maximum timeout value (1 seconds)" in row.last_error


def test_a_job_whose_function_is_gone_does_not_stop_the_worker(
    queues: Redis, settings: Settings, start_worker: StartWorker
) -> None:
    wake(settings.data_dir).touch()
    enqueue(queues, "maintenance", "jobs.yesterday.work", (), job_id="old-1", timeout_s=30, wait_s=30)
    hand_out(queues, NAP)
    worker = start_worker()
    worker.says("nap done")
    assert "the job broke" in worker.output
    db.session.rollback()
