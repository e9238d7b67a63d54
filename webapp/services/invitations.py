"""Invitations: how people come into a project by a link.

Nothing is sent by e-mail. Whoever invites gets the link, once, and passes it on by a way that they trust.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from webapp.errors import LinkOver, NotFound, PermissionDenied, ValidationFailed
from webapp.extensions import db
from webapp.models import Invitation, Membership, Role, User
from webapp.models.types import utc_now
from webapp.services import passwords
from webapp.services.accounts import check_email, new_user, subject_of
from webapp.services.actors import Actor, person
from webapp.services.audit import Subject, record
from webapp.services.encryption import hash_secret, new_secret
from webapp.services.projects import is_visible, membership, membership_facts, project_by_id, require

LIFE = timedelta(days=7)  # people are on holiday; a link in an old chat should not open a door


def invite(project_id: int, email: str, role: Role, by: Actor) -> tuple[Invitation, str]:
    """Invite an address into a project, and return the invitation with the token of its link.

    An open invitation of the same address is revoked: the newest one counts.

    Raises:
        ValidationFailed: that cannot be an address, or its person is a member already.
        PermissionDenied: the actor is not the project's admin.
    """
    require(by, project_id, Role.ADMIN)
    project = project_by_id(project_id)
    email = check_email(email)
    user = user_of(email)
    member = membership(user, project_id) if user is not None else None
    if member is not None:
        raise ValidationFailed(f"{email} is a member of this project already, as {member.role}.", attr="email")
    for older in invitations_of(project_id):
        if older.email == email and older.state == "open":
            _revoke(older, by)
    token = new_secret("")
    invitation = Invitation(
        project=project,
        email=email,
        role=role,
        token_hash=hash_secret(token),
        invited_by_id=by.user.id if by.user is not None else None,
        expires_at=utc_now() + LIFE,
    )
    db.session.add(invitation)
    db.session.flush()
    after = {"role": role.value, "expires_at": invitation.expires_at.isoformat()}
    record(by, "invitation.created", _subject(invitation), project_id=project_id, after=after)
    db.session.commit()
    return invitation, token


def invitations_of(project_id: int) -> list[Invitation]:
    """List a project's invitations, newest first, those that are over included."""
    query = select(Invitation).where(Invitation.project_id == project_id).order_by(Invitation.id.desc())
    return list(db.session.scalars(query))


def revoke_invitation(invitation_id: int, by: Actor) -> Invitation:
    """End an open invitation.

    Raises:
        NotFound: there is none, or it is of a project that the actor is not a member of.
        PermissionDenied: the actor is not the project's admin.
        ValidationFailed: it is over already.
    """
    invitation = db.session.get(Invitation, invitation_id)
    if invitation is None or not is_visible(by, invitation.project_id):
        raise NotFound(f"There is no invitation with the id {invitation_id}.")
    require(by, invitation.project_id, Role.ADMIN)
    if invitation.state != "open":
        raise ValidationFailed(f"This invitation is {invitation.state} already.", attr="invitation")
    _revoke(invitation, by)
    db.session.commit()
    return invitation


def open_invitation(token: str) -> Invitation:
    """Find the invitation of a link that can still be accepted.

    Raises:
        NotFound: there is no such link.
        LinkOver: it was used, revoked, has run out, or who invited may not do so any more; the detail says which.
    """
    query = select(Invitation).where(Invitation.token_hash == hash_secret(token))
    invitation = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if invitation is None:
        raise NotFound("This invitation is not known here. Ask for a new one.")
    if invitation.state != "open":
        raise LinkOver(_why_over(invitation))
    inviter = invitation.invited_by
    if inviter is not None:
        found = membership(inviter, invitation.project_id)
        if not inviter.is_active or found is None or not found.role.includes(Role.ADMIN):
            raise LinkOver("Who invited you is not an admin of the project any more. Ask another admin for a new one.")
    return invitation


def user_of(email: str) -> User | None:
    """Return the person of an address, if there is one."""
    return db.session.scalars(select(User).where(User.email == email)).first()


def accept(token: str, user: User, address: str = "") -> Membership:
    """Let the person who has signed in into the project. A member stays what they are.

    Raises:
        NotFound, LinkOver: as for ``open_invitation``.
        PermissionDenied: the invitation is for somebody else.
    """
    invitation = open_invitation(token)
    if user.email != invitation.email:
        raise PermissionDenied(
            f"This invitation is for {invitation.email}, and you are signed in as {user.email}. "
            f"Sign out and open it again, or ask for one to your own address."
        )
    return _join(invitation, user, address)


def accept_as_new(token: str, name: str, password: str, address: str = "") -> User:
    """Make the invited person's account, and let them into the project: both or neither.

    Raises:
        NotFound, LinkOver: as for ``open_invitation``.
        ValidationFailed: name or password cannot be used, or the address has an account by now.
    """
    invitation = open_invitation(token)
    if user_of(invitation.email) is not None:
        raise ValidationFailed(f"{invitation.email} has an account already. Sign in to accept.", attr="email")
    user = new_user(invitation.email, name)
    if not user.name:
        raise ValidationFailed("Say what to call you.", attr="name")
    user.password_hash = passwords.hash_password(passwords.check_password(password, user.email))
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise ValidationFailed("This address has an account by now. Sign in to accept.", attr="email") from None
    record(person(user, address), "user.created", subject_of(user), after={"by": "invitation"})
    _join(invitation, user, address)
    return user


def _join(invitation: Invitation, user: User, address: str) -> Membership:
    """Take the invitation and add the membership; of two who do so at once one wins."""
    taken = cast(
        "CursorResult[Any]",
        db.session.execute(
            update(Invitation)
            .where(
                Invitation.id == invitation.id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > utc_now(),
            )
            .values(accepted_at=utc_now())
            .execution_options(synchronize_session=False)
        ),
    )
    if taken.rowcount != 1:
        db.session.rollback()
        db.session.refresh(invitation)
        raise LinkOver(_why_over(invitation))
    by = person(user, address)
    member = membership(user, invitation.project_id)
    if member is None:
        member = Membership(user_id=user.id, project_id=invitation.project_id, role=invitation.role)
        db.session.add(member)
        after = membership_facts(member)
        record(by, "member.added", subject_of(user), project_id=invitation.project_id, after=after)
    record(by, "invitation.accepted", _subject(invitation), project_id=invitation.project_id)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise ValidationFailed("You have become a member by another way. Load the page again.", "email") from None
    return member


def _revoke(invitation: Invitation, by: Actor) -> None:
    invitation.revoked_at = utc_now()
    record(by, "invitation.revoked", _subject(invitation), project_id=invitation.project_id)


def _why_over(invitation: Invitation) -> str:
    reasons = {"accepted": "was used already", "revoked": "was revoked", "expired": "has run out"}
    reason = reasons.get(invitation.state, "was used already")
    return f"This invitation {reason}. Ask an admin of the project for a new one."


def _subject(invitation: Invitation) -> Subject:
    return Subject("invitation", invitation.id, invitation.email)
