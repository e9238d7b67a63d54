"""What was changed, by whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Base
from webapp.models.types import UtcDateTime, choice, utc_now


class ActorKind(StrEnum):
    """Who can change something."""

    USER = "user"
    KEY = "key"  # a program, with a person's key
    OPERATOR = "operator"  # at the command line of the machine
    SYSTEM = "system"  # Hedgerow itself
    ANYONE = "anyone"  # nobody who has signed in: somebody who tries to


class AuditEntry(Base):
    """One change. It names what it is about by number and by text, without foreign keys: it outlives all of it."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_project_id_id", "project_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor_kind: Mapped[ActorKind] = mapped_column(choice(ActorKind, "actor_kind"))
    actor_id: Mapped[int | None]  # of the user or the key
    actor: Mapped[str] = mapped_column(String(500))
    address: Mapped[str] = mapped_column(String(64), default="")
    project_id: Mapped[int | None]  # None: a change of the instance
    action: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[int | None]
    object: Mapped[str] = mapped_column(String(500))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Failures are counted rather than listed: whoever guesses passwords must not be able to fill the table.
    times: Mapped[int] = mapped_column(default=1)
    tally_key: Mapped[str | None] = mapped_column(String(64), unique=True)
