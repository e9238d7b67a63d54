"""``/``: straight to the logs."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import HedgerowError, NotFound
from webapp.models import Project
from webapp.pages.access import require_sign_in
from webapp.services.accounts import OWN_SLUG
from webapp.services.logs import has_logs
from webapp.services.projects import current_project, projects_of

blueprint = Blueprint("home", __name__)
require_sign_in(blueprint)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Go to the explorer of the last project; at first, to one in which there is something to see."""
    project = current_project(current_user) if current_user.last_project_id else _lively_project()
    if project is None:
        raise NotFound("You are not a member of any project. Ask an admin to add you to one.")
    return redirect(url_for("logs.search", slug=project.slug))


def _lively_project() -> Project | None:
    """Choose a project that has logs; Hedgerow's own only if no other has any."""
    projects = sorted(projects_of(current_user), key=lambda project: project.slug == OWN_SLUG)
    try:
        return next((project for project in projects if has_logs(project.id)), None) or next(iter(projects), None)
    except HedgerowError:  # the log store is away; the explorer will say so
        return next(iter(projects), None)
