"""From a function that does some work to a job that does it once per run."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError

from jobs.process import first_line
from webapp.errors import HedgerowError
from webapp.extensions import db
from webapp.models.types import utc_now
from webapp.services import scheduling
from webapp.services.scheduling import Run

log = structlog.get_logger(__name__)

# What it returns goes into the log line of its end; None if there is nothing to tell.
Work = Callable[[datetime], Mapping[str, object] | None]
Job = Callable[[str, int, int, int], None]


def scheduled_job(work: Work) -> Job:
    """Make a job of the work of a scheduled task.

    The run is claimed with its attempt number before the work, and its result recorded after it; what comes twice or
    too late does nothing. A worker can be killed at any point in between, so the work must bear being done again.
    """

    @functools.wraps(work)
    def job(name: str, seq: int, attempt: int, lease_s: int) -> None:
        with structlog.contextvars.bound_contextvars(task=name, seq=seq, attempt=attempt):
            try:
                do_once(work, Run(name, seq, attempt, lease_s))
            except OperationalError as error:
                log.error("the SQL database is away, the run goes out again", error=first_line(error))

    return job


def do_once(work: Work, run: Run) -> bool:
    """Do the work of a run and record its result; False if somebody else has, or if it comes too late."""
    if not scheduling.begin_run(run, utc_now()):
        log.info("nothing to do, the run was started before or is over")
        return False
    started = time.monotonic()
    error, result = _try(work, run.name)
    if not scheduling.finish_run(run, utc_now(), error):
        log.warning("the result comes too late and is not recorded, the run has gone to a later attempt")
        return False
    if error is None:
        say = log.debug if result is None else log.info
        say(f"{run.name} done", elapsed_ms=round((time.monotonic() - started) * 1000, 1), **(result or {}))
    return True


def _try(work: Work, name: str) -> tuple[str | None, Mapping[str, object] | None]:
    """Return the error's sentence, or the result."""
    try:
        return None, work(utc_now())
    except HedgerowError as error:
        sentence = error.detail
        log.warning(f"{name} failed", error=sentence)
    except OperationalError as error:
        sentence = first_line(error)
        log.warning(f"{name} failed", error=sentence)
    except Exception as error:
        sentence = first_line(error)
        log.exception(f"{name} failed", error=sentence)
    db.session.rollback()
    return sentence, None
