"""Ingestion tokens: what clients send logs with."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from webapp.errors import AuthenticationFailed, NotAuthenticated, NotFound
from webapp.extensions import db
from webapp.models import IngestionToken, Project
from webapp.models.types import utc_now
from webapp.services.encryption import decrypt, encrypt, hash_secret, new_secret
from webapp.services.last_use import note_use

PREFIX = "phc_"
CACHE_S = 5.0  # how long a revoked token may still be accepted by another process
CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class IngestionTarget:
    """Where the logs sent with a token go."""

    project_id: int
    retention_days: int
    slug: str


def add_token(project: Project, label: str) -> IngestionToken:
    """Give a project one more token, within the caller's transaction."""
    value = new_secret(PREFIX)
    token = IngestionToken(label=label, token_hash=hash_secret(value), token_encrypted=encrypt(value))
    project.tokens.append(token)
    return token


def ingestion_token(project_id: int) -> str:
    """Return the project's oldest token that is neither rotated nor revoked, readable, for snippets.

    Raises:
        NotFound: the project has none.
    """
    token = db.session.scalars(
        select(IngestionToken)
        .where(
            IngestionToken.project_id == project_id,
            IngestionToken.revoked_at.is_(None),
            IngestionToken.rotated_at.is_(None),
        )
        .order_by(IngestionToken.id)
        .limit(1)
    ).first()
    if token is None:
        raise NotFound("This project has no ingestion token.")
    return decrypt(token.token_encrypted)


def token_value(token: IngestionToken) -> str:
    """Return what a token is sent as, readable."""
    return decrypt(token.token_encrypted)


def ingestion_tokens(project_ids: Iterable[int]) -> dict[int, str]:
    """Return what ``ingestion_token`` does for each of these projects that has one."""
    query = (
        select(IngestionToken)
        .where(
            IngestionToken.project_id.in_(project_ids),
            IngestionToken.revoked_at.is_(None),
            IngestionToken.rotated_at.is_(None),
        )
        .order_by(IngestionToken.id.desc())
    )
    oldest = {token.project_id: token for token in db.session.scalars(query)}
    return {project_id: decrypt(token.token_encrypted) for project_id, token in oldest.items()}


def project_by_ingestion_token(value: str) -> IngestionTarget:
    """Find where logs sent with this token go. Answers are remembered for ``CACHE_S`` seconds per process.

    Raises:
        NotAuthenticated: the value is empty.
        AuthenticationFailed: it is malformed, unknown, rotated, revoked or no ingestion token; the detail says which.
    """
    if not value:
        raise NotAuthenticated(
            "No ingestion token was given. Send it as `Authorization: Bearer phc_…` or as `?token=phc_…`."
        )
    if value.startswith("phx_"):
        raise AuthenticationFailed(
            "This is a personal API key (phx_…), which cannot send logs. Use an ingestion token of the project (phc_…)."
        )
    if not value.startswith(PREFIX):
        raise AuthenticationFailed("This is not an ingestion token: they begin with phc_.")
    digest = hash_secret(value)
    cache: dict[str, tuple[float, IngestionTarget]] = current_app.extensions.setdefault("hedgerow_targets", {})
    remembered = cache.get(digest)
    if remembered is not None and remembered[0] > time.monotonic():
        return remembered[1]
    target = _find_target(digest)
    if len(cache) >= CACHE_SIZE:
        cache.clear()
    cache[digest] = (time.monotonic() + CACHE_S, target)
    return target


def _find_target(digest: str) -> IngestionTarget:
    token = db.session.scalars(select(IngestionToken).where(IngestionToken.token_hash == digest)).first()
    if token is None:
        raise AuthenticationFailed("This ingestion token is not known here. Copy it again from the project's settings.")
    if token.state == "revoked":
        raise AuthenticationFailed("This ingestion token was revoked. Use another one from the project's settings.")
    if token.state == "expired":
        raise AuthenticationFailed(
            f"This ingestion token was rotated on {token.rotated_at:%Y-%m-%d}, and its grace has ended. "
            "Use the project's present token."
        )
    note_use(token, utc_now())  # up to CACHE_S late: only who looks a token up comes here
    return IngestionTarget(token.project_id, token.project.retention_days, token.project.slug)
