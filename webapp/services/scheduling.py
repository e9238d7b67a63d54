"""Claims of scheduled tasks: one winner per slot, one result per run.

Every change is an UPDATE that names the values it was decided on, so any number of schedulers and workers may try
it at once: one of them changes the row, the others change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db
from webapp.models.scheduling import RunStatus, ScheduledTask
from webapp.services.changes import change

MAX_ATTEMPTS = 3  # then the task waits for its next slot: a run that kills its worker would do so for ever
# A worker ends a job at its time limit and kills it within 70 s after that, so that at the end of its lease no
# attempt can still be at work.
LEASE_MARGIN_S = 90
ERROR_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Task:
    """Work that comes round again: what, how often, for how long at most, and through which queue."""

    name: str
    function: str
    interval_s: int
    timeout_s: int
    queue: str = "maintenance"

    @property
    def lease_s(self) -> int:
        """Seconds after which a run that has not ended is taken to be lost."""
        return self.timeout_s + LEASE_MARGIN_S


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at one slot of a task: whoever holds it may do the work and record how it ended."""

    name: str
    seq: int
    attempt: int
    lease_s: int

    @property
    def job_id(self) -> str:
        """Name of the job in Redis; another attempt is another job."""
        return f"{self.name}-{self.seq}-{self.attempt}"


def next_slot(slot: datetime, interval_s: int, now: datetime) -> datetime:
    """Return the first slot after ``now`` on the grid that ``slot`` lies on. Slots in between are skipped."""
    interval = timedelta(seconds=interval_s)
    missed = max((now - slot) // interval, 0)
    return slot + (missed + 1) * interval


def ensure_tasks(tasks: Iterable[Task], now: datetime) -> None:
    """Create the rows of tasks that have none yet, due at once. Several processes may do so at the same time."""
    known = set(db.session.scalars(select(ScheduledTask.name)))
    for task in tasks:
        if task.name not in known:
            db.session.add(ScheduledTask(name=task.name, next_run_at=now))
            try:
                db.session.commit()
            except IntegrityError:  # another scheduler created it in the meantime
                db.session.rollback()


def claim_due_runs(tasks: Iterable[Task], now: datetime) -> list[Run]:
    """Claim the tasks whose next run has come, one winner per slot.

    A row moves only while its ``next_run_at`` is still the one that was read. Missed slots are skipped, so a long
    outage yields one late run, not a burst; a task whose last run is still out waits for its end.
    """
    by_name = {task.name: task for task in tasks}
    due = db.session.execute(
        select(ScheduledTask.name, ScheduledTask.next_run_at, ScheduledTask.seq)
        .where(
            ScheduledTask.name.in_(by_name),
            ScheduledTask.next_run_at <= now,
            ScheduledTask.lease_expires_at.is_(None),
        )
        .order_by(ScheduledTask.next_run_at)
    ).all()
    runs = []
    for name, slot, seq in due:
        task = by_name[name]
        claimed = change(
            ScheduledTask,
            ScheduledTask.name == name,
            ScheduledTask.next_run_at == slot,
            ScheduledTask.lease_expires_at.is_(None),
            next_run_at=next_slot(slot, task.interval_s, now),
            seq=seq + 1,
            attempt=1,
            started_at=None,
            lease_expires_at=now + timedelta(seconds=task.lease_s),
        )
        if claimed:
            runs.append(Run(name, seq + 1, 1, task.lease_s))
    return runs


def reclaim_lost_runs(tasks: Iterable[Task], now: datetime) -> list[Run]:
    """Claim the runs whose lease has ended, for another attempt; after ``MAX_ATTEMPTS`` record them as lost.

    A run gets lost when its worker is killed, and when Redis forgets it before a worker has taken it.
    """
    by_name = {task.name: task for task in tasks}
    lost = db.session.execute(
        select(ScheduledTask.name, ScheduledTask.seq, ScheduledTask.attempt, ScheduledTask.lease_expires_at).where(
            ScheduledTask.name.in_(by_name), ScheduledTask.lease_expires_at <= now
        )
    ).all()
    runs = []
    for name, seq, attempt, lease_end in lost:
        task = by_name[name]
        as_read = (
            ScheduledTask.name == name,
            ScheduledTask.seq == seq,
            ScheduledTask.attempt == attempt,
            ScheduledTask.lease_expires_at == lease_end,
        )
        if attempt >= MAX_ATTEMPTS:
            sentence = f"No worker brought it to an end in {attempt} attempts."
            change(ScheduledTask, *as_read, **_result(now, RunStatus.LOST, sentence))
        elif change(
            ScheduledTask,
            *as_read,
            attempt=attempt + 1,
            started_at=None,
            lease_expires_at=now + timedelta(seconds=task.lease_s),
        ):
            runs.append(Run(name, seq, attempt + 1, task.lease_s))
    return runs


def begin_run(run: Run, now: datetime) -> bool:
    """Start work on a run and renew its lease; False if it was started before, is over or went to a later attempt."""
    return change(
        ScheduledTask,
        *_held(run),
        ScheduledTask.started_at.is_(None),
        started_at=now,
        lease_expires_at=now + timedelta(seconds=run.lease_s),
    )


def finish_run(run: Run, now: datetime, error: str | None = None) -> bool:
    """Record how a run ended; False if it is no longer this attempt's to record."""
    status = RunStatus.SUCCEEDED if error is None else RunStatus.FAILED
    return change(ScheduledTask, *_held(run), ScheduledTask.started_at.is_not(None), **_result(now, status, error))


def _held(run: Run) -> tuple[ColumnElement[bool], ...]:
    return (
        ScheduledTask.name == run.name,
        ScheduledTask.seq == run.seq,
        ScheduledTask.attempt == run.attempt,
        ScheduledTask.lease_expires_at.is_not(None),
    )


def _result(now: datetime, status: RunStatus, error: str | None) -> dict[str, Any]:
    return {
        "runs": ScheduledTask.runs + 1,
        "last_run_at": now,
        "last_status": status,
        "last_error": error[:ERROR_LENGTH] if error else None,
        "started_at": None,
        "lease_expires_at": None,
    }
