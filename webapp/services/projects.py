"""Projects and who may do what in them."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.errors import NotFound, PermissionDenied, ValidationFailed
from webapp.extensions import db, settings
from webapp.models import ActorKind, Membership, Project, Role, User
from webapp.services.actors import Actor, person
from webapp.services.audit import Subject, record
from webapp.services.tokens import add_token

MAX_RETENTION_DAYS = 3650
NOT_YOURS = "This project does not exist, or you do not have access to it."


def create_project(name: str, owner: User, *, by: Actor | None = None) -> Project:
    """Create a project with an ingestion token; the owner becomes its admin, and is who does it unless ``by`` is."""
    name = check_name(name)
    owner_id, owner_subject = owner.id, Subject("user", owner.id, owner.email)
    by = by or person(owner)
    for _attempt in range(10):
        project = new_project(name, free_slug(name))
        db.session.add(project)
        admin = Membership(user_id=owner_id, role=Role.ADMIN)
        project.memberships.append(admin)
        try:
            db.session.flush()
            record(by, "project.created", subject_of(project), project_id=project.id, after=_facts(project))
            record(by, "member.added", owner_subject, project_id=project.id, after=membership_facts(admin))
            db.session.commit()
        except IntegrityError:  # another process took the slug in the meantime
            db.session.rollback()
        else:
            return project
    raise ValidationFailed("Too many projects of this name are being created; choose another name.", attr="name")


def rename_project(project_id: int, name: str, by: Actor) -> Project:
    """Give a project another name. Its short name stays, so that addresses go on to work.

    Raises:
        ValidationFailed: the name is empty or too long.
        PermissionDenied: the actor is not its admin.
    """
    require(by, project_id, Role.ADMIN)
    return _change(project_id, "project.renamed", by, name=check_name(name))


def set_retention(project_id: int, days: int, by: Actor) -> Project:
    """Say how long a project keeps logs. Every row carries its own end, so this counts for those that come from now on.

    Raises:
        ValidationFailed: the number of days cannot be used.
        PermissionDenied: the actor is not its admin.
    """
    require(by, project_id, Role.ADMIN)
    if not 1 <= days <= MAX_RETENTION_DAYS:
        raise ValidationFailed(f"Logs are kept for 1 to {MAX_RETENTION_DAYS} days.", attr="retention_days")
    return _change(project_id, "project.retention_changed", by, retention_days=days)


def _change(project_id: int, action: str, by: Actor, **values: Any) -> Project:
    project = project_by_id(project_id)
    before = {name: getattr(project, name) for name in values}
    if before != values:
        for name, value in values.items():
            setattr(project, name, value)
        record(by, action, subject_of(project), project_id=project.id, before=before, after=values)
        db.session.commit()
    return project


def check_name(name: str) -> str:
    """Return a project's name as it is kept.

    Raises:
        ValidationFailed: it is empty or too long.
    """
    name = name.strip()
    if not 1 <= len(name) <= 200 or "\0" in name:
        raise ValidationFailed("A project's name has 1 to 200 characters.", attr="name")
    return name


def subject_of(project: Project) -> Subject:
    """Return a project as the audit log names it."""
    return Subject("project", project.id, project.name)


def membership_facts(member: Membership) -> dict[str, Any]:
    """Return what the audit log keeps of a membership."""
    return {"role": member.role.value}


def _facts(project: Project) -> dict[str, Any]:
    return {"name": project.name, "retention_days": project.retention_days}


def new_project(name: str, slug: str) -> Project:
    """Build a project with its first ingestion token, for the caller to add."""
    project = Project(name=name, slug=slug, retention_days=settings.retention_days)
    add_token(project, "First token")
    return project


def free_slug(name: str) -> str:
    """Return a short name for addresses, made from the project's name and not in use."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "project"
    taken = set(db.session.scalars(select(Project.slug).where(Project.slug.startswith(base, autoescape=True))))
    if base not in taken:
        return base
    return next(f"{base}-{number}" for number in count(2) if f"{base}-{number}" not in taken)


def project_by_id(project_id: int) -> Project:
    """Return a project whoever asks; for the operator and for jobs.

    Raises:
        NotFound: there is none.
    """
    project = db.session.get(Project, project_id)
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    return project


def all_projects() -> list[Project]:
    """List every project, oldest first, for the operator."""
    return list(db.session.scalars(select(Project).order_by(Project.id)))


def projects_of(user: User) -> list[Project]:
    """List the projects that a person is a member of, oldest first."""
    query = select(Project).join(Project.memberships).where(Membership.user_id == user.id).order_by(Project.id)
    return list(db.session.scalars(query))


def memberships_of(user: User) -> list[Membership]:
    """List a person's memberships, the oldest project's first."""
    query = select(Membership).where(Membership.user_id == user.id).order_by(Membership.project_id)
    return list(db.session.scalars(query))


def membership(user: User, project_id: int) -> Membership | None:
    """Return the person's membership in a project, if there is one."""
    query = select(Membership).where(Membership.user_id == user.id, Membership.project_id == project_id)
    return db.session.scalars(query).first()


def membership_by_slug(user: User, slug: str) -> Membership | None:
    """Return the person's membership in the project of that short name, if there is one."""
    query = select(Membership).join(Membership.project).where(Membership.user_id == user.id, Project.slug == slug)
    return db.session.scalars(query).first()


def require_role(user: User, project_id: int, role: Role) -> Membership:
    """Return the person's membership if their role is at least this one.

    Raises:
        PermissionDenied: the role is too low; or there is no membership, or no such project, which sound the same.
    """
    found = membership(user, project_id)
    if found is None:
        raise PermissionDenied(NOT_YOURS)
    if not found.role.includes(role):
        raise PermissionDenied(f"This needs the role {role}, and yours in this project is {found.role}.")
    return found


def require(by: Actor, project_id: int, role: Role) -> None:
    """Check that an actor may do what needs this role: by the person's role, and within the key's restriction.

    The operator at the machine and Hedgerow itself may do everything.

    Raises:
        PermissionDenied: as for ``require_role``.
    """
    if by.user is None:
        if by.kind not in (ActorKind.OPERATOR, ActorKind.SYSTEM):
            raise PermissionDenied(NOT_YOURS)
        return
    if by.key is not None and by.key.project_ids is not None and project_id not in by.key.project_ids:
        raise PermissionDenied(NOT_YOURS)
    require_role(by.user, project_id, role)


def is_visible(by: Actor, project_id: int) -> bool:
    """Whether an actor may know that the project exists."""
    try:
        require(by, project_id, Role.VIEWER)
    except PermissionDenied:
        return False
    return True


def current_project(user: User) -> Project | None:
    """Return the project that the person was in last, else their oldest."""
    if user.last_project_id is not None:
        found = membership(user, user.last_project_id)
        if found is not None:
            return found.project
    return next(iter(projects_of(user)), None)


def remember_project(user: User, project: Project) -> None:
    """Note which project the person is in, for ``/`` and ``@current``."""
    if user.last_project_id != project.id:
        user.last_project_id = project.id
        db.session.commit()
