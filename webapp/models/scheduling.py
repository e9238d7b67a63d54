"""Tasks that come round again, one row each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base
from webapp.models.types import UtcDateTime, choice


class RunStatus(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"  # no worker brought it to an end


class ScheduledTask(Base):
    """When a task runs next, which run of it is out now, and how the last one ended.

    ``seq`` counts the slots that were claimed, ``attempt`` the times that the present run was handed out. A run is
    out while ``lease_expires_at`` is set; ``started_at`` says since when a worker has had it.
    """

    __tablename__ = "scheduled_tasks"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seq: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    runs: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_status: Mapped[RunStatus | None] = mapped_column(choice(RunStatus, "run_status"))
    last_error: Mapped[str | None] = mapped_column(Text)
