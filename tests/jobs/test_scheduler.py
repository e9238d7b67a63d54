"""Real schedulers on the real tasks."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import Queue
from sqlalchemy import func, select

from jobs.maintenance import TASKS
from jobs.scheduler import tick
from tests.jobs.samples import NAP
from tests.jobs.support import Process, eventually, task_row
from tests.support.accounts import new_database
from webapp import create_app
from webapp.extensions import db
from webapp.models import RunStatus, ScheduledTask
from webapp.models.types import utc_now
from webapp.services.database import upgrade_database
from webapp.services.queues import QUEUES, SERIALIZER, connect_queues
from webapp.settings import Settings

Start = Callable[..., Process]


def queued(connection: Redis) -> list[str]:
    queues = (Queue(name, connection=connection, serializer=SERIALIZER) for name in QUEUES)
    return [job_id for queue in queues for job_id in queue.job_ids]


def test_a_tick_without_anything_due_does_nothing(app: Flask, settings: Settings) -> None:
    connection, now = connect_queues(settings), utc_now()
    assert tick(connection, [NAP], now)
    assert not tick(connection, [NAP], now)
    assert queued(connection) == ["nap-1-1"]


def test_a_run_that_no_worker_takes_does_not_pile_up_in_the_queue(app: Flask, settings: Settings) -> None:
    connection, now = connect_queues(settings), utc_now()
    tick(connection, [NAP], now)
    assert 0 < connection.ttl("rq:job:nap-1-1") <= NAP.lease_s
    connection.delete("rq:job:nap-1-1")  # as Redis does when that time is over
    tick(connection, [NAP], now + timedelta(seconds=NAP.lease_s))
    jobs = Queue("maintenance", connection=connection, serializer=SERIALIZER).jobs
    assert [job.id for job in jobs] == ["nap-1-2"]


def test_nothing_is_claimed_while_redis_is_away(app: Flask, settings: Settings) -> None:
    nowhere = connect_queues(replace(settings, redis_url=f"unix://{settings.data_dir}/nothing.sock"))
    with pytest.raises(RedisConnectionError, match=r"nothing\.sock"):
        tick(nowhere, [NAP], utc_now())
    assert tick(connect_queues(settings), [NAP], utc_now())
    assert task_row("nap").seq == 1


def test_two_schedulers_hand_out_each_task_once(app: Flask, settings: Settings, start: Start) -> None:
    schedulers = [start("-m", "jobs.scheduler") for _ in range(2)]
    connection = connect_queues(settings)
    eventually(lambda: len(queued(connection)) >= len(TASKS))
    for scheduler in schedulers:
        scheduler.send(signal.SIGTERM)
        assert scheduler.ends() == 0
        assert "Traceback" not in scheduler.output
    assert sorted(queued(connection)) == sorted(f"{task.name}-1-1" for task in TASKS)


def test_a_scheduler_waits_for_the_sql_database_and_says_so_once(app: Flask, settings: Settings, start: Start) -> None:
    empty = replace(settings, database_url=f"sqlite:///{settings.data_dir / 'empty.sqlite3'}")
    scheduler = start("-m", "jobs.scheduler", on=empty)
    scheduler.says("the SQL database cannot be used, trying again")
    other = create_app(empty)
    upgrade_database(other)
    scheduler.says("back at work")
    assert scheduler.output.count("cannot be used") == 1
    assert "Traceback" not in scheduler.output
    with other.app_context():
        eventually(lambda: task_row(TASKS[0].name).seq == 1)
        db.session.remove()
        db.engine.dispose()


def test_schedulers_and_workers_share_a_postgresql(
    app: Flask, settings: Settings, postgresql: str, migrated_postgresql: str, start: Start
) -> None:
    shared = replace(settings, database_url=new_database(postgresql, migrated_postgresql))
    other = create_app(shared)
    names = ("jobs.worker", "jobs.worker", "jobs.scheduler", "jobs.scheduler")
    processes = [start("-m", name, on=shared) for name in names]
    with other.app_context():
        eventually(lambda: finished_runs() == len(TASKS))
        for process in processes:
            process.send(signal.SIGTERM)
            assert process.ends() == 0
            assert "Traceback" not in process.output
        rows = [task_row(task.name) for task in TASKS]
        assert [(row.seq, row.attempt, row.runs, row.last_status) for row in rows] == [
            (1, 1, 1, RunStatus.SUCCEEDED) for _ in TASKS
        ]
        db.session.remove()
        db.engine.dispose()


def finished_runs() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.sum(ScheduledTask.runs))) or 0
