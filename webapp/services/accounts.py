"""People: who they are, how they get in, and the first start."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.errors import AuthenticationFailed, NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import Membership, Project, Role, SignInLink, User
from webapp.models.types import utc_now
from webapp.services.actors import SYSTEM, Actor, person
from webapp.services.audit import Subject, record
from webapp.services.encryption import hash_secret, new_secret
from webapp.services.projects import membership_facts, new_project

FIRST_EMAIL = "admin@localhost"
DEFAULT_SLUG = "default"
OWN_SLUG = "hedgerow"  # the project that receives Hedgerow's own logs
SIGN_IN_LINK_LIFE = timedelta(hours=24)
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")


def ensure_first_run() -> None:
    """Create the first person and the first two projects, each with an ingestion token, where nobody is yet.

    All of it is one transaction, so that several processes may start at once and one of them wins.
    """
    if db.session.scalar(select(func.count()).select_from(User)):
        return
    user = User(email=FIRST_EMAIL, name="Admin")
    projects = [new_project("Default", DEFAULT_SLUG), new_project("Hedgerow", OWN_SLUG)]
    db.session.add_all([user, *projects])
    for project in projects:
        project.memberships.append(Membership(user=user, role=Role.ADMIN))
    try:
        db.session.flush()
        record(SYSTEM, "user.created", subject_of(user))
        for project in projects:
            record(SYSTEM, "project.created", Subject("project", project.id, project.name), project_id=project.id)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


def create_user(
    email: str, name: str, projects: list[Project], role: Role = Role.MEMBER, *, by: Actor = SYSTEM
) -> User:
    """Create a person with a role in these projects.

    Raises:
        ValidationFailed: the address cannot be one, or has an account already.
    """
    user = new_user(email, name)
    user.memberships = [Membership(project_id=project.id, role=role) for project in projects]
    db.session.add(user)
    try:
        db.session.flush()
        record(by, "user.created", subject_of(user))
        for member in user.memberships:
            after = membership_facts(member)
            record(by, "member.added", subject_of(user), project_id=member.project_id, after=after)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise ValidationFailed(f"{user.email} has an account already.", attr="email") from None
    return user


def new_user(email: str, name: str) -> User:
    """Build a person, for the caller to add.

    Raises:
        ValidationFailed: the address cannot be one, or the name is too long.
    """
    return User(email=check_email(email), name=_check_name(name))


def rename_user(user: User, name: str, by: Actor) -> User:
    """Give a person another name; an empty one lets their address stand for it.

    Raises:
        ValidationFailed: the name is too long, or has control characters.
    """
    name = _check_name(name)
    if name != user.name:
        before = {"name": user.name}
        user.name = name
        record(by, "user.renamed", subject_of(user), before=before, after={"name": name})
        db.session.commit()
    return user


def _check_name(name: str) -> str:
    name = name.strip()
    if len(name) > 200:
        raise ValidationFailed("A name has at most 200 characters.", attr="name")
    if "\0" in name:
        raise ValidationFailed("A name is made of letters, not of control characters.", attr="name")
    return name


def check_email(email: str) -> str:
    """Return an address as accounts have it.

    Raises:
        ValidationFailed: it cannot be one.
    """
    email = email.strip().lower()
    if not EMAIL.fullmatch(email) or len(email) > 254:
        raise ValidationFailed(f"{email!r} is not an email address.", attr="email")
    return email


def subject_of(user: User) -> Subject:
    """Return a person as the audit log names them."""
    return Subject("user", user.id, user.email)


def user_by_email(email: str) -> User:
    """Find a person by address.

    Raises:
        NotFound: nobody has it.
    """
    user = db.session.scalars(select(User).where(User.email == email.strip().lower())).first()
    if user is None:
        raise NotFound(f"Nobody here has the address {email}.")
    return user


def first_user() -> User:
    """Return the person who has been here longest.

    Raises:
        NotFound: nobody is here yet.
    """
    user = db.session.scalars(select(User).where(User.disabled_at.is_(None)).order_by(User.id).limit(1)).first()
    if user is None:
        raise NotFound("Nobody has an account yet. Start Hedgerow once: it makes the first one.")
    return user


def user_by_session_id(session_id: str) -> User | None:
    """Find the person a session belongs to; None ends the session, as a new password does."""
    name, _, version = session_id.partition(".")
    try:
        uuid = UUID(name)
    except ValueError:
        return None
    user = db.session.scalars(select(User).where(User.uuid == uuid)).first()
    if user is None or not user.is_active or str(user.session_version) != (version or "0"):
        return None
    return user


def create_sign_in_link(user: User, by: Actor = SYSTEM) -> str:
    """Make a token that signs this person in once within a day."""
    token = new_secret("")
    expires_at = utc_now() + SIGN_IN_LINK_LIFE
    db.session.add(SignInLink(user_id=user.id, token_hash=hash_secret(token), expires_at=expires_at))
    record(by, "sign_in_link.created", subject_of(user))
    db.session.commit()
    return token


def use_sign_in_link(token: str, address: str = "") -> User:
    """Take the link and return its person. Of two simultaneous uses one wins.

    Raises:
        AuthenticationFailed: unknown, used, run out, or its person is disabled; the detail says which.
    """
    now = utc_now()
    digest = hash_secret(token)
    taken = cast(
        "CursorResult[Any]",
        db.session.execute(
            update(SignInLink)
            .where(SignInLink.token_hash == digest, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
            .values(used_at=now)
            .execution_options(synchronize_session=False)
        ),
    )
    link = db.session.scalars(select(SignInLink).where(SignInLink.token_hash == digest)).first()
    is_taken = taken.rowcount == 1
    if is_taken and link is not None and link.user.is_active:
        record(person(link.user, address), "sign_in.succeeded", subject_of(link.user), after={"by": "link"})
    db.session.commit()
    if link is None:
        raise AuthenticationFailed("This sign-in link is not known here. Ask for a new one.")
    if not is_taken:
        reason = "was used already" if link.used_at is not None else "has run out"
        raise AuthenticationFailed(f"This sign-in link {reason}. Ask for a new one.")
    if not link.user.is_active:
        raise AuthenticationFailed("This account is disabled.")
    return link.user
