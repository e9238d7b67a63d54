"""Alerts as people set them up: listed, created, changed, snoozed, switched, reset and deleted.

A change and a check can meet. Each writes the row only as it has read it, and whoever comes second reads it again; a
change that matters to a check also takes away the one that is out, so that no count of the old rule is judged by the
new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm.exc import StaleDataError

from webapp.alerting import control
from webapp.alerting.state_machine import Snapshot
from webapp.alerting.states import State
from webapp.errors import NotFound, Unavailable, ValidationFailed
from webapp.extensions import db, settings
from webapp.models import Alert, AlertEvent, Role, User
from webapp.models.types import utc_now
from webapp.services.actors import Actor
from webapp.services.alert_values import DEFAULTS, PACE, RULE, check_together, check_values
from webapp.services.audit import Subject, record
from webapp.services.projects import require

UNDO_FOR = timedelta(days=7)
_TRIES = 5
_STORED = tuple(key for key in DEFAULTS if key != "snooze_until")


def alerts_of(
    project_id: int,
    *,
    limit: int,
    offset: int = 0,
    created_by: UUID | None = None,
    search: str = "",
    state: State | None = None,
) -> tuple[list[Alert], int]:
    """List alerts of a project, newest first, and say how many there are in all.

    Args:
        created_by: only those of this person, by their uuid.
        search: only those with this in their name, whatever the case.
        state: only those in this state.
    """
    conditions: list[ColumnElement[bool]] = [Alert.project_id == project_id, Alert.deleted_at.is_(None)]
    if created_by is not None:
        conditions.append(Alert.created_by_id.in_(select(User.id).where(User.uuid == created_by)))
    if state is not None:
        conditions.append(Alert.state == state)
    query = select(Alert.id, Alert.name).where(*conditions).order_by(Alert.id.desc())
    # Not in SQL: SQLite knows the case of English letters alone.
    ids = [number for number, name in db.session.execute(query) if search.casefold() in name.casefold()]
    wanted = ids[offset : offset + limit]
    found = {alert.id: alert for alert in db.session.scalars(select(Alert).where(Alert.id.in_(wanted)))}
    return [found[number] for number in wanted if number in found], len(ids)


def find_alert(project_id: int, uuid: UUID | str) -> Alert:
    """Find an alert of the project.

    Raises:
        NotFound: there is none, it is deleted, or it is another project's, which sound the same.
    """
    found = _find(project_id, uuid)
    if found is None or found.deleted_at is not None:
        raise _not_found()
    return found


def create_alert(project_id: int, values: Mapping[str, Any], by: Actor) -> Alert:
    """Create an alert. What ``values`` leave out gets its default; it is due at once if it is enabled.

    Raises:
        ValidationFailed: a value cannot be used, or there are too many alerts.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    now = utc_now()
    wanted = {**DEFAULTS, **check_values(values, now)}
    check_together(wanted, now)
    if number_of(project_id) >= settings.max_alerts:
        raise ValidationFailed(f"A project may have {settings.max_alerts:,} alerts. Delete one first.")
    snooze_until = wanted["snooze_until"]
    alert = Alert(
        project_id=project_id,
        created_by=by.user,
        created_at=now,
        updated_at=now,
        state=State.SNOOZED if snooze_until else State.NOT_FIRING,
        snooze_until=snooze_until,
        first_enabled_at=now if wanted["enabled"] else None,
        **{key: wanted[key] for key in _STORED},
    )
    db.session.add(alert)
    db.session.flush()
    record(by, "alert.created", _subject_of(alert), project_id=project_id, after=_plain(wanted))
    db.session.commit()
    return alert


def change_alert(project_id: int, uuid: UUID | str, values: Mapping[str, Any], by: Actor, *, whole: bool) -> Alert:
    """Change what ``values`` has; if they are the whole alert, what they leave out gets its default.

    Raises:
        NotFound: as for ``find_alert``.
        ValidationFailed: a value cannot be used.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    now = utc_now()
    given = {**(DEFAULTS if whole else {}), **check_values(values, now)}

    def work(alert: Alert) -> None:
        before = {key: getattr(alert, key) for key in DEFAULTS}
        check_together({**before, **given}, now)
        after = {key: value for key, value in given.items() if before[key] != value}
        if not after:
            return
        for key in _STORED:
            if key in after:
                setattr(alert, key, after[key])
        if alert.enabled and alert.first_enabled_at is None:
            alert.first_enabled_at = now
        change = control.Change(
            enabled=after.get("enabled"),
            snooze_until=after.get("snooze_until", control.Snooze.UNCHANGED),
            rule=any(key in after for key in RULE),
            pace=any(key in after for key in PACE),
        )
        _take(alert, control.apply(snapshot_of(alert), change), by, now)
        alert.updated_at = now
        changed = {key: before[key] for key in after}
        record(
            by, "alert.changed", _subject_of(alert), project_id=project_id, before=_plain(changed), after=_plain(after)
        )

    return _change(project_id, uuid, work)


def reset_alert(project_id: int, uuid: UUID | str, by: Actor) -> Alert:
    """Let a broken alert be checked again.

    Raises:
        NotFound: as for ``find_alert``.
        ValidationFailed: it is not broken.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    now = utc_now()

    def work(alert: Alert) -> None:
        outcome = control.reset(snapshot_of(alert))
        if outcome is None:
            raise ValidationFailed("Only broken alerts can be reset.")
        _take(alert, outcome, by, now)
        alert.last_error_message = None
        record(by, "alert.reset", _subject_of(alert), project_id=project_id)

    return _change(project_id, uuid, work)


