"""People and projects, with the original's names."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Choice, Flag, ListOf, PageSchema, WholeNumber, about, entries
from webapp.models import Role

UUID = "0d2c9a54-7c1f-4f43-9f0e-3a4d0b6f2f11"
MOMENT = "2026-11-23T14:02:11.482913Z"


class PersonSchema(ApiSchema):
    """A person as others see them."""

    id = WholeNumber(required=True, metadata=about("Their number.", 1))
    uuid = fields.String(required=True, metadata=about("Names them, for ever.", UUID, format="uuid"))
    distinct_id = fields.String(required=True, metadata=about("The uuid once more.", UUID))
    first_name = fields.String(required=True, metadata=about("The first word of their name.", "Ada"))
    last_name = fields.String(required=True, metadata=about("The others.", "Lovelace"))
    email = fields.String(required=True, metadata=about("Their address.", "ada@example.org"))
    is_email_verified = Flag(
        required=True, allow_none=True, metadata=about("Always null: Hedgerow sends no mail.", None)
    )
    hedgehog_config = fields.Dict(required=True, allow_none=True, metadata=about("Always null.", None))
    role_at_organization = fields.String(required=True, allow_none=True, metadata=about("Always null.", None))


class ProjectSchema(ApiSchema):
    """A project as its member sees it."""

    id = WholeNumber(required=True, metadata=about("Its number, as in addresses.", 1))
    uuid = fields.String(required=True, metadata=about("Names it, for ever.", UUID, format="uuid"))
    organization = fields.String(
        required=True,
        metadata=about("The id of the organization.", "0199c0de-0000-7000-8000-000000000000", format="uuid"),
    )
    name = fields.String(required=True, metadata=about("What people call it.", "Web shop"))
    slug = fields.String(required=True, metadata=about("What the addresses of its pages call it.", "web-shop"))
    api_token = fields.String(
        required=True,
        allow_none=True,
        metadata=about("The oldest ingestion token in use, which sends logs; null if there is none.", "phc_…"),
    )
    timezone = fields.String(required=True, metadata=about("Its time zone.", "UTC"))
    retention_days = WholeNumber(required=True, metadata=about("For how many days it keeps logs.", 30))
    created_at = fields.String(required=True, metadata=about("When it was made.", MOMENT, format="date-time"))
    effective_membership_level = WholeNumber(
        required=True, metadata=about("One's role as a number: viewer 0, member 1, admin 8.", 8)
    )
    role = Choice(tuple(role.value for role in Role), required=True, metadata=about("One's role.", "admin"))


class ProjectListSchema(PageSchema):
    """A page of projects."""

    results = entries(ProjectSchema)


class OrganizationSchema(ApiSchema):
    """The organization: an instance is one."""

    id = fields.String(
        required=True, metadata=about("The same everywhere.", "0199c0de-0000-7000-8000-000000000000", format="uuid")
    )
    name = fields.String(required=True, metadata=about("Always Hedgerow.", "Hedgerow"))
    slug = fields.String(required=True, metadata=about("Always hedgerow.", "hedgerow"))
    membership_level = WholeNumber(required=True, metadata=about("The highest level in any project.", 8))


class UserSchema(PersonSchema):
    """The person who asks."""

    is_staff = Flag(required=True, metadata=about("Always false.", False))
    theme_mode = fields.String(
        required=True, allow_none=True, metadata=about("Always null: each browser has its own.", None)
    )
    team = fields.Nested(
        ProjectSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The project that @current means; null without any."},
    )
    organization = fields.Nested(OrganizationSchema, required=True, metadata={"description": "The organization."})
    organizations = ListOf(
        fields.Nested(OrganizationSchema), required=True, metadata={"description": "The same, as a list of one."}
    )
