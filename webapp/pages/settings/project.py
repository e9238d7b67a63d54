"""How long a project keeps logs, and its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import ValidationFailed
from webapp.models import Project, Role
from webapp.pages.access import actor, open_project, open_project_as, require_sign_in
from webapp.pages.settings.frame import frame
from webapp.services.projects import MAX_RETENTION_DAYS, rename_project, set_retention

blueprint = Blueprint("project", __name__, url_prefix="/p/<slug>/settings/project")
require_sign_in(blueprint)


@blueprint.get("")
def project(slug: str) -> ResponseReturnValue:
    """Show both, to admins as forms."""
    return _page(open_project(slug))


@blueprint.post("/name")
def rename(slug: str) -> ResponseReturnValue:
    """Give the project another name."""
    found = open_project_as(slug, Role.ADMIN)
    name = request.form.get("name", "")
    return _try(found, lambda: rename_project(found.id, name, actor()), name=name)


@blueprint.post("/retention")
def keep(slug: str) -> ResponseReturnValue:
    """Say for how many days logs are kept."""
    found = open_project_as(slug, Role.ADMIN)
    days = request.form.get("retention_days", "")
    return _try(found, lambda: set_retention(found.id, _days(days), actor()), days=days)


def _try(found: Project, change: Callable[[], object], **typed: str) -> ResponseReturnValue:
    try:
        change()
    except ValidationFailed as error:
        return _page(found, error=error, **typed), 422
    return redirect(url_for("project.project", slug=found.slug, done=next(iter(typed))))


def _days(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValidationFailed(f"Type a whole number of days, 1 to {MAX_RETENTION_DAYS}.", attr="retention_days")
    return int(text)


def _page(found: Project, **context: Any) -> str:
    return render_template(
        "settings/project.html",
        **frame("project.project", found),
        done=request.args.get("done", ""),
        most_days=MAX_RETENTION_DAYS,
        **context,
    )
