"""Questions about keys and values, asked in the address, and their answers."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import fields, validate

from webapp.api.schemas.base import ApiSchema, Choice, Coded, Flag, ListOf, WholeNumber
from webapp.api.schemas.logs import MAX_TERM, at_most
from webapp.queries.attribute_sources import MAPS

MAX_PAGE = 100
MAX_OFFSET = 100_000
MAX_KEYS = 1000
MAX_KEY = 1000


class Digits(fields.Integer):
    """A whole number, written in an address."""

    default_error_messages = {"invalid": "Must be a whole number."}  # noqa: RUF012

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        checks = [
            validate.Range(min=least, error=Coded(f"Must be at least {least}.", "min_value")),
            validate.Range(max=most, error=Coded(f"Must be at most {most:,}.", "max_value")),
        ]
        super().__init__(validate=checks, **kwargs)


class JsonText(fields.Field[Any]):
    """A JSON value, written in an address; what is not JSON counts as not sent, as it does in the original."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            return json.loads(value)
        except (TypeError, ValueError, RecursionError):
            return None


class ScopeArgsSchema(ApiSchema):
    """Which logs are meant, and which page of the answer."""

    attribute_type = Choice(tuple(MAPS), metadata={"default": "log"})
    limit = Digits(1, MAX_PAGE, metadata={"default": MAX_PAGE})
    offset = Digits(0, MAX_OFFSET, metadata={"default": 0})
    dateRange = JsonText(metadata={"description": 'JSON: {"date_from", "date_to"}. Default the last hour.'})
    date_from = fields.String(metadata={"description": "The same without JSON.", "example": "-1h"})
    date_to = fields.String()
    serviceNames = JsonText(metadata={"description": "JSON: a list of services."})
    filterGroup = JsonText(metadata={"description": "JSON: filters, as in the body of query/."})


class AttributeKeysArgsSchema(ScopeArgsSchema):
    """The arguments of ``attributes/``."""

    search = fields.String(
        validate=at_most(MAX_TERM, "characters"), metadata={"description": "A part of the key, whatever the case."}
    )
    search_values = fields.Boolean(
        metadata={"description": "Look for it in values, too, if it has four characters or more.", "default": False}
    )
    keys = fields.String(metadata={"description": "No others than these, with commas between."})


class AttributeValuesArgsSchema(ScopeArgsSchema):
    """The arguments of ``values/``."""

    key = fields.String(required=True, validate=at_most(MAX_KEY, "characters"))
    value = fields.String(
        validate=at_most(MAX_TERM, "characters"), metadata={"description": "A part of the value, whatever the case."}
    )


class AttributeKeySchema(ApiSchema):
    """A key."""

    name = fields.String(required=True)
    propertyFilterType = Choice(("log_attribute", "log_resource_attribute"), required=True)
    matchedOn = Choice(("key", "value"), required=True)
    matchedValue = fields.String(required=True, allow_none=True)


class AttributeKeysAnswerSchema(ApiSchema):
    """A page of keys."""

    results = ListOf(fields.Nested(AttributeKeySchema), required=True)
    count = WholeNumber(required=True, metadata={"description": "Of all pages."})
    approximate = Flag(required=True, metadata={"description": "Whether some logs were not looked at."})


class AttributeValueSchema(ApiSchema):
    """A value, and how many logs have it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    count = WholeNumber(required=True)


class AttributeValuesAnswerSchema(ApiSchema):
    """A page of values."""

    results = ListOf(fields.Nested(AttributeValueSchema), required=True)
    refreshing = Flag(required=True)
    approximate = Flag(
        required=True,
        metadata={"description": "Whether the counts are of whole hours, or some logs were not looked at."},
    )
