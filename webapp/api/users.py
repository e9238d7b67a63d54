"""``/api/users/…`` and ``/api/projects/…``: who asks, and which projects they may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from webapp.api.account import AccountBlueprint
from webapp.api.auth import Caller, current_project, reach_project, reachable
from webapp.api.openapi import PROJECT_PARAMETER
from webapp.api.pages import Page
from webapp.api.people import organization_as_json, person_as_json, project_as_json
from webapp.api.schemas.account import ProjectListSchema, ProjectSchema, UserSchema
from webapp.api.schemas.base import PageQuerySchema
from webapp.errors import NotFound
from webapp.models import Membership
from webapp.services.tokens import ingestion_tokens

USER_PARAMETER = {
    "in": "path",
    "name": "user_id",
    "description": "The uuid of the person who asks.",
    "schema": {"type": "string", "format": "uuid"},
    "example": "0d2c9a54-7c1f-4f43-9f0e-3a4d0b6f2f11",
}

users = AccountBlueprint("users", __name__, url_prefix="/api/users", description="The person who asks.")
blueprint = AccountBlueprint("projects", __name__, url_prefix="/api/projects", description="Projects.")


@users.route("/@me/", methods=["GET"], answer=UserSchema)
def me(caller: Caller) -> Response:
    """Describe the person who asks, or for whom the key asks, with the project that @current means."""
    return jsonify(_user_as_json(caller))


@users.route("/<uuid:user_id>/", methods=["GET"], answer=UserSchema, failures=(404,), parameters=[USER_PARAMETER])
def user(user_id: UUID, caller: Caller) -> Response:
    """Describe the person who asks, by their uuid."""
    if user_id != caller.user.uuid:
        raise NotFound("Not found.")
    return jsonify(_user_as_json(caller))


@blueprint.route("/", methods=["GET"], query=PageQuerySchema, answer=ProjectListSchema)
def list_projects(query: dict[str, Any], caller: Caller) -> Response:
    """List the projects that the credential may see, oldest first."""
    found = reachable(caller)
    page = Page(**query)
    return jsonify(page.of(_projects_as_json(page.cut(found)), len(found)))


@blueprint.route("/<project>/", methods=["GET"], answer=ProjectSchema, failures=(404,), parameters=[PROJECT_PARAMETER])
def project(project: str, caller: Caller) -> Response:
    """Describe a project."""
    return jsonify(*_projects_as_json([reach_project(caller, project)]))


def _user_as_json(caller: Caller) -> dict[str, Any]:
    memberships = reachable(caller)
    current = current_project(caller)
    here = [membership for membership in memberships if current is not None and membership.project_id == current.id]
    organization = organization_as_json(memberships)
    return {
        **person_as_json(caller.user),
        "is_staff": False,
        "theme_mode": None,
        "team": next(iter(_projects_as_json(here)), None),
        "organization": organization,
        "organizations": [organization],
    }


def _projects_as_json(memberships: Sequence[Membership]) -> list[dict[str, Any]]:
    tokens = ingestion_tokens([membership.project_id for membership in memberships])
    return [project_as_json(membership, tokens.get(membership.project_id)) for membership in memberships]
