"""Who is in a project, and as what."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.errors import NotFound, ValidationFailed
from webapp.extensions import db
from webapp.models import Membership, Project, Role, User
from webapp.services.accounts import subject_of
from webapp.services.actors import Actor
from webapp.services.audit import record
from webapp.services.projects import membership_facts, require

LAST_ADMIN = "This is the project's last admin. Make somebody else an admin first."


def members_of(project_id: int) -> list[Membership]:
    """List a project's members with their people, those who came first first."""
    query = select(Membership).join(Membership.user).where(Membership.project_id == project_id).order_by(Membership.id)
    return list(db.session.scalars(query))


def add_member(project_id: int, user: User, role: Role, by: Actor) -> Membership:
    """Let somebody who has an account into a project.

    Raises:
        ValidationFailed: they are a member already.
        PermissionDenied: the actor is not the project's admin.
    """
    require(by, project_id, Role.ADMIN)
    member = Membership(user_id=user.id, project_id=project_id, role=role)
    email = user.email
    db.session.add(member)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise ValidationFailed(f"{email} is a member of this project already.", attr="email") from None
    record(by, "member.added", subject_of(user), project_id=project_id, after=membership_facts(member))
    db.session.commit()
    return member


def change_role(project_id: int, user_id: int, role: Role, by: Actor) -> Membership:
    """Give a member another role.

    Raises:
        NotFound: nobody of that id is a member.
        ValidationFailed: they are the last admin.
        PermissionDenied: the actor is not the project's admin.
    """
    require(by, project_id, Role.ADMIN)
    member = _locked_member(project_id, user_id)
    if member.role is not role:
        _keep_an_admin(member)
        before = membership_facts(member)
        member.role = role
        after = membership_facts(member)
        subject = subject_of(member.user)
        record(by, "member.role_changed", subject, project_id=project_id, before=before, after=after)
    db.session.commit()
    return member


def remove_member(project_id: int, user_id: int, by: Actor) -> None:
    """Take somebody out of a project: an admin anybody, and everybody themselves. They are out at once.

    Raises:
        NotFound: nobody of that id is a member.
        ValidationFailed: they are the last admin.
        PermissionDenied: the actor is neither the project's admin nor that person.
    """
    themselves = by.user is not None and by.user.id == user_id
    require(by, project_id, Role.VIEWER if themselves else Role.ADMIN)
    member = _locked_member(project_id, user_id)
    _keep_an_admin(member)
    record(by, "member.removed", subject_of(member.user), project_id=project_id, before=membership_facts(member))
    db.session.delete(member)
    db.session.commit()


def _locked_member(project_id: int, user_id: int) -> Membership:
    """Return a membership once nobody else is changing those of this project.

    Writing to the project's row makes every other such transaction wait, on SQLite as on PostgreSQL. Without it, two
    admins who demote each other at the same moment would both find the other one still there.
    """
    db.session.execute(update(Project).where(Project.id == project_id).values(name=Project.name))
    query = select(Membership).where(Membership.project_id == project_id, Membership.user_id == user_id)
    member = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if member is None:
        db.session.rollback()
        raise NotFound("Nobody of that id is a member of this project.")
    return member


def _keep_an_admin(member: Membership) -> None:
    if member.role is not Role.ADMIN:
        return
    others = (
        select(func.count())
        .select_from(Membership)
        .join(Membership.user)
        .where(
            Membership.project_id == member.project_id,
            Membership.role == Role.ADMIN,
            Membership.id != member.id,
            User.disabled_at.is_(None),
        )
    )
    if not db.session.scalar(others):
        db.session.rollback()
        raise ValidationFailed(LAST_ADMIN, attr="role")
