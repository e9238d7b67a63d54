"""The worker process: ``python -m jobs.worker [--index N | --queues NAME,…]``."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import DequeueTimeout
from sqlalchemy.orm import configure_mappers

import jobs.maintenance  # noqa: F401 — before the forks, so that no work horse has to
from jobs.process import Outage, StopSignal, die_with_parent, first_line
from webapp import create_app, observability
from webapp.extensions import db
from webapp.services.queues import QUEUES, SERIALIZER, connect_queues
from webapp.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from resource import struct_rusage

    from flask import Flask
    from rq import Queue
    from rq.executions import Execution
    from rq.job import Job

log = structlog.get_logger("jobs.worker")  # the module is __main__ when it runs

URGENT = ("alerts", "deliveries", "rollups")
# A worker that was killed is noticed after about 70 s; with the library's defaults it takes 7 minutes.
WORKER_TTL_S = 60
MAINTENANCE_INTERVAL_S = 30
JOB_MONITORING_INTERVAL_S = 10
HEARTBEAT_INTERVAL_S = 15
GRACE_S = 4.0  # for the running job, once the worker is told to stop; the supervisor stops everything within 10 s
PATIENCE_S = 30.0  # with a Redis that is away; then a fresh start reads the settings again


def queues_of(index: int, workers: int) -> tuple[str, ...]:
    """Return the queues of one of several workers, in the order in which it empties them.

    Every other worker, the first one among them, takes only what is urgent: one is always free for alerts, however
    long the exports are that keep the others busy. A single worker has to take everything, the most urgent first.
    """
    return URGENT if workers > 1 and index % 2 == 0 else QUEUES


class QueueWorker(Worker):
    """RQ's worker with our timings, which stops in time, leaves no process behind and sits out an outage of Redis.

    RQ's own loop is not used: it stops by raising from the signal handler, waits for ever for a Redis that is away,
    and logs a traceback for each thing it cannot do meanwhile. Its commands over pub/sub are not listened to either:
    what shall be cancelled is in SQL, and a thread beside a fork is best avoided.
    """

    def __init__(self, app: Flask, settings: Settings, queues: tuple[str, ...], stop: StopSignal) -> None:
        super().__init__(
            list(queues),
            connection=connect_queues(settings),
            serializer=SERIALIZER,
            worker_ttl=WORKER_TTL_S,
            maintenance_interval=MAINTENANCE_INTERVAL_S,
            job_monitoring_interval=JOB_MONITORING_INTERVAL_S,
            prepare_for_work=False,  # it would need Redis here already
        )
        self.hostname, self.pid = socket.gethostname(), os.getpid()
        self.log_result_lifespan = False
        self._app = app
        self._stop = stop
        self._outage = Outage()
        self._heartbeat_due = 0.0

    @property
    def dequeue_timeout(self) -> int:
        """Seconds to wait for a job before looking whether to stop."""
        return 1

    def run(self) -> int:
        """Do jobs until told to stop; the exit status, which is not 0 when Redis stays away."""
        joined = False
        while not self._stop.requested:
            try:
                if not joined:
                    self.join()
                    joined = True
                self.run_one()
                self._outage.ends()
            except RedisError as error:
                if self._outage.lasted_s > PATIENCE_S:
                    log.error("Redis stays away, ending for a fresh start", error=first_line(error))
                    return os.EX_TEMPFAIL
                joined = False
                self._stop.wait(self._outage.goes_on("Redis", error))
        try:
            self.register_death()  # type: ignore[no-untyped-call]
        except RedisError as error:
            log.warning("Redis is away and was not told of this worker's end", error=first_line(error))
        return os.EX_OK

    def join(self) -> None:
        """Be among the workers that Redis knows; after an outage it may have forgotten."""
        self.connection.delete(self.key)
        self.register_birth()  # type: ignore[no-untyped-call]

    def run_one(self) -> bool:
        """Take one job and see it to its end; whether there was one."""
        if time.monotonic() >= self._heartbeat_due:
            self.heartbeat()
            self._heartbeat_due = time.monotonic() + HEARTBEAT_INTERVAL_S
        if self.should_run_maintenance_tasks:
            self.run_maintenance_tasks()  # type: ignore[no-untyped-call]
        try:
            found = self.queue_class.dequeue_any(
                self.queues, self.dequeue_timeout, connection=self.connection, serializer=self.serializer
            )
        except DequeueTimeout:
            found = None
        if found is None:
            return False
        job, queue = found
        job.redis_server_version = self.get_redis_server_version()  # type: ignore[no-untyped-call]
        self.execute_job(job, queue)
        return True

    def wait_for_horse(self) -> tuple[int | None, int | None, struct_rusage | None]:
        """Wait for the end of the work horse: once told to stop, only as long as the grace."""
        while True:
            try:
                process, status, usage = os.wait4(self.horse_pid, os.WNOHANG)
            except ChildProcessError:
                return None, None, None
            if process:
                return process, status, usage
            pause_s = 1.0
            if self._stop.requested_at is not None:
                left_s = self._stop.requested_at + GRACE_S - time.monotonic()
                if left_s <= 0:
                    log.warning("the job did not end within the grace, it will be done again when its lease ends")
                    self.kill_horse()
                else:
                    pause_s = min(pause_s, left_s)
            self._stop.wait(pause_s)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Tell Redis that the job goes on. Without Redis it does all the same: what comes of it is recorded in SQL."""
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            self._outage.goes_on("Redis", error)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run one job in the process that was forked for it, with connections of its own."""
        if self.pid is not None:
            die_with_parent(self.pid)
        with self._app.app_context():
            db.engine.dispose(close=False)  # the connections in it, if any, are the parent's
            super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """Leave it to the worker how long the job may go on once everything is told to stop."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run the job; its process ends without exit handlers, so its log lines are sent off here."""
        try:
            return super().perform_job(job, queue, execution)
        finally:
            observability.stop_shipping()

    def handle_exception(
        self,
        job: Job,
        *exc_info: type[BaseException] | BaseException | TracebackType | None,
    ) -> None:
        """Say what the job did not handle itself: a function that is no longer there, or a Redis that is away."""
        error = exc_info[1]
        if isinstance(error, RedisError):
            log.warning("Redis is away and was not told of a job's end", job=job.id, error=first_line(error))
        else:
            log.error("the job broke", job=job.id, function=job.func_name, exc_info=error)


