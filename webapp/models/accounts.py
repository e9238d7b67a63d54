"""People, and what they may do in which project."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Base
from webapp.models.types import UtcDateTime, choice, utc_now

if TYPE_CHECKING:
    from webapp.models.projects import Project


class Role(StrEnum):
    """What a member may do in a project; each includes the ones before it."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    @property
    def level(self) -> int:
        """Rank, for comparing; the numbers are those of the API's ``effective_membership_level``."""
        return {"viewer": 0, "member": 1, "admin": 8}[self.value]

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        return self.level >= other.level


class User(Base):
    """A person who may sign in. Addresses are kept in lower case, so that there is one account for each."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        {"sqlite_autoincrement": True},  # ids are never given out twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_hash: Mapped[str | None] = mapped_column(String(200))  # none: they sign in by links alone
    session_version: Mapped[int] = mapped_column(default=0, server_default="0")  # counted up, it ends every session
    last_project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", passive_deletes=True)

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in; asked by flask-login."""
        return self.disabled_at is None

    @property
    def is_authenticated(self) -> bool:
        """Whether a session of this person counts; asked by flask-login."""
        return self.is_active

    @property
    def is_anonymous(self) -> bool:
        """Never: a person has signed in; asked by flask-login."""
        return False

    def get_id(self) -> str:
        """Return what the session remembers; asked by flask-login. A new password changes it."""
        return f"{self.uuid}.{self.session_version}"


class Membership(Base):
    """A person's role in a project."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    user: Mapped[User] = relationship(back_populates="memberships")
    project: Mapped[Project] = relationship(back_populates="memberships", lazy="joined", innerjoin=True)


class SignInLink(Base):
    """A link that signs a person in once; only its hash is kept."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
