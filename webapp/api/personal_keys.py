"""``/api/personal_api_keys/``: the key that asks, and in a session one's own keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from webapp.api.account import AccountBlueprint
from webapp.api.auth import Caller, actor
from webapp.api.openapi import SESSION
from webapp.api.pages import Page
from webapp.api.schemas.base import PageQuerySchema
from webapp.api.schemas.keys import KeyBodySchema, KeyListSchema, KeySchema, NewKeySchema
from webapp.errors import NotFound, PermissionDenied, ValidationFailed
from webapp.models import PersonalApiKey, User
from webapp.services import keys
from webapp.services.log_json import iso_moment

NAMES: dict[str | None, str] = {"project_ids": "scoped_teams"}  # ours, and the original's
KEY_PARAMETER = {
    "in": "path",
    "name": "key_id",
    "description": "The id of a key of one's own.",
    "schema": {"type": "string", "format": "uuid"},
    "example": "5f0c7a52-6a3c-4f0f-9a53-0f2d3c1d9b11",
}

blueprint = AccountBlueprint(
    "personal_api_keys", __name__, url_prefix="/api/personal_api_keys", description="Personal API keys."
)


@blueprint.route("/@current/", methods=["GET"], answer=KeySchema, failures=(404,))
def current(caller: Caller) -> Response:
    """Describe the key that asks."""
    if caller.key is None:
        raise NotFound("This request came with a session, not with a personal API key.")
    return jsonify(_as_json(caller.key))


@blueprint.route("/", methods=["GET"], query=PageQuerySchema, answer=KeyListSchema, credentials=(SESSION,))
def list_keys(query: dict[str, Any], caller: Caller) -> Response:
    """List one's own keys that work, newest first. In a session only."""
    user = _of_session(caller)
    found = [key for key in keys.keys_of(user) if key.state == "active"]
    page = Page(**query)
    return jsonify(page.of([_as_json(key) for key in page.cut(found)], len(found)))


@blueprint.route("/", methods=["POST"], body=KeyBodySchema, answer=NewKeySchema, status=201, credentials=(SESSION,))
def create_key(body: dict[str, Any], caller: Caller) -> tuple[Response, int]:
    """Make a key; its value is in this answer and nowhere else. In a session only."""
    user = _of_session(caller)
    try:
        key, value = keys.create_key(
            user,
            body["label"],
            body["scopes"],
            project_ids=body.get("scoped_teams") or None,
            expires_at=body.get("expires_at"),
            by=actor(),
        )
    except ValidationFailed as error:
        error.attr = NAMES.get(error.attr, error.attr)
        raise
    return jsonify({**_as_json(key), "value": value}), 201


@blueprint.route(
    "/<uuid:key_id>/",
    methods=["DELETE"],
    answer=None,
    status=204,
    failures=(404,),
    credentials=(SESSION,),
    parameters=[KEY_PARAMETER],
)
def revoke_key(key_id: UUID, caller: Caller) -> tuple[str, int]:
    """End a key of one's own at once. In a session only."""
    user = _of_session(caller)
    keys.revoke_key(_own_key(user, key_id).id, actor())
    return "", 204


def _of_session(caller: Caller) -> User:
    """Return the person of a session; a key that could make keys would never end."""
    if caller.key is not None:
        raise PermissionDenied("Keys are made and revoked in a session, or by ./hedgerow key, not with another key.")
    return caller.user


def _own_key(user: User, wanted: UUID) -> PersonalApiKey:
    found = next((key for key in keys.keys_of(user) if key.uuid == wanted), None)
    if found is None:
        raise NotFound("Not found.")
    return found


def _as_json(key: PersonalApiKey) -> dict[str, Any]:
    return {
        "id": str(key.uuid),
        "label": key.label,
        "mask_value": f"phx_…{key.value_end}",
        "scopes": key.scopes,
        "scoped_teams": key.project_ids or [],
        "scoped_organizations": [],
        "created_at": iso_moment(key.created_at),
        "last_used_at": iso_moment(key.last_used_at),
        "expires_at": iso_moment(key.expires_at),
    }
