"""What waits to be done: jobs in the queues, and scheduled tasks past their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rq import Queue
from sqlalchemy import select

from webapp.extensions import db, redis
from webapp.models.scheduling import RunStatus, ScheduledTask
from webapp.services.queues import QUEUES, SERIALIZER


@dataclass(frozen=True, slots=True)
class TaskState:
    """A scheduled task: how late its next run is, and how its last one ended."""

    name: str
    lag_s: float
    failed: bool


def queue_depths() -> dict[str, int]:
    """Return the number of jobs that wait in each queue.

    Raises:
        RedisError: Redis is away.
    """
    return {name: Queue(name, connection=redis, serializer=SERIALIZER).count for name in QUEUES}


def task_states(now: datetime) -> list[TaskState]:
    """Return the state of every scheduled task.

    A run that is still out when its next slot comes counts as late from then on: the slot has to wait for it.

    Raises:
        SQLAlchemyError: the SQL database is away.
    """
    rows = db.session.execute(
        select(ScheduledTask.name, ScheduledTask.next_run_at, ScheduledTask.last_status).order_by(ScheduledTask.name)
    ).all()
    db.session.rollback()
    return [
        TaskState(name, max((now - due).total_seconds(), 0.0), status not in (None, RunStatus.SUCCEEDED))
        for name, due, status in rows
    ]
