"""Saved views of logs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Base
from webapp.models.accounts import User
from webapp.models.types import UtcDateTime, utc_now


class SavedView(Base):
    """A search that people of a project come back to. What the filters and columns mean, their reader decides."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    short_id: Mapped[str] = mapped_column(String(16), unique=True)  # for addresses
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(400))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    columns: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    pinned: Mapped[bool]
    # None: somebody whose account is gone.
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)

    created_by: Mapped[User | None] = relationship(lazy="joined")
