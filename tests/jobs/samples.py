"""Jobs for tests, run by real workers. They tell through files what happened."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jobs.runs import scheduled_job
from webapp.errors import Unavailable
from webapp.extensions import settings
from webapp.services.scheduling import Task


@scheduled_job
def nap(_now: datetime) -> Mapping[str, object]:
    """Note the process, then sleep until the file ``wake`` is there."""
    with naps(settings.data_dir).open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not wake(settings.data_dir).exists():
        time.sleep(0.02)
    return {"slept": True}


@scheduled_job
def fail(_now: datetime) -> Mapping[str, object]:
    """Fail as a service does that cannot reach ClickHouse."""
    raise Unavailable("ClickHouse is away.")


@scheduled_job
def break_down(_now: datetime) -> Mapping[str, object]:
    """Fail as nobody expected."""
    raise LookupError("no such thing")


def naps(data_dir: Path) -> Path:
    """Where ``nap`` notes the processes that it ran in."""
    return data_dir / "naps"


def wake(data_dir: Path) -> Path:
    """The file that ends every nap."""
    return data_dir / "wake"


NAP = Task("nap", "tests.jobs.samples.nap", interval_s=3600, timeout_s=30)
FAIL = Task("fail", "tests.jobs.samples.fail", interval_s=3600, timeout_s=30)
BREAK_DOWN = Task("break_down", "tests.jobs.samples.break_down", interval_s=3600, timeout_s=30)
