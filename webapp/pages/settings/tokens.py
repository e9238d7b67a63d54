"""The ingestion tokens of a project, and how to send logs with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.errors import NotFound, ValidationFailed
from webapp.extensions import settings
from webapp.models import IngestionToken, Project, Role
from webapp.pages.access import actor, open_project, open_project_as, require_sign_in
from webapp.pages.render import render
from webapp.pages.settings.frame import frame
from webapp.pages.snippets import how_to_send
from webapp.services.rotation import create_token, revoke_token, rotate_token, tokens_of
from webapp.services.tokens import token_value

GRACES = {"0": "ends at once", "1": "works on for an hour", "24": "works on for 24 hours"}
GRACES |= {"168": "works on for 7 days", "720": "works on for 30 days"}

blueprint = Blueprint("tokens", __name__, url_prefix="/p/<slug>/settings")
require_sign_in(blueprint)


@blueprint.get("", strict_slashes=False)
def index(slug: str) -> ResponseReturnValue:
    """Go to the first section of a project's settings."""
    return redirect(url_for("tokens.tokens", slug=open_project(slug).slug))


@blueprint.get("/tokens")
def tokens(slug: str) -> ResponseReturnValue:
    """Show the tokens, as everybody in the project may send with them; for htmx, one way to send."""
    return _page(open_project(slug))


@blueprint.post("/tokens")
def create(slug: str) -> ResponseReturnValue:
    """Make one more token."""
    project = open_project_as(slug, Role.ADMIN)
    label = request.form.get("label", "")
    return _try(project, lambda: create_token(project.id, label, actor()), label=label)


@blueprint.post("/tokens/<int(max=2147483647):token_id>/rotate")
def rotate(slug: str, token_id: int) -> ResponseReturnValue:
    """Make a token that takes another one's place, which works on for the grace."""
    project = open_project_as(slug, Role.ADMIN)
    token = _token(project, token_id)
    grace = request.form.get("grace", "")
    return _try(project, lambda: rotate_token(token.id, actor(), _grace(grace)))


@blueprint.post("/tokens/<int(max=2147483647):token_id>/revoke")
def revoke(slug: str, token_id: int) -> ResponseReturnValue:
    """End a token."""
    project = open_project_as(slug, Role.ADMIN)
    token = _token(project, token_id)
    return _try(project, lambda: revoke_token(token.id, actor()))


def _try(project: Project, change: Callable[[], object], **typed: str) -> ResponseReturnValue:
    """Make a change and show the tokens as they are then, or why it could not be made."""
    try:
        change()
    except ValidationFailed as error:
        return _page(project, status=422, error=error, **typed)
    return redirect(url_for("tokens.tokens", slug=project.slug))


def _token(project: Project, token_id: int) -> IngestionToken:
    found = next((token for token in tokens_of(project.id) if token.id == token_id), None)
    if found is None:
        raise NotFound("There is no ingestion token of that id in this project.")
    return found


def _grace(text: str) -> timedelta:
    if text not in GRACES:
        raise ValidationFailed("Choose how long the old token works from the list.", attr="grace")
    return timedelta(hours=int(text))


def _page(project: Project, *, status: int = 200, **context: Any) -> Response:
    found = tokens_of(project.id)
    present = next((token for token in reversed(found) if token.state == "active"), None)
    sending = how_to_send(settings.base_url, token_value(present), request.args.get("with", "")) if present else None
    return render(
        "settings/tokens.html",
        block="send",
        status=status,
        **frame("tokens.tokens", project),
        working=[(token, token_value(token)) for token in found if token.state in ("active", "rotated")],
        over=[token for token in found if token.state not in ("active", "rotated")],
        graces=GRACES,
        sending=sending,
        **context,
    )
