"""Saved views: searches that the people of a project come back to."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from webapp.errors import NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import Role, SavedView
from webapp.services.actors import Actor
from webapp.services.audit import Subject, record
from webapp.services.projects import require

MAX_VIEWS = 1000  # of a project: a list that nobody reads any more
MAX_NAME = 400
MAX_CHARACTERS = 100_000  # of filters, and of columns, as JSON
SHORT_ID_LENGTH = 12
_ALPHABET = string.ascii_letters + string.digits
_DEFAULTS: dict[str, Any] = {"filters": {}, "columns": None, "pinned": False}


def views_of(project_id: int, *, limit: int, offset: int = 0) -> tuple[list[SavedView], int]:
    """List a project's views, newest first, and say how many there are in all."""
    mine = SavedView.project_id == project_id
    query = select(SavedView).where(mine).order_by(SavedView.id.desc()).limit(limit).offset(offset)
    return list(db.session.scalars(query)), _number_of(project_id)


def views_named(project_id: int, text: str, *, limit: int, offset: int = 0) -> tuple[list[SavedView], int]:
    """List views with a text in their name, whatever its case, pinned ones first; and say how many there are."""
    query = select(SavedView.id, SavedView.name).where(SavedView.project_id == project_id)
    named = db.session.execute(query.order_by(SavedView.pinned.desc(), SavedView.id.desc())).all()
    # Not in SQL: SQLite knows the case of English letters alone.
    ids = [number for number, name in named if text.casefold() in name.casefold()]
    wanted = ids[offset : offset + limit]
    found = {view.id: view for view in db.session.scalars(select(SavedView).where(SavedView.id.in_(wanted)))}
    return [found[number] for number in wanted if number in found], len(ids)


def find_view(project_id: int, name: str) -> SavedView:
    """Find a view of the project by its short id, or by its uuid.

    Raises:
        NotFound: there is none, or it is another project's, which sound the same.
    """
    condition = SavedView.short_id == name
    if len(name) > SHORT_ID_LENGTH:
        try:
            condition = SavedView.uuid == UUID(name)
        except ValueError:
            raise _not_found() from None
    found = db.session.scalars(select(SavedView).where(SavedView.project_id == project_id, condition)).first()
    if found is None:
        raise _not_found()
    return found


def create_view(project_id: int, values: Mapping[str, Any], by: Actor) -> SavedView:
    """Save a view. ``values`` has the name, and may have filters, columns and whether it is pinned.

    Raises:
        ValidationFailed: a value cannot be used, or there are too many views.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    if _number_of(project_id) >= MAX_VIEWS:
        raise ValidationFailed(f"A project may have {MAX_VIEWS:,} saved views. Delete one first.", code="max_length")
    checked = {**_DEFAULTS, **_check(values)}
    short_id = "".join(secrets.choice(_ALPHABET) for _ in range(SHORT_ID_LENGTH))
    view = SavedView(project_id=project_id, short_id=short_id, created_by=by.user, **checked)
    db.session.add(view)
    db.session.flush()
    record(by, "view.created", _subject_of(view), project_id=project_id, after=checked)
    db.session.commit()
    return view


def change_view(project_id: int, name: str, values: Mapping[str, Any], by: Actor, *, whole: bool) -> SavedView:
    """Change what ``values`` has; if they are the whole view, what they leave out gets its default.

    Raises:
        NotFound: as for ``find_view``.
        ValidationFailed: a value cannot be used.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    view = find_view(project_id, name)
    wanted = {**(_DEFAULTS if whole else {}), **_check(values)}
    after = {key: value for key, value in wanted.items() if getattr(view, key) != value}
    if after:
        before = {key: getattr(view, key) for key in after}
        for key, value in after.items():
            setattr(view, key, value)
        record(by, "view.changed", _subject_of(view), project_id=project_id, before=before, after=after)
        db.session.commit()
    return view


def delete_view(project_id: int, name: str, by: Actor) -> None:
    """Delete a view; the audit log keeps what it was.

    Raises:
        NotFound: as for ``find_view``.
        PermissionDenied: the actor is not a member.
    """
    require(by, project_id, Role.MEMBER)
    view = find_view(project_id, name)
    before = {key: getattr(view, key) for key in ("name", *_DEFAULTS)}
    record(by, "view.deleted", _subject_of(view), project_id=project_id, before=before)
    db.session.delete(view)
    db.session.commit()


def _check(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    if "name" in checked:
        checked["name"] = name = str(checked["name"]).strip()
        if not name:
            raise ValidationFailed("This field may not be blank.", attr="name", code="blank")
        if len(name) > MAX_NAME:
            raise ValidationFailed(f"Must be at most {MAX_NAME} characters.", attr="name", code="max_length")
        if "\0" in name:
            raise ValidationFailed("A name is made of letters, not of control characters.", attr="name")
    for key in ("filters", "columns"):
        if len(json.dumps(checked.get(key))) > MAX_CHARACTERS:
            detail = f"Must be at most {MAX_CHARACTERS:,} characters of JSON."
            raise ValidationFailed(detail, attr=key, code="max_length")
    return checked


def _number_of(project_id: int) -> int:
    query = select(func.count()).select_from(SavedView).where(SavedView.project_id == project_id)
    return db.session.scalar(query) or 0


def _subject_of(view: SavedView) -> Subject:
    return Subject("view", view.id, view.name)


def _not_found() -> NotFound:
    return NotFound("There is no such saved view.")
