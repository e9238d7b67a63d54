"""Changing a project's ingestion tokens: more of them, newer ones, fewer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from webapp.errors import NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import IngestionToken, Role
from webapp.models.types import utc_now
from webapp.services.actors import Actor
from webapp.services.audit import Subject, record
from webapp.services.encryption import decrypt
from webapp.services.projects import is_visible, project_by_id, require
from webapp.services.tokens import add_token

GRACE = timedelta(hours=24)  # a working day to bring the new token to every sender
MAX_GRACE = timedelta(days=90)  # what lives longer was not rotated


def tokens_of(project_id: int) -> list[IngestionToken]:
    """List a project's tokens, newest first, those that are over included."""
    query = select(IngestionToken).where(IngestionToken.project_id == project_id).order_by(IngestionToken.id.desc())
    return list(db.session.scalars(query))


def create_token(project_id: int, label: str, by: Actor) -> tuple[IngestionToken, str]:
    """Give a project one more token and return it with its value.

    Raises:
        ValidationFailed: the label is empty or too long.
        PermissionDenied: the actor is not the project's admin.
    """
    require(by, project_id, Role.ADMIN)
    token = add_token(project_by_id(project_id), _check_label(label))
    db.session.flush()
    record(by, "token.created", subject_of(token), project_id=project_id)
    db.session.commit()
    return token, decrypt(token.token_encrypted)


def rotate_token(token_id: int, by: Actor, grace: timedelta = GRACE) -> tuple[IngestionToken, str]:
    """Make a token that takes another one's place, and return it with its value. The old one works for the grace.

    Raises:
        NotFound: there is no such token, or it is not of a project that the actor is a member of.
        PermissionDenied: the actor is not the project's admin.
        ValidationFailed: the token is rotated or revoked already, or the grace is out of bounds.
    """
    if not timedelta(0) <= grace <= MAX_GRACE:
        raise ValidationFailed(f"The grace is from 0 to {MAX_GRACE.days} days.", attr="grace")
    old = _own_token(token_id, by)
    if old.state != "active":
        raise ValidationFailed(f"This token is {old.state} already. Rotate the one that is in its place.", attr="token")
    _end_after(old, grace)
    new = add_token(old.project, old.label)
    db.session.flush()
    after = {"replaced_by": new.id, "works_until": old.expires_at.isoformat() if old.expires_at else None}
    record(by, "token.rotated", subject_of(old), project_id=old.project_id, after=after)
    record(by, "token.created", subject_of(new), project_id=old.project_id, after={"replaces": old.id})
    db.session.commit()
    return new, decrypt(new.token_encrypted)


def revoke_token(token_id: int, by: Actor) -> IngestionToken:
    """End a token now; other processes know within ``tokens.CACHE_S`` seconds. Twice keeps the first moment.

    Raises:
        NotFound: there is no such token, or it is not of a project that the actor is a member of.
        PermissionDenied: the actor is not the project's admin.
    """
    token = _own_token(token_id, by)
    if token.revoked_at is None:
        before = {"state": token.state}
        token.revoked_at = utc_now()
        record(by, "token.revoked", subject_of(token), project_id=token.project_id, before=before)
        db.session.commit()
    return token


def subject_of(token: IngestionToken) -> Subject:
    """Return a token as the audit log names it."""
    return Subject("token", token.id, token.label)


def _own_token(token_id: int, by: Actor) -> IngestionToken:
    token = db.session.get(IngestionToken, token_id)
    if token is None or not is_visible(by, token.project_id):
        raise NotFound(f"There is no ingestion token with the id {token_id}.")
    require(by, token.project_id, Role.ADMIN)
    return token


def _end_after(token: IngestionToken, grace: timedelta) -> None:
    """Let the token end, within the caller's transaction; of two who rotate it at once one wins."""
    now = utc_now()
    taken = cast(
        "CursorResult[Any]",
        db.session.execute(
            update(IngestionToken)
            .where(
                IngestionToken.id == token.id,
                IngestionToken.rotated_at.is_(None),
                IngestionToken.revoked_at.is_(None),
            )
            .values(rotated_at=now, expires_at=now + grace)
        ),
    )
    if taken.rowcount != 1:
        db.session.rollback()
        raise ValidationFailed("Somebody else has rotated or revoked this token at this moment.", attr="token")
    db.session.refresh(token)


def _check_label(label: str) -> str:
    label = label.strip()
    if not 1 <= len(label) <= 200 or "\0" in label:
        raise ValidationFailed("A label has 1 to 200 characters.", attr="label")
    return label
