"""Facets that a person added to the explorer of a project: nobody else sees them."""

from __future__ import annotations

from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp.errors import ValidationFailed
from webapp.extensions import db
from webapp.language.tree import Field, FieldKind
from webapp.models import PinnedFacet, Role, User
from webapp.services.actors import Actor
from webapp.services.projects import require

MAX_PINS = 20  # each is one more thing to count whenever the explorer loads
MAX_NAME = 400
PINNABLE: tuple[FieldKind, ...] = ("attribute", "resource_attribute")


def pins_of(user: User, project_id: int) -> list[Field]:
    """List the fields, in the order in which they were added."""
    return [Field(cast(FieldKind, pin.kind), pin.name) for pin in _pins(user, project_id)]


def pin(project_id: int, field: Field, by: Actor) -> None:
    """Add a field; nothing happens if it is there already.

    Raises:
        ValidationFailed: it has no facet, its name cannot be kept, or there are too many.
        PermissionDenied: the actor is not a member.
    """
    user = _person(project_id, by)
    if field.kind not in PINNABLE:
        raise ValidationFailed(f"{field.name} cannot be a facet: its values are not counted.", attr="key")
    if not field.name or len(field.name) > MAX_NAME or not field.name.isprintable():
        raise ValidationFailed(f"A key is 1 to {MAX_NAME} characters that can be printed.", attr="key")
    fields = pins_of(user, project_id)
    if field in fields:
        return
    if len(fields) >= MAX_PINS:
        raise ValidationFailed(f"There may be {MAX_PINS} facets of your own. Remove one first.", attr="key")
    db.session.add(PinnedFacet(user_id=user.id, project_id=project_id, kind=field.kind, name=field.name))
    try:
        db.session.commit()
    except IntegrityError:  # a second click was faster
        db.session.rollback()


def unpin(project_id: int, field: Field, by: Actor) -> None:
    """Remove a field; nothing happens if it is not there.

    Raises:
        PermissionDenied: the actor is not a member.
    """
    user = _person(project_id, by)
    wanted = (PinnedFacet.user_id == user.id, PinnedFacet.project_id == project_id)
    db.session.execute(
        delete(PinnedFacet).where(*wanted, PinnedFacet.kind == field.kind, PinnedFacet.name == field.name)
    )
    db.session.commit()


def _person(project_id: int, by: Actor) -> User:
    require(by, project_id, Role.VIEWER)
    if by.user is None:
        raise ValidationFailed("Only people have facets of their own.")
    return by.user


def _pins(user: User, project_id: int) -> list[PinnedFacet]:
    mine = (PinnedFacet.user_id == user.id, PinnedFacet.project_id == project_id)
    return list(db.session.scalars(select(PinnedFacet).where(*mine).order_by(PinnedFacet.id)))
