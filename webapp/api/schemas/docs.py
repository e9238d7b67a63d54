"""What ``/api/schema/`` takes."""

from __future__ import annotations

from webapp.api.schemas.base import ApiSchema, Choice, about


class FormatQuerySchema(ApiSchema):
    """How the description is written."""

    format = Choice(("json", "yaml"), metadata=about("How the description is written.", "yaml", default="json"))
