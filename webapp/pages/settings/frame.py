"""The frame of the settings: whose they are, and the list of sections beside each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_login import current_user

from webapp.models import Project, Role
from webapp.services.projects import current_project, require_role


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the settings, as the list beside it shows it."""

    endpoint: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The sections about one thing: oneself, or a project."""

    label: str
    sections: list[Section]


OWN = (
    ("account.profile", "Profile"),
    ("account.password", "Password"),
    ("keys.keys", "API keys"),
)
OF_A_PROJECT = (
    ("tokens.tokens", "Ingestion tokens", Role.VIEWER),
    ("members.members", "Members", Role.VIEWER),
    ("project.project", "Retention", Role.VIEWER),
    ("saved_views.views", "Views", Role.VIEWER),
    ("audit.audit", "Audit log", Role.ADMIN),
)


def frame(here: str, project: Project | None = None) -> dict[str, Any]:
    """Return what the frame's template needs: by default with the sections of the project that the person was in last.

    Args:
        here: the endpoint of the section that is shown.
        project: whose settings these are; the person is a member of it.
    """
    project = project or current_project(current_user)
    groups = [Group("You", [Section(endpoint, label, url_for(endpoint)) for endpoint, label in OWN])]
    role = require_role(current_user, project.id, Role.VIEWER).role if project else None
    if project and role:
        sections = [
            Section(endpoint, label, url_for(endpoint, slug=project.slug))
            for endpoint, label, needed in OF_A_PROJECT
            if role.includes(needed)
        ]
        groups.append(Group(project.name, sections))
    is_member = role is not None and role.includes(Role.MEMBER)
    return {
        "here": here,
        "project": project,
        "groups": groups,
        "is_member": is_member,
        "is_admin": role is Role.ADMIN,
    }
