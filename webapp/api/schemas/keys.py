"""Bodies and answers about personal API keys, with the original's names."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, WholeNumber


class KeyBodySchema(ApiSchema):
    """A key to make."""

    label = fields.String(required=True)
    scopes = ListOf(fields.String(), required=True)
    scoped_teams = ListOf(
        WholeNumber(),
        allow_none=True,
        metadata={"description": "Ids of the projects that it is restricted to; empty or null is all of one's own."},
    )
    expires_at = fields.AwareDateTime(
        format="iso",
        allow_none=True,
        metadata={"description": "ISO 8601 with a time zone; null is never. Beyond the original."},
    )


class KeySchema(ApiSchema):
    """A key, without its value."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    mask_value = fields.String(required=True, metadata={"description": "The end of the value, to know it by."})
    scopes = ListOf(fields.String(), required=True)
    scoped_teams = ListOf(WholeNumber(), required=True)
    scoped_organizations = ListOf(fields.String(), required=True)
    created_at = fields.String(required=True)
    last_used_at = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True, allow_none=True)


class NewKeySchema(KeySchema):
    """A key as it is shown once."""

    value = fields.String(required=True)


class KeyListSchema(ApiSchema):
    """A page of keys."""

    count = WholeNumber(required=True)
    next = fields.String(required=True, allow_none=True)
    previous = fields.String(required=True, allow_none=True)
    results = ListOf(fields.Nested(KeySchema), required=True)
