"""The programs of an instance, as its settings want them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.processes import EmbeddedServer
from webapp.embedded.valkey import EmbeddedValkey
from webapp.settings import Settings
from webapp.supervisor.children import Program

GRACEFUL_TIMEOUT_S = 4  # of requests that run when the web server is told to stop

WORKER_GRACE_S = 5.0  # a worker gives its job 4 s, then puts it back
RANKS = {"web": 0, "jobs": 1, "valkey": 2, "clickhouse": 3}


def embedded_servers(settings: Settings) -> list[EmbeddedServer]:
    """The servers that no setting replaces. They are stopped in the reverse order."""
    servers: list[EmbeddedServer] = []
    if not settings.clickhouse_url:
        servers.append(
            EmbeddedClickHouse(
                settings.data_dir / "clickhouse",
                memory_bytes=settings.clickhouse_memory_bytes,
                query_timeout_s=settings.query_timeout_s,
                query_memory_bytes=settings.query_memory_bytes,
                log_file=settings.data_dir / "logs" / "clickhouse.log",
            )
        )
    if not settings.redis_url:
        servers.append(EmbeddedValkey(settings.data_dir / "valkey"))
    return servers


def child_environment(settings: Settings, servers: list[EmbeddedServer]) -> dict[str, str]:
    """The environment of every process of ours: that of the supervisor, and where the servers are."""
    environment = {**os.environ, "HEDGEROW_DATA": str(settings.data_dir), "HEDGEROW_PORT": str(settings.port)}
    for server in servers:
        environment.update(server.environment)
    return environment


def server_program(server: EmbeddedServer) -> Program:
    """An embedded server; it writes its configuration anew at each start."""
    return Program(
        name=server.name,
        argv=server.argv,
        grace_s=server.stop_timeout_s,
        hurried_grace_s=1.0,
        stop_rank=RANKS[server.name],
        before=server.prepare,
        log_name=f"{server.name}-process" if server.keeps_log else server.name,
    )


def own_logs_environment(settings: Settings, token: str) -> dict[str, str]:
    """Where our own processes send their logs: to ourselves, unless the settings say otherwise."""
    if not settings.ship_own_logs or not token or settings.own_logs_endpoint:
        return {}
    return {
        "HEDGEROW_OWN_LOGS_ENDPOINT": f"{settings.local_url}/v1/logs",
        "HEDGEROW_OWN_LOGS_TOKEN": settings.own_logs_token or token,
    }


def web_program(settings: Settings, environment: dict[str, str], listener: int) -> Program:
    """Gunicorn on the supervisor's socket."""
    counts = settings.data_dir / "run" / "metrics"

    def begin_at_zero() -> None:
        shutil.rmtree(counts, ignore_errors=True)
        counts.mkdir(parents=True, mode=0o700)

    return Program(
        name="web",
        argv=[sys.executable, "-m", "gunicorn", *_gunicorn_arguments(settings, listener)],
        # Of the web processes alone: the file of each work horse would stay, and there are thousands a day.
        env={**environment, "PROMETHEUS_MULTIPROC_DIR": str(counts)},
        descriptors=(listener,),
        grace_s=GRACEFUL_TIMEOUT_S + 0.5,
        before=begin_at_zero,
    )


def first_web_program(settings: Settings, environment: dict[str, str], listener: int, result: int) -> Program:
    """The same for the first time: it prepares the databases before, and writes what it finds to a descriptor."""
    program = web_program(settings, environment, listener)
    argv = [sys.executable, "-m", "webapp.supervisor.web", str(result), *_gunicorn_arguments(settings, listener)]
    return replace(program, argv=argv, descriptors=(listener, result))


def _gunicorn_arguments(settings: Settings, listener: int) -> list[str]:
    return [
        "wsgi:app",
        "--preload",  # imported once, before the fork: half the CPU time of a start, and less memory
        "--no-control-socket",
        *("--config", "python:webapp.gunicorn_conf"),
        *("--bind", f"fd://{listener}"),
        *("--worker-class", "gthread"),
        *("--workers", str(settings.web_processes)),
        *("--threads", str(settings.web_threads)),
        *("--graceful-timeout", str(GRACEFUL_TIMEOUT_S)),
        *("--worker-tmp-dir", _heartbeat_dir(settings)),
    ]


def _heartbeat_dir(settings: Settings) -> str:
    """Where gunicorn's workers show that they live: a disk that hangs must not look like workers that do."""
    memory = Path("/dev/shm")  # noqa: S108 - gunicorn unlinks the files as it opens them
    return str(memory if os.access(memory, os.W_OK) else settings.data_dir / "run")


def job_programs(settings: Settings, environment: dict[str, str]) -> list[Program]:
    """The scheduler and the workers. A worker that is killed takes its job along: the job's row is claimed anew."""
    scheduler = [sys.executable, "-m", "jobs.scheduler"]
    worker = [sys.executable, "-m", "jobs.worker", "--index"]
    return [
        # Killed with the supervisor: in the midst of a question to a server that hangs it would not hear a request,
        # and the next start waits for it. What it has claimed goes out again when its lease ends.
        Program(
            name="scheduler",
            argv=scheduler,
            env=environment,
            death_signal=signal.SIGKILL,
            stop_rank=RANKS["jobs"],
        ),
        *(
            Program(
                name=f"worker-{index + 1}",
                argv=[*worker, str(index)],
                env=environment,
                death_signal=signal.SIGKILL,
                grace_s=WORKER_GRACE_S,
                stop_rank=RANKS["jobs"],
            )
            for index in range(settings.worker_processes)
        ),
    ]
