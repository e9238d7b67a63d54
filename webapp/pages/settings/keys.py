"""One's own API keys: list, make, revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import ValidationFailed
from webapp.models import PersonalApiKey, User
from webapp.models.types import utc_now
from webapp.pages.access import actor, require_sign_in
from webapp.pages.settings.frame import frame
from webapp.services.keys import create_key, keys_of, revoke_key
from webapp.services.projects import projects_of

SCOPES = {
    "logs:read": "Search and count logs, list views",
    "logs:write": "The same, and change what belongs to logs, such as views",
    "export:read": "Fetch exports",
    "export:write": "The same, and make and remove them",
    "*": "All that you may do, also in later versions",
}
LIVES = {"7": "In 7 days", "30": "In 30 days", "90": "In 90 days", "365": "In a year", "never": "Never"}
USUAL = {"scopes": ["logs:read"], "reach": "all", "life": "90"}

blueprint = Blueprint("keys", __name__, url_prefix="/settings/keys")
require_sign_in(blueprint)


@blueprint.get("")
def keys() -> ResponseReturnValue:
    """List one's keys and offer another one."""
    return _page(USUAL)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a key and show its value, this once."""
    user: User = current_user._get_current_object()
    form: dict[str, Any] = {
        "label": request.form.get("label", ""),
        "scopes": request.form.getlist("scopes"),
        "reach": request.form.get("reach", ""),
        "project_ids": request.form.getlist("project_ids"),
        "life": request.form.get("life", ""),
    }
    try:
        key, value = create_key(
            user,
            form["label"],
            form["scopes"],
            project_ids=_project_ids(form["project_ids"]) if form["reach"] == "some" else None,
            expires_at=utc_now() + life if (life := _life(form["life"])) else None,
            by=actor(),
        )
    except ValidationFailed as error:
        return _page(form, error=error), 422
    return _page(USUAL, made=key, value=value), {"Cache-Control": "no-store"}


@blueprint.post("/<int(max=2147483647):key_id>/revoke")
def revoke(key_id: int) -> ResponseReturnValue:
    """End a key of one's own."""
    revoke_key(key_id, actor())
    return redirect(url_for("keys.keys"))


def _project_ids(texts: list[str]) -> list[int]:
    if not all(text.isascii() and text.isdigit() and len(text) < 11 for text in texts):
        raise ValidationFailed("Choose from the projects that are listed.", attr="project_ids")
    return [int(text) for text in texts]


def _life(text: str) -> timedelta | None:
    if text not in LIVES:
        raise ValidationFailed("Choose how long the key lives from the list.", attr="expires_at")
    return timedelta(days=int(text)) if text != "never" else None


def _page(form: dict[str, Any], **context: Any) -> str:
    found = keys_of(current_user)
    projects = projects_of(current_user)
    names = {project.id: project.name for project in projects}
    return render_template(
        "settings/keys.html",
        **frame("keys.keys"),
        working=[key for key in found if key.state == "active"],
        over=[key for key in found if key.state != "active"],
        reach_of=lambda key: _reach(key, names),
        form=form,
        projects=projects,
        scopes=SCOPES,
        lives=LIVES,
        **context,
    )


def _reach(key: PersonalApiKey, names: dict[int, str]) -> str:
    """Return which projects a key reaches, in words; one that the person has left is only a number here."""
    if key.project_ids is None:
        return "all projects"
    return ", ".join(names.get(project_id, f"project {project_id}") for project_id in key.project_ids)
