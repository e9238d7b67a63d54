"""Counting the keys and values of the logs that have arrived, each row once, whatever is killed meanwhile.

A step is planned in SQL before it is done: from the last row that was counted to a moment at which every row is known
to have arrived. ClickHouse drops an insertion whose name it has seen, and a step is named by its two moments. So a step
may be done any number of times, by any number of workers at once; the plan is crossed out when it is done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db, store
from webapp.models.rollups import RollupProgress
from webapp.queries.attribute_counts import TARGET, count_attributes, next_arrivals
from webapp.services.changes import change

log = structlog.get_logger(__name__)

NAME = "attributes"
ROWS_AT_ONCE = 250_000  # of which each may have a hundred attributes that no other has
STEP_TIMEOUT_S = 60
# On a cluster another replica than the one that took a row may be asked for it.
REPLICATION_NS = 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """Rows that are counted in one insertion: those that arrived after one moment and until another."""

    after_ns: int
    until_ns: int

    @property
    def token(self) -> str:
        """The name under which ClickHouse adds the counts once."""
        return f"attributes-{self.after_ns}-{self.until_ns}"


def count_arrivals(budget_s: float) -> int:
    """Count what has arrived since the last time, until nothing is left or the time is over; return the steps.

    Raises:
        Unavailable: ClickHouse is away or at a limit; what was planned is done the next time.
    """
    give_up_at = time.monotonic() + budget_s
    steps = 0
    while step := _next_step():
        store.insert_from(count_attributes(step.after_ns, step.until_ns), step.token, STEP_TIMEOUT_S)
        change(
            RollupProgress,
            RollupProgress.name == NAME,
            RollupProgress.counted_until_ns == step.after_ns,
            RollupProgress.planned_until_ns == step.until_ns,
            counted_until_ns=step.until_ns,
            planned_until_ns=None,
        )
        steps += 1
        if time.monotonic() > give_up_at:
            break
    return steps


def counted_until_ns() -> int:
    """Return the moment up to which all rows that arrived are counted; 0 if none are."""
    progress = _read()
    return progress.counted_until_ns if progress else 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the counts have come; while a step is under way, its rows may be among them or not."""

    until_ns: int
    is_under_way: bool


def read_progress() -> Progress:
    """Return how far the counts have come. Who reads it before the counts and after them knows what they held."""
    progress = _read()
    if progress is None:
        return Progress(0, False)
    return Progress(progress.counted_until_ns, progress.planned_until_ns is not None)


def _next_step() -> Step | None:
    """Return what was planned and not crossed out, or else plan what has arrived since; None if nothing has."""
    progress = _read() or _begin()
    after_ns, until_ns = progress.counted_until_ns, progress.planned_until_ns
    db.session.rollback()  # nothing in SQL stays open while ClickHouse works
    if until_ns is not None:
        return Step(after_ns, until_ns)
    settled_ns = store.settled_until_ns() - (REPLICATION_NS if store.is_cluster else 0)
    [(rows, last_ns)] = store.read(next_arrivals(after_ns, settled_ns, ROWS_AT_ONCE)).rows
    if not rows:
        return None
    planned = change(
        RollupProgress,
        RollupProgress.name == NAME,
        RollupProgress.counted_until_ns == after_ns,
        RollupProgress.planned_until_ns.is_(None),
        planned_until_ns=last_ns,
    )
    return Step(after_ns, last_ns) if planned else _next_step()


def _read() -> RollupProgress | None:
    # Others may have changed the row since this session last saw it.
    return db.session.get(RollupProgress, NAME, populate_existing=True)


def _begin() -> RollupProgress:
    """Begin with an empty table: what is in it was counted by somebody whose progress nobody knows."""
    store.empty(TARGET)
    db.session.add(RollupProgress(name=NAME, counted_until_ns=0))
    try:
        db.session.commit()
    except IntegrityError:  # another worker began in the meantime
        db.session.rollback()
    log.info("counting the attributes of all logs")
    return db.session.get_one(RollupProgress, NAME, populate_existing=True)
