"""Saved views, as they are sent and as they are answered."""

from __future__ import annotations

from marshmallow import fields, validate

from webapp.api.schemas.account import PersonSchema
from webapp.api.schemas.base import ApiSchema, Coded, Flag, ListOf, PageSchema, about, entries
from webapp.services.views import MAX_CHARACTERS, MAX_NAME

MOMENT = "2026-11-23T14:02:11.482913Z"
MAX_COLUMNS = 50
NAME = about(f"What people call it, in at most {MAX_NAME} characters.", "Errors of the checkout")
FILTERS = about(
    f"The search, in whatever form its reader has it; at most {MAX_CHARACTERS:,} characters of JSON.",
    {"severityLevels": ["error", "fatal"], "serviceNames": ["checkout"]},
)
COLUMNS = about("The columns of its table, in order; null is the usual ones.", ["attributes.peer.service"])
PINNED = about("Whether it stands before the others.", False)
CHECK_COLUMNS = validate.Length(max=MAX_COLUMNS, error=Coded(f"Must be at most {MAX_COLUMNS} columns.", "max_length"))
CHECK_NAME = [
    validate.Length(min=1, error=Coded("This field may not be blank.", "blank")),
    validate.Length(max=MAX_NAME, error=Coded(f"Must be at most {MAX_NAME} characters.", "max_length")),
]


class ViewChangeSchema(ApiSchema):
    """What of a saved view is to be changed."""

    name = fields.String(validate=CHECK_NAME, metadata=NAME)
    filters = fields.Dict(keys=fields.String(), metadata=FILTERS)
    columns = ListOf(fields.Raw(), allow_none=True, validate=CHECK_COLUMNS, metadata=COLUMNS)
    pinned = Flag(metadata=PINNED)


class ViewBodySchema(ViewChangeSchema):
    """A view to save."""

    name = fields.String(required=True, validate=CHECK_NAME, metadata=NAME)


class ViewSchema(ApiSchema):
    """A saved view."""

    id = fields.String(
        required=True, metadata=about("Names it, for ever.", "5f0c7a52-6a3c-4f0f-9a53-0f2d3c1d9b11", format="uuid")
    )
    short_id = fields.String(required=True, metadata=about("Names it in addresses.", "dQ3hT9xKb2Zp"))
    name = fields.String(required=True, metadata=NAME)
    filters = fields.Dict(keys=fields.String(), required=True, metadata=FILTERS)
    columns = ListOf(fields.Raw(), required=True, allow_none=True, metadata=COLUMNS)
    pinned = Flag(required=True, metadata=PINNED)
    created_at = fields.String(required=True, metadata=about("When it was saved.", MOMENT, format="date-time"))
    created_by = fields.Nested(
        PersonSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Who saved it; null once their account is gone."},
    )
    updated_at = fields.String(required=True, metadata=about("When it was changed last.", MOMENT, format="date-time"))


class ViewListSchema(PageSchema):
    """A page of saved views."""

    results = entries(ViewSchema)
