"""The upkeep itself, on real databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.maintenance import TASKS
from jobs.scheduler import tick
from tests.jobs.support import Process, task_row
from webapp.extensions import db, store
from webapp.models import RunStatus, SignInLink, User
from webapp.models.types import utc_now
from webapp.services import maintenance
from webapp.services.queues import QUEUES, connect_queues
from webapp.services.scheduling import Task
from webapp.settings import Settings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_names_a_job_and_a_queue_that_exist(task: Task) -> None:
    module, _, function = task.function.rpartition(".")
    assert callable(getattr(import_module(module), function))
    assert task.queue in QUEUES
    assert len({task.name for task in TASKS}) == len(TASKS)


def test_links_are_kept_for_a_day_after_they_ran_out(database_app: Flask) -> None:
    user = User(email="someone@example.org", name="Someone")
    db.session.add(user)
    db.session.flush()
    expiries = {"fresh": 1, "just out": -1, "out for a day": -24, "long out": -25, "long out and used": -50}
    for name, hours in expiries.items():
        used_at = NOON - timedelta(hours=60) if "used" in name else None
        expires_at = NOON + timedelta(hours=hours)
        db.session.add(SignInLink(user_id=user.id, token_hash=name, expires_at=expires_at, used_at=used_at))
    db.session.commit()
    assert maintenance.purge_sign_in_links(NOON) == 2
    assert set(db.session.scalars(select(SignInLink.token_hash))) == {"fresh", "just out", "out for a day"}
    assert maintenance.purge_sign_in_links(NOON) == 0


def test_the_store_is_measured_by_table_and_project(app: Flask) -> None:
    insert_logs(project_ids=[7, 7, 9])
    facts = maintenance.measure_store()
    assert facts["logs.rows"] == 3
    assert facts["logs.active_parts"] == 1
    assert isinstance(facts["logs.bytes_on_disk"], int)
    assert facts["logs.bytes_on_disk"] > 0
    assert facts["rows_by_project"] == {"7": 2, "9": 1}


def test_an_empty_store_measures_nothing(app: Flask) -> None:
    facts = maintenance.measure_store()
    assert facts["logs.rows"] == 0
    assert facts["rows_by_project"] == {}


def test_the_measures_are_one_log_line(app: Flask, settings: Settings, start_worker: Callable[[], Process]) -> None:
    insert_logs(project_ids=[7])
    assert tick(connect_queues(settings), TASKS, utc_now())
    worker = start_worker()
    worker.says('"task":"measure_store"')
    (line,) = (json.loads(line) for line in worker.output.splitlines() if '"task":"measure_store"' in line)
    assert line["message"] == "measure_store done"
    assert line["logs.rows"] == 1
    assert line["rows_by_project"] == {"7": 1}
    assert task_row("measure_store").last_status is RunStatus.SUCCEEDED


def insert_logs(project_ids: list[int]) -> None:
    now = utc_now()
    count = len(project_ids)
    columns: dict[str, list[Any]] = {
        "project_id": project_ids,
        "timestamp": [int(now.timestamp()) * 1_000_000_000] * count,
        "uuid": list(range(count)),
        "body": ["hello"] * count,
        "expires_on": [(now + timedelta(days=30)).date()] * count,
    }
    store.insert("logs", columns, token="three logs")