def delete_alert(project_id: int, uuid: UUID | str, by: Actor) -> None:
    """Delete an alert; for ``UNDO_FOR`` it can be had back.

    Raises:
        NotFound: as for ``find_alert``.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)

    def work(alert: Alert) -> None:
        alert.deleted_at = utc_now()
        _take_back_check(alert)
        before = _plain({key: getattr(alert, key) for key in DEFAULTS})
        record(by, "alert.deleted", _subject_of(alert), project_id=project_id, before=before)

    _change(project_id, uuid, work)


def restore_alert(project_id: int, uuid: UUID | str, by: Actor) -> Alert:
    """Undo a deletion.

    Raises:
        NotFound: there is no such alert, or its time is over.
        ValidationFailed: there are too many alerts now.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    if number_of(project_id) >= settings.max_alerts:
        raise ValidationFailed(f"A project may have {settings.max_alerts:,} alerts. Delete one first.")

    def work(alert: Alert) -> None:
        if alert.deleted_at is None:
            return
        alert.deleted_at = None
        alert.next_check_at = None
        record(by, "alert.restored", _subject_of(alert), project_id=project_id)

    return _change(project_id, uuid, work, deleted_too=True)


def purge_deleted(now: datetime) -> int:
    """Remove the alerts whose deletion can no longer be undone, with all that belongs to them; return how many."""
    gone = list(db.session.scalars(select(Alert).where(Alert.deleted_at < now - UNDO_FOR)))
    for alert in gone:
        db.session.delete(alert)
    db.session.commit()
    return len(gone)


def number_of(project_id: int) -> int:
    """Return how many alerts the project has."""
    mine = (Alert.project_id == project_id, Alert.deleted_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Alert).where(*mine)) or 0


def snapshot_of(alert: Alert) -> Snapshot:
    """Return what decisions about the alert depend on."""
    return Snapshot(
        state=alert.state,
        snooze_until=alert.snooze_until,
        last_notified_at=alert.last_notified_at,
        consecutive_failures=alert.consecutive_failures,
    )


def store_snapshot(alert: Alert, after: Snapshot) -> None:
    """Write a decision's snapshot into the row; the caller commits."""
    alert.state = after.state
    alert.snooze_until = after.snooze_until
    alert.last_notified_at = after.last_notified_at
    alert.consecutive_failures = after.consecutive_failures


def retry_when_stale(work: Callable[[], Alert]) -> Alert:
    """Do the work, which commits, again if somebody else has changed the row meanwhile.

    Raises:
        Unavailable: somebody else was faster again and again.
    """
    for _try in range(_TRIES):
        try:
            return work()
        except StaleDataError:
            db.session.rollback()
    raise Unavailable("The alert is being changed by somebody else. Try again.", retry_after_s=1)


def _change(project_id: int, uuid: UUID | str, work: Callable[[Alert], None], *, deleted_too: bool = False) -> Alert:
    def once() -> Alert:
        alert = _find(project_id, uuid)
        if alert is None or (alert.deleted_at is not None and not deleted_too):
            raise _not_found()
        db.session.refresh(alert)
        work(alert)
        db.session.commit()
        return alert

    return retry_when_stale(once)


def _take(alert: Alert, outcome: control.Outcome, by: Actor, now: datetime) -> None:
    """Write what a person's change leads to, and its history."""
    store_snapshot(alert, outcome.after)
    for step in outcome.steps:
        db.session.add(
            AlertEvent(
                alert=alert,
                created_at=now,
                kind=step.kind,
                state_before=step.before,
                state_after=step.after,
                enabled=alert.enabled,
                actor=by.label[:500],
            )
        )
    if outcome.recheck:
        _take_back_check(alert)


def _take_back_check(alert: Alert) -> None:
    alert.next_check_at = alert.slot_at = alert.lease_expires_at = None


def _find(project_id: int, uuid: UUID | str) -> Alert | None:
    try:
        name = uuid if isinstance(uuid, UUID) else UUID(uuid)
    except ValueError:
        return None
    return db.session.scalars(select(Alert).where(Alert.project_id == project_id, Alert.uuid == name)).first()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _subject_of(alert: Alert) -> Subject:
    return Subject("alert", alert.id, alert.name)


def _not_found() -> NotFound:
    return NotFound("There is no such alert.")
