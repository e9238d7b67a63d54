"""Upkeep that comes round again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jobs.runs import scheduled_job
from webapp.services import maintenance
from webapp.services.scheduling import Task

TASKS = (Task("purge_sign_in_links", "jobs.maintenance.purge_sign_in_links", interval_s=3600, timeout_s=60),)


@scheduled_job
def purge_sign_in_links(now: datetime) -> Mapping[str, object]:
    """Remove the sign-in links that are of no more use."""
    return {"removed": maintenance.purge_sign_in_links(now)}
