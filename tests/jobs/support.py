"""Real processes of ours, and what tests look at."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from webapp.extensions import db
from webapp.models import ScheduledTask
from webapp.settings import Settings

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30.0  # whatever takes that long has failed
_numbers = itertools.count(1)


class Process:
    """A real process of ours, its output in a file."""

    def __init__(self, settings: Settings, *command: str) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HEDGEROW_")} | {
            "HEDGEROW_DATA": str(settings.data_dir),
            "HEDGEROW_SECRET_KEY": settings.secret_key,
            "HEDGEROW_OWN_LOGS": "0",
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "CLICKHOUSE_URL": settings.clickhouse_url,
            "CLICKHOUSE_READER_URL": settings.clickhouse_reader_url,
            "PYTHONPATH": str(ROOT),
        }
        self.log = settings.data_dir / f"process-{next(_numbers)}.log"
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environ, stdout=sink, stderr=sink, start_new_session=True
            )

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_text()

    def says(self, text: str) -> None:
        """Wait until it has said this."""
        eventually(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def ends(self) -> int:
        """Wait for its end; its exit status."""
        return self.process.wait(TIMEOUT_S)

    def kill_all(self) -> None:
        """End it and its children at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)


def eventually(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def task_row(name: str) -> ScheduledTask:
    """The task's row as it is now."""
    db.session.rollback()
    row = db.session.get(ScheduledTask, name, populate_existing=True)
    assert row is not None
    return row


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
