"""Alerts, their history, where they send to, and the outbox of what is to be sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.alerting.states import EventKind, Notification, State, ThresholdOperator
from webapp.extensions import Base
from webapp.models.accounts import User
from webapp.models.projects import Project
from webapp.models.types import UtcDateTime, choice, utc_now


class Alert(Base):
    """A question that is asked again and again, and what came of it last.

    A check is out while ``slot_at`` is set: it belongs to whoever knows ``check_seq`` and ``check_attempt``, and is
    lost once ``lease_expires_at`` has passed. ``version`` changes with every change of the row through the mapper, so
    that of two who change it at once the later one notices.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_project_id_id", "project_id", "id"),
        Index("ix_alerts_next_check_at", "next_check_at"),
        Index("ix_alerts_lease_expires_at", "lease_expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    enabled: Mapped[bool]
    # As the Logs API has them, and ``q`` beside them; None filters nothing.
    filters: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    threshold_count: Mapped[int] = mapped_column(BigInteger)
    threshold_operator: Mapped[ThresholdOperator] = mapped_column(choice(ThresholdOperator, "threshold_operator"))
    window_minutes: Mapped[int]
    check_interval_minutes: Mapped[int]
    evaluation_periods: Mapped[int]
    datapoints_to_alarm: Mapped[int]
    cooldown_minutes: Mapped[int]
    schedule_restriction: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)  # by people; checks leave it alone
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # gone for everyone, and kept a while for undo

    state: Mapped[State] = mapped_column(choice(State, "alert_state"), default=State.NOT_FIRING)
    snooze_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_fired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_count: Mapped[int | None] = mapped_column(BigInteger)  # of the newest window
    last_error_message: Mapped[str | None] = mapped_column(Text)
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    checks: Mapped[int] = mapped_column(default=0)  # all that were made; most are in no event

    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: at once
    slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the check that is out
    check_seq: Mapped[int] = mapped_column(default=0)
    check_attempt: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship(lazy="joined", innerjoin=True)
    created_by: Mapped[User | None] = relationship(lazy="joined")
    destinations: Mapped[list[AlertDestination]] = relationship(
        back_populates="alert", order_by="AlertDestination.id", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's form


class AlertEvent(Base):
    """A change of an alert, or a check that somebody wants to read about: quiet ones are counted, not stored.

    Of a check it holds what was counted: ``counts`` of the windows, the newest first, which ends at
    ``window_end_at``.
    """

    __tablename__ = "alert_events"
    __table_args__ = (Index("ix_alert_events_alert_id_id", "alert_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, index=True)
    kind: Mapped[EventKind] = mapped_column(choice(EventKind, "alert_event_kind"))
    state_before: Mapped[State] = mapped_column(choice(State, "state_before"))
    state_after: Mapped[State] = mapped_column(choice(State, "state_after"))
    enabled: Mapped[bool]  # from this moment on
    notification: Mapped[Notification | None] = mapped_column(choice(Notification, "notification"))
    reason: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(500), default="")  # who changed it; "" for a check
    threshold_breached: Mapped[bool | None]
    result_count: Mapped[int | None] = mapped_column(BigInteger)
    counts: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    window_end_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_message: Mapped[str | None] = mapped_column(Text)
    query_duration_ms: Mapped[int | None]

    alert: Mapped[Alert] = relationship()


class DestinationKind(StrEnum):
    """What kind of place notifications go to."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    EMAIL = "email"
    APPRISE = "apprise"


class AlertDestination(Base):
    """A place that an alert's notifications go to. ``config`` may be shown; ``secret_encrypted`` never is."""

    __tablename__ = "alert_destinations"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[DestinationKind] = mapped_column(choice(DestinationKind, "destination_kind"))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    secret_encrypted: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    # How it fares: deliveries that failed since the last one that did not.
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    last_delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    alert: Mapped[Alert] = relationship(back_populates="destinations")


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"  # to be sent at ``next_attempt_at``
    DELIVERED = "delivered"
    FAILED = "failed"  # given up: it cannot work, or did not for a day


class AlertDelivery(Base):
    """One notification to one destination: the outbox. Its uuid is the idempotency key of all attempts.

    An attempt is out while ``lease_expires_at`` is set, and belongs to whoever knows ``attempts``.
    """

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "destination_id"),
        Index("ix_alert_deliveries_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("alert_events.id", ondelete="CASCADE"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("alert_destinations.id", ondelete="CASCADE"), index=True)
    notification: Mapped[Notification] = mapped_column(choice(Notification, "delivery_notification"))
    status: Mapped[DeliveryStatus] = mapped_column(
        choice(DeliveryStatus, "delivery_status"), default=DeliveryStatus.PENDING
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Made by the first attempt and kept, so that every attempt says the same.
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    alert: Mapped[Alert] = relationship()
    event: Mapped[AlertEvent] = relationship()
    destination: Mapped[AlertDestination] = relationship()
    log: Mapped[list[AlertDeliveryAttempt]] = relationship(
        back_populates="delivery", order_by="AlertDeliveryAttempt.id", passive_deletes=True
    )


class AlertDeliveryAttempt(Base):
    """What came of one attempt to deliver."""

    __tablename__ = "alert_delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("alert_deliveries.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int]  # from 1
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    latency_ms: Mapped[int | None]
    status_code: Mapped[int | None]  # of the answer, if there was one
    error: Mapped[str | None] = mapped_column(Text)  # None: it was delivered
    response_excerpt: Mapped[str | None] = mapped_column(Text)

    delivery: Mapped[AlertDelivery] = relationship(back_populates="log")
