"""The audit log: who changed what, written in the transaction of the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from webapp.errors import ValidationFailed
from webapp.extensions import db
from webapp.models import ActorKind, AuditEntry
from webapp.services.actors import Actor

MAX_ENTRIES = 1000
LABEL_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change is about. A label says what it was called then: a name, an address, never a secret."""

    type: str
    id: int | None
    label: str


def record(
    by: Actor,
    action: str,
    subject: Subject,
    *,
    project_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note a change within the caller's transaction: both are kept, or neither.

    Args:
        by: who did it.
        action: what happened, ``noun.participle``: ``member.removed``.
        subject: what it happened to.
        project_id: where; none is the instance.
        before: the values that changed, as they were; JSON, without secrets.
        after: the same values as they are now.
    """
    db.session.add(
        AuditEntry(
            actor_kind=by.kind,
            actor_id=by.id,
            actor=by.label[:LABEL_LENGTH],
            address=by.address,
            project_id=project_id,
            action=action,
            object_type=subject.type,
            object_id=subject.id,
            object=subject.label[:LABEL_LENGTH],
            before=before,
            after=after,
        )
    )


def tally(action: str, subject: Subject, address: str, now: datetime) -> None:
    """Count a failure in the entry of this subject and hour, in a transaction of its own.

    One statement and one commit whether it is the first one or not, so that the time that an answer takes tells
    nobody whether an account has been tried before, or exists.
    """
    values = {
        "at": now,
        "actor_kind": ActorKind.ANYONE,
        "actor": "",
        "address": address,
        "action": action,
        "object_type": subject.type,
        "object_id": subject.id,
        "object": subject.label[:LABEL_LENGTH],
        "times": 1,
        "tally_key": f"{action}:{subject.id or 0}:{now:%Y%m%d%H}",
    }
    again = {"times": AuditEntry.times + 1, "at": now, "address": address}
    with db.engine.begin() as connection:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        first = insert(AuditEntry).values(values)
        connection.execute(first.on_conflict_do_update(index_elements=["tally_key"], set_=again))


def entries(
    *, project_id: int | None = None, action: str = "", limit: int = 100, before_id: int | None = None
) -> list[AuditEntry]:
    """List changes, newest first.

    Args:
        project_id: of one project; none lists those of every project and of the instance.
        action: only these: ``member.removed``, or all of ``member``.
        limit: at most so many, up to ``MAX_ENTRIES``.
        before_id: only entries older than this one, for the next page.

    Raises:
        ValidationFailed: the limit is out of bounds.
    """
    if not 1 <= limit <= MAX_ENTRIES:
        raise ValidationFailed(f"The limit must be from 1 to {MAX_ENTRIES}.", attr="limit")
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(AuditEntry.project_id == project_id)
    if action:
        query = query.where((AuditEntry.action == action) | AuditEntry.action.startswith(f"{action}.", autoescape=True))
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(db.session.scalars(query))


def as_facts(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry for programs."""
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "by": {"kind": entry.actor_kind.value, "id": entry.actor_id, "label": entry.actor, "address": entry.address},
        "project_id": entry.project_id,
        "action": entry.action,
        "object": {"type": entry.object_type, "id": entry.object_id, "label": entry.object},
        "before": entry.before,
        "after": entry.after,
        "times": entry.times,
    }
