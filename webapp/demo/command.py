"""``./hedgerow demo``: stream the shop's logs to the running instance, and fill its past."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import click

from webapp.cli import in_plain_words
from webapp.demo.model import SECOND
from webapp.demo.schedule import Schedule
from webapp.demo.traffic import Traffic
from webapp.extensions import settings
from webapp.instance import is_running
from webapp.models import Project
from webapp.services import projects, tokens

RATE, BACKFILL_RATE = 10.0, 2.0  # requests/s; about 60 lines/s, and about half a million lines a day
UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[int]):
    """A number and a unit; the value is in nanoseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read ``24h`` and the like."""
        match = re.fullmatch(r"([1-9]\d{0,5})([smhd])", str(value).strip())
        if match is None:
            self.fail(f"{value!r} must be a number and a unit: 90s, 30m, 24h or 7d.", param, ctx)
        return int(match[1]) * UNIT_S[match[2]] * SECOND


@click.command("demo")
@click.option("--project", "wanted", default="default", show_default=True, help="Project to fill: its name or slug.")
@click.option("--rate", type=click.FloatRange(0.01, 500), help="Requests/s at the busiest hour; 10, with a past 2.")
@click.option("--backfill", type=Duration(), metavar="24h", help="First fill this much of the past.")
@click.option("--backfill-only", is_flag=True, help="End when the past is filled.")
@click.option("--duration", type=Duration(), metavar="10m", help="End after this time; by default at Ctrl-C.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another story.")
@in_plain_words
def demo_command(
    wanted: str, rate: float | None, backfill: int | None, backfill_only: bool, duration: int | None, seed: int
) -> None:
    """Stream believable logs of a small shop through the OpenTelemetry SDK."""
    if backfill_only and backfill is None:
        raise click.UsageError("--backfill-only needs --backfill, for instance --backfill 24h.")
    project = _project(wanted)
    _check_retention(project, backfill or 0)
    # The public address of an instance that runs here may not be reachable from here.
    url = settings.local_url if is_running(settings.data_dir) else settings.base_url
    token = tokens.ingestion_token(project.id)
    now_ns = time.time_ns()
    start_ns = now_ns - (backfill or 0)
    schedule = Schedule(seed, start_ns, now_ns, _utc_offset_s())
    traffic = Traffic(seed, schedule, start_ns, rate or (BACKFILL_RATE if backfill else RATE))

    from webapp.demo.run import run  # with the SDK, which the other commands need not wait for

    run(url, token, traffic, start_ns=start_ns, live_ns=now_ns, live=not backfill_only, duration_ns=duration)


def _project(wanted: str) -> Project:
    found = projects.all_projects()
    for project in found:
        if wanted.casefold() in (project.slug.casefold(), project.name.casefold()):
            return project
    names = ", ".join(project.slug for project in found) or "none"
    raise click.ClickException(f"--project is {wanted!r}, but there is no such project. There are: {names}.")


def _check_retention(project: Project, backfill_ns: int) -> None:
    days = backfill_ns / SECOND / UNIT_S["d"]
    if days > project.retention_days:
        raise click.ClickException(
            f"--backfill reaches {days:.0f} days back, but the project {project.name} keeps {project.retention_days}."
        )


def _utc_offset_s() -> int:
    """This machine's distance from UTC, so that the shop sleeps when its owner does."""
    offset = datetime.now().astimezone().utcoffset()
    return int(offset.total_seconds()) if offset else 0
