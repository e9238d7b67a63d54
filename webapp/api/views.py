"""``/api/projects/{project}/logs/views/``: saved views."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from webapp.api.auth import actor
from webapp.api.blueprint import ProjectBlueprint
from webapp.api.pages import Page
from webapp.api.people import person_as_json
from webapp.api.schemas.base import PageQuerySchema
from webapp.api.schemas.views import ViewBodySchema, ViewChangeSchema, ViewListSchema, ViewSchema
from webapp.models import Project, Role, SavedView
from webapp.services import views
from webapp.services.log_json import iso_moment

READ = ("logs:read",)
WRITE = ("logs:write",)
VIEW_PARAMETER = {
    "in": "path",
    "name": "short_id",
    "description": "The short_id of a saved view, or its id.",
    "schema": {"type": "string"},
    "example": "dQ3hT9xKb2Zp",
}
ONE: dict[str, Any] = {"rule": "/<short_id>/", "parameters": [VIEW_PARAMETER]}

blueprint = ProjectBlueprint("views_api", __name__, description="Saved views.", asks_clickhouse=False)


@blueprint.route("/", methods=["GET"], scopes=READ, query=PageQuerySchema, answer=ViewListSchema)
def list_views(query: dict[str, Any], project: Project) -> Response:
    """List saved views, newest first."""
    page = Page(**query)
    found, count = views.views_of(project.id, limit=page.limit, offset=page.offset)
    return jsonify(page.of([_as_json(view) for view in found], count))


@blueprint.route(
    "/", methods=["POST"], scopes=WRITE, role=Role.MEMBER, body=ViewBodySchema, answer=ViewSchema, status=201
)
def create_view(body: dict[str, Any], project: Project) -> tuple[Response, int]:
    """Save a view."""
    return jsonify(_as_json(views.create_view(project.id, body, actor()))), 201


@blueprint.route(methods=["GET"], scopes=READ, answer=ViewSchema, **ONE)
def view(short_id: str, project: Project) -> Response:
    """Show a saved view."""
    return jsonify(_as_json(views.find_view(project.id, short_id)))


@blueprint.route(methods=["PUT"], scopes=WRITE, role=Role.MEMBER, body=ViewBodySchema, answer=ViewSchema, **ONE)
def replace_view(body: dict[str, Any], short_id: str, project: Project) -> Response:
    """Change a saved view as a whole; what is left out gets its default."""
    return jsonify(_as_json(views.change_view(project.id, short_id, body, actor(), whole=True)))


@blueprint.route(methods=["PATCH"], scopes=WRITE, role=Role.MEMBER, body=ViewChangeSchema, answer=ViewSchema, **ONE)
def change_view(body: dict[str, Any], short_id: str, project: Project) -> Response:
    """Change what is given of a saved view."""
    return jsonify(_as_json(views.change_view(project.id, short_id, body, actor(), whole=False)))


@blueprint.route(methods=["DELETE"], scopes=WRITE, role=Role.MEMBER, answer=None, status=204, **ONE)
def delete_view(short_id: str, project: Project) -> tuple[str, int]:
    """Delete a saved view."""
    views.delete_view(project.id, short_id, actor())
    return "", 204


def _as_json(view: SavedView) -> dict[str, Any]:
    return {
        "id": str(view.uuid),
        "short_id": view.short_id,
        "name": view.name,
        "filters": view.filters,
        "columns": view.columns,
        "pinned": view.pinned,
        "created_at": iso_moment(view.created_at),
        "created_by": person_as_json(view.created_by) if view.created_by is not None else None,
        "updated_at": iso_moment(view.updated_at),
    }
