"""Projects: each holds its own logs, members and ingestion tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Base
from webapp.models.accounts import Membership
from webapp.models.types import UtcDateTime, utc_now


class Project(Base):
    """A separate collection of logs. Its id is in every row of the log store, so it is never given out twice."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("retention_days >= 1", name="retention_days"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    retention_days: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    memberships: Mapped[list[Membership]] = relationship(back_populates="project", passive_deletes=True)
    tokens: Mapped[list[IngestionToken]] = relationship(back_populates="project", passive_deletes=True)


class IngestionToken(Base):
    """What a client sends logs with. Found by its hash; kept encrypted as well, so that snippets can show it."""

    __tablename__ = "ingestion_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(200), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_encrypted: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a newer one has taken its place
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the end of its grace after that
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    project: Mapped[Project] = relationship(back_populates="tokens", lazy="joined", innerjoin=True)

    @property
    def state(self) -> Literal["active", "rotated", "expired", "revoked"]:
        """Whether the token is good at this moment; one that is rotated is, until its grace has ended."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= utc_now():
            return "expired"
        return "active" if self.rotated_at is None else "rotated"
