"""Upkeep that comes round again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jobs.runs import scheduled_job
from webapp.services import attribute_counts, maintenance
from webapp.services.scheduling import Task

TASKS = (
    Task("purge_sign_in_links", "jobs.maintenance.purge_sign_in_links", interval_s=3600, timeout_s=60),
    # Often enough for growth to become a line, and cheap: it reads what ClickHouse has counted anyway.
    Task("measure_store", "jobs.maintenance.measure_store", interval_s=300, timeout_s=60),
    # What arrived since is missing from completion until then. With every other worker it has no long wait.
    Task("count_attributes", "jobs.maintenance.count_attributes", interval_s=15, timeout_s=90, queue="rollups"),
)
COUNTING_S = 5.0  # alerts wait that long at most


@scheduled_job
def purge_sign_in_links(now: datetime) -> Mapping[str, object]:
    """Remove the sign-in links that are of no more use."""
    return {"removed": maintenance.purge_sign_in_links(now)}


@scheduled_job
def measure_store(_now: datetime) -> Mapping[str, object]:
    """Report how large the log store is, so that its growth can be seen in the explorer."""
    return maintenance.measure_store()


@scheduled_job
def count_attributes(_now: datetime) -> Mapping[str, object] | None:
    """Count the attributes of the logs that have arrived; it is told only if that took more than one step."""
    steps = attribute_counts.count_arrivals(COUNTING_S)
    return {"steps": steps} if steps > 1 else None