class PlainOutages(logging.Filter):
    """Take the traceback from the library's lines where Redis being away says it all."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, shortened."""
        if record.exc_info and isinstance(record.exc_info[1], RedisError):
            record.msg, record.args = f"{record.getMessage()}: {first_line(record.exc_info[1])}", ()
            record.exc_info = None
        return True


def main(argv: list[str] | None = None) -> int:
    """Run one worker."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(str(error))
    queues = chosen_queues(argv, settings.worker_processes)
    observability.configure(settings, "worker")
    library = logging.getLogger("rq.worker")
    library.setLevel(logging.WARNING)
    library.addFilter(PlainOutages())
    stop = StopSignal()
    app = create_app(settings)
    configure_mappers()
    log.info("waiting for jobs", queues=queues)
    return QueueWorker(app, settings, queues, stop).run()


def chosen_queues(argv: list[str] | None, workers: int) -> tuple[str, ...]:
    """Return the queues that the command line asks for, one of so many workers on this machine."""
    parser = argparse.ArgumentParser(prog="python -m jobs.worker", description="Do the jobs of some queues.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--queues", help=f"names joined by commas, the most urgent first; all: {','.join(QUEUES)}")
    choice.add_argument("--index", type=int, help="number of this worker, from 0: share the queues with the others")
    arguments = parser.parse_args(argv)
    if arguments.index is not None:
        return queues_of(arguments.index, workers)
    queues = tuple(arguments.queues.split(",")) if arguments.queues else QUEUES
    unknown = sorted(set(queues) - set(QUEUES))
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such queue; choose from {', '.join(QUEUES)}")
    return queues


if __name__ == "__main__":
    sys.exit(main())
