"""What has happened to alerts: their events, and their states over the last day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.alerting.states import EventKind, State
from webapp.extensions import db
from webapp.models import Alert, AlertEvent

KEPT = timedelta(days=180)
TIMELINE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which neither the state nor whether it was enabled has changed."""

    start: datetime
    end: datetime
    state: State
    enabled: bool


def events_of(
    alert: Alert, *, limit: int, offset: int = 0, kind: EventKind | None = None
) -> tuple[list[AlertEvent], int]:
    """List an alert's events, newest first, and say how many there are in all."""
    conditions = [AlertEvent.alert_id == alert.id, *([AlertEvent.kind == kind] if kind is not None else [])]
    query = select(AlertEvent).where(*conditions).order_by(AlertEvent.id.desc()).limit(limit).offset(offset)
    count = db.session.scalar(select(func.count()).select_from(AlertEvent).where(*conditions)) or 0
    return list(db.session.scalars(query)), count


def timelines(alerts: Iterable[Alert], now: datetime) -> dict[int, list[Span]]:
    """Return the spans of the last 24 h of each alert by its id, oldest first, in one query for all of them.

    They begin with the alert if it is younger; together they leave no gap.
    """
    listed = list(alerts)
    since = now - TIMELINE
    events: dict[int, list[AlertEvent]] = {alert.id: [] for alert in listed}
    query = (
        select(AlertEvent)
        .where(AlertEvent.alert_id.in_(events), AlertEvent.created_at > since, AlertEvent.created_at <= now)
        .order_by(AlertEvent.id)
    )
    for event in db.session.scalars(query):
        events[event.alert_id].append(event)
    return {alert.id: _spans(alert, events[alert.id], max(since, alert.created_at), now) for alert in listed}


def purge_events(now: datetime) -> int:
    """Remove the events that are older than ``KEPT``; return how many."""
    old = list(db.session.scalars(select(AlertEvent).where(AlertEvent.created_at < now - KEPT).limit(10_000)))
    for event in old:
        db.session.delete(event)
    db.session.commit()
    return len(old)


def _spans(alert: Alert, events: list[AlertEvent], start: datetime, now: datetime) -> list[Span]:
    if not events:
        return [Span(start, now, alert.state, alert.enabled)] if start < now else []
    first = events[0]
    was_enabled = first.enabled if first.kind not in (EventKind.ENABLE, EventKind.DISABLE) else not first.enabled
    state, enabled, spans = first.state_before, was_enabled, []
    for event in events:
        if (event.state_after, event.enabled) == (state, enabled):
            continue
        if start < event.created_at:
            spans.append(Span(start, event.created_at, state, enabled))
        start, state, enabled = event.created_at, event.state_after, event.enabled
    return [*spans, Span(start, now, state, enabled)] if start < now else spans
