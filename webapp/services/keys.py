"""Personal API keys: what programs act for a person with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.errors import AuthenticationFailed, NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import PersonalApiKey, User
from webapp.models.types import utc_now
from webapp.services.actors import SYSTEM, Actor, name_of, person
from webapp.services.audit import Subject, record
from webapp.services.encryption import hash_secret, new_secret
from webapp.services.last_use import note_use
from webapp.services.projects import NOT_YOURS, membership

PREFIX = "phx_"
SCOPES = ("*", "logs:read", "logs:write", "export:read", "export:write")


def create_key(
    user: User,
    label: str,
    scopes: Iterable[str],
    *,
    project_ids: list[int] | None = None,
    expires_at: datetime | None = None,
    by: Actor | None = None,
) -> tuple[PersonalApiKey, str]:
    """Create a key and return it with its value, which cannot be had again. The person does it unless ``by`` does.

    Raises:
        ValidationFailed: label, a scope, a project or the expiry cannot be used; ``attr`` names it.
    """
    label = label.strip()
    if not 1 <= len(label) <= 200 or "\0" in label:
        raise ValidationFailed("A label has 1 to 200 characters.", attr="label")
    chosen = sorted(set(scopes))
    if not chosen:
        raise ValidationFailed(f"Give at least one scope of {', '.join(SCOPES)}.", attr="scopes")
    for scope in chosen:
        if scope not in SCOPES:
            raise ValidationFailed(f"{scope!r} is not a scope. Choose from {', '.join(SCOPES)}.", attr="scopes")
    if project_ids is not None and not project_ids:
        raise ValidationFailed("Name at least one project, or leave the restriction out.", attr="project_ids")
    for project_id in project_ids or []:
        if not 1 <= project_id < 2**31 or membership(user, project_id) is None:
            raise ValidationFailed(f"Project {project_id}: {NOT_YOURS}", attr="project_ids")
    if expires_at is not None and expires_at <= utc_now():
        raise ValidationFailed("The expiry must lie in the future.", attr="expires_at")
    value = new_secret(PREFIX)
    key = PersonalApiKey(
        user=user,
        label=label,
        scopes=chosen,
        project_ids=sorted(set(project_ids)) if project_ids else None,
        expires_at=expires_at,
        value_hash=hash_secret(value),
        value_end=value[-4:],
    )
    db.session.add(key)
    db.session.flush()
    record(by or person(user), "key.created", subject_of(key), after=_facts(key))
    db.session.commit()
    return key, value


def authenticate_key(value: str) -> PersonalApiKey:
    """Find the key of this value and note that it was used.

    Raises:
        AuthenticationFailed: unknown, revoked, expired, of a disabled person, or no personal key at all.
    """
    if value.startswith("phc_"):
        raise AuthenticationFailed(
            "This is an ingestion token (phc_…), which can only send logs. Use a personal API key (phx_…)."
        )
    if not value.startswith(PREFIX):
        raise AuthenticationFailed("This is not a personal API key: they begin with phx_.")
    key = db.session.scalars(select(PersonalApiKey).where(PersonalApiKey.value_hash == hash_secret(value))).first()
    if key is None:
        raise AuthenticationFailed("This personal API key is not known here.")
    if key.state == "revoked":
        raise AuthenticationFailed("This personal API key was revoked.")
    if key.state == "expired":
        raise AuthenticationFailed("This personal API key has expired.")
    if not key.user.is_active:
        raise AuthenticationFailed("The account of this personal API key is disabled.")
    note_use(key, utc_now())
    return key


def grants(scopes: Iterable[str], *needed: str) -> bool:
    """Whether these scopes hold one of those needed; writing includes reading, ``*`` everything."""
    held = set(scopes)
    if "*" in held:
        return True
    return any(scope in held or f"{scope.split(':')[0]}:write" in held for scope in needed)


def keys_of(user: User) -> list[PersonalApiKey]:
    """List a person's keys, newest first, revoked ones included."""
    query = select(PersonalApiKey).where(PersonalApiKey.user_id == user.id).order_by(PersonalApiKey.id.desc())
    return list(db.session.scalars(query))


def all_keys() -> list[PersonalApiKey]:
    """List everyone's keys, newest first, for the operator at the command line."""
    return list(db.session.scalars(select(PersonalApiKey).order_by(PersonalApiKey.id.desc())))


def revoke_key(key_id: int, by: Actor = SYSTEM) -> PersonalApiKey:
    """End a key now, in every process. Revoking twice keeps the first moment.

    Raises:
        NotFound: there is no such key, or it is another person's, which sound the same.
    """
    key = db.session.get(PersonalApiKey, key_id)
    if key is None or (by.user is not None and key.user_id != by.user.id):
        raise NotFound(f"There is no personal API key with the id {key_id}.")
    if key.revoked_at is None:
        key.revoked_at = utc_now()
        record(by, "key.revoked", subject_of(key))
        db.session.commit()
    return key


def subject_of(key: PersonalApiKey) -> Subject:
    """Return a key as the audit log names it."""
    return Subject("key", key.id, name_of(key))


def _facts(key: PersonalApiKey) -> dict[str, Any]:
    return {
        "scopes": key.scopes,
        "project_ids": key.project_ids,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }
