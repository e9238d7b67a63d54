"""The scheduler process: ``python -m jobs.scheduler``. Any number of them may run; each slot has one winner."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from jobs.maintenance import TASKS
from jobs.process import Outage, StopSignal
from webapp import create_app, observability
from webapp.models.types import utc_now
from webapp.services import scheduling
from webapp.services.queues import connect_queues, enqueue
from webapp.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from flask import Flask
    from redis import Redis

    from webapp.services.scheduling import Task

log = structlog.get_logger("jobs.scheduler")  # the module is __main__ when it runs

TICK_S = 2.0


def tick(connection: Redis, tasks: Sequence[Task], now: datetime) -> bool:
    """Hand out the runs that are due and those that were lost; whether there were any.

    Redis is asked first: a run that is claimed and then cannot be queued waits until its lease ends.
    """
    connection.ping()
    by_name = {task.name: task for task in tasks}
    scheduling.ensure_tasks(tasks, now)
    lost = scheduling.reclaim_lost_runs(tasks, now)
    for run in lost:
        log.warning("a run was lost, it goes out again", task=run.name, seq=run.seq, attempt=run.attempt)
    runs = lost + scheduling.claim_due_runs(tasks, now)
    for run in runs:
        task = by_name[run.name]
        enqueue(
            connection,
            task.queue,
            task.function,
            (run.name, run.seq, run.attempt, run.lease_s),
            job_id=run.job_id,
            timeout_s=task.timeout_s,
            wait_s=run.lease_s,
        )
    return bool(runs)


def run(app: Flask, connection: Redis, tasks: Sequence[Task], stop: StopSignal) -> None:
    """Tick until told to stop. A server that is away is waited for."""
    outage = Outage()
    while not stop.requested:
        try:
            with app.app_context():
                tick(connection, tasks, utc_now())
        except (RedisError, SQLAlchemyError) as error:
            server = "Redis" if isinstance(error, RedisError) else "the SQL database"
            stop.wait(outage.goes_on(server, error))
        else:
            outage.ends()
            stop.wait(TICK_S)


def main() -> int:
    """Run one scheduler."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(str(error))
    observability.configure(settings, "scheduler")
    stop = StopSignal()
    run(create_app(settings), connect_queues(settings), TASKS, stop)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
