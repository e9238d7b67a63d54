"""People, projects and the organization in JSON, with the original's names.

The original has things that Hedgerow has not: those are null, so that a client finds every name that it looks for.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from webapp.models import Membership, Project, Role, User
from webapp.services.log_json import iso_moment

# An instance is one organization, and needs no row of its own; the id is the same everywhere and means nothing.
ORGANIZATION_ID = UUID("0199c0de-0000-7000-8000-000000000000")
ORGANIZATION: dict[str, Any] = {"id": str(ORGANIZATION_ID), "name": "Hedgerow", "slug": "hedgerow"}


def person_as_json(user: User) -> dict[str, Any]:
    """Write a person as others see them."""
    first_name, _, last_name = user.name.partition(" ")
    return {
        "id": user.id,
        "uuid": str(user.uuid),
        "distinct_id": str(user.uuid),
        "first_name": first_name,
        "last_name": last_name.strip(),
        "email": user.email,
        "is_email_verified": None,  # Hedgerow sends no mail
        "hedgehog_config": None,
        "role_at_organization": None,
    }


def project_as_json(membership: Membership, token: str | None) -> dict[str, Any]:
    """Write a project as its member sees it; ``token`` is what its clients send logs with."""
    project: Project = membership.project
    return {
        "id": project.id,
        "uuid": str(project.uuid),
        "organization": str(ORGANIZATION_ID),
        "name": project.name,
        "slug": project.slug,
        "api_token": token,
        "timezone": project.timezone,
        "retention_days": project.retention_days,
        "created_at": iso_moment(project.created_at),
        "effective_membership_level": membership.role.level,
        "role": membership.role.value,
    }


def organization_as_json(memberships: list[Membership]) -> dict[str, Any]:
    """Write the organization as somebody with these memberships sees it: their highest level counts."""
    level = max((membership.role.level for membership in memberships), default=Role.VIEWER.level)
    return {**ORGANIZATION, "membership_level": level}
