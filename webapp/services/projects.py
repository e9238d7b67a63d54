"""Projects and who may do what in them."""

from __future__ import annotations

import re
import unicodedata
from itertools import count

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.errors import NotFound, PermissionDenied, ValidationFailed
from webapp.extensions import db, settings
from webapp.models import Membership, Project, Role, User
from webapp.services.tokens import add_token

NOT_YOURS = "This project does not exist, or you do not have access to it."


def create_project(name: str, owner: User) -> Project:
    """Create a project with an ingestion token; the owner becomes its admin."""
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise ValidationFailed("A project's name has 1 to 200 characters.", attr="name")
    owner_id = owner.id
    for _attempt in range(10):
        project = new_project(name, free_slug(name))
        db.session.add(project)
        project.memberships.append(Membership(user_id=owner_id, role=Role.ADMIN))
        try:
            db.session.commit()
        except IntegrityError:  # another process took the slug in the meantime
            db.session.rollback()
        else:
            return project
    raise ValidationFailed("Too many projects of this name are being created; choose another name.", attr="name")


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
