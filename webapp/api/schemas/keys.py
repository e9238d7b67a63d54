"""Bodies and answers about personal API keys, with the original's names."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, PageSchema, WholeNumber, about, entries

LABEL = about("What it is for, in 1 to 200 characters.", "deploys")
SCOPES = about("What it may do: *, or some of logs:read, logs:write, export:read, export:write.", ["logs:read"])
RESTRICTION = "Ids of the projects that it is restricted to; empty is all of one's own."
EXPIRY = about("ISO 8601 with a time zone; null is never. Beyond the original.", "2099-01-01T00:00:00Z")


class KeyBodySchema(ApiSchema):
    """A key to make."""

    label = fields.String(required=True, metadata=LABEL)
    scopes = ListOf(fields.String(), required=True, metadata=SCOPES)
    scoped_teams = ListOf(WholeNumber(), allow_none=True, metadata=about(RESTRICTION, []))
    expires_at = fields.AwareDateTime(format="iso", allow_none=True, metadata=EXPIRY)


class KeySchema(ApiSchema):
    """A key, without its value."""

    id = fields.String(
        required=True, metadata=about("Names it, for ever.", "5f0c7a52-6a3c-4f0f-9a53-0f2d3c1d9b11", format="uuid")
    )
    label = fields.String(required=True, metadata=LABEL)
    mask_value = fields.String(required=True, metadata=about("The end of the value, to know it by.", "phx_…a1B2"))
    scopes = ListOf(fields.String(), required=True, metadata=SCOPES)
    scoped_teams = ListOf(WholeNumber(), required=True, metadata=about(RESTRICTION, [1]))
    scoped_organizations = ListOf(
        fields.String(), required=True, metadata=about("Always empty: an instance is one organization.", [])
    )
    created_at = fields.String(
        required=True, metadata=about("When it was made.", "2026-11-23T14:02:11.482913Z", format="date-time")
    )
    last_used_at = fields.String(
        required=True,
        allow_none=True,
        metadata=about("When it was used last, to the minute.", "2026-11-23T14:02:11.482913Z", format="date-time"),
    )
    expires_at = fields.String(required=True, allow_none=True, metadata={**EXPIRY, "format": "date-time"})


class NewKeySchema(KeySchema):
    """A key as it is shown once."""

    value = fields.String(
        required=True,
        metadata=about(
            "What a program sends; it cannot be had again.", "phx_Zk3vT0b6m1Qx9cJdYw5uR8sHfLpEaGnV2iKoCtBq7yM"
        ),
    )


class KeyListSchema(PageSchema):
    """A page of keys."""

    results = entries(KeySchema)
