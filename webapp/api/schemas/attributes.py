"""Questions about keys and values, asked in the address, and their answers."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Choice, Flag, ListOf, WholeNumber, WholeNumberText, about
from webapp.api.schemas.logs import at_most
from webapp.queries.attribute_sources import MAPS

MAX_PAGE = 100
MAX_OFFSET = 100_000
MAX_KEYS = 1000
MAX_KEY = 1000
MAX_TEXT = 1000  # addresses are shorter than bodies


class JsonText(fields.Field[Any]):
    """A JSON value, written in an address; what is not JSON counts as not sent, as it does in the original."""

    def __init__(self, metadata: dict[str, Any]) -> None:
        super().__init__(metadata={"type": "string", **metadata})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            return json.loads(value)
        except (TypeError, ValueError, RecursionError):
            return None


class ScopeArgsSchema(ApiSchema):
    """Which logs are meant, and which page of the answer."""

    attribute_type = Choice(
        tuple(MAPS), metadata=about("Attributes of the log, or of the resource that sent it.", "log", default="log")
    )
    limit = WholeNumberText(1, MAX_PAGE, metadata=about("How many at most.", 20, default=MAX_PAGE))
    offset = WholeNumberText(0, MAX_OFFSET, metadata=about("How many to leave out first.", 0, default=0))
    dateRange = JsonText(
        metadata=about("The stretch of time, as JSON; the last hour if left out.", '{"date_from": "-24h"}')
    )
    date_from = fields.String(metadata=about("Where it begins, without JSON.", "-24h"))
    date_to = fields.String(metadata=about("Where it ends, without JSON; now if left out.", "2099-01-01T00:00:00Z"))
    serviceNames = JsonText(metadata=about("A list of services, as JSON.", '["checkout"]'))
    filterGroup = JsonText(
        metadata=about(
            "Filters as JSON, as in the body of query/.",
            '[{"key": "http.status_code", "type": "log_attribute", "operator": "gte", "value": 500}]',
        )
    )


class AttributeKeysArgsSchema(ScopeArgsSchema):
    """The arguments of ``attributes/``."""

    search = fields.String(
        validate=at_most(MAX_TEXT, "characters"), metadata=about("A part of the key, whatever the case.", "http")
    )
    search_values = fields.Boolean(
        metadata=about("Look for it in values, too, if it has four characters or more.", True, default=False)
    )
    keys = fields.String(
        metadata=about("No others than these, with commas between or as a JSON list.", "http.route,http.status_code")
    )


class AttributeValuesArgsSchema(ScopeArgsSchema):
    """The arguments of ``values/``."""

    key = fields.String(
        required=True,
        validate=at_most(MAX_KEY, "characters"),
        metadata=about("The key; of the kind log also service_name, severity_text or event_name.", "http.route"),
    )
    value = fields.String(
        validate=at_most(MAX_TEXT, "characters"), metadata=about("A part of the value, whatever the case.", "/api")
    )


class AttributeKeySchema(ApiSchema):
    """A key."""

    name = fields.String(required=True, metadata=about("The key.", "http.route"))
    propertyFilterType = Choice(
        ("log_attribute", "log_resource_attribute"),
        required=True,
        metadata=about("What a filter on it has as its type.", "log_attribute"),
    )
    matchedOn = Choice(("key", "value"), required=True, metadata=about("Where the text was found.", "key"))
    matchedValue = fields.String(
        required=True, allow_none=True, metadata=about("The most frequent value with the text, if not the key.", None)
    )


class AttributeKeysAnswerSchema(ApiSchema):
    """A page of keys."""

    results = ListOf(
        fields.Nested(AttributeKeySchema), required=True, metadata={"description": "The best match first."}
    )
    count = WholeNumber(required=True, metadata=about("How many keys there are on all pages.", 14))
    approximate = Flag(required=True, metadata=about("Whether some logs were not looked at.", False))


class AttributeValueSchema(ApiSchema):
    """A value, and how many logs have it."""

    id = fields.String(required=True, metadata=about("The value.", "/api/orders"))
    name = fields.String(required=True, metadata=about("The value, once more.", "/api/orders"))
    count = WholeNumber(required=True, metadata=about("How many logs have it.", 1834))


class AttributeValuesAnswerSchema(ApiSchema):
    """A page of values."""

    results = ListOf(
        fields.Nested(AttributeValueSchema), required=True, metadata={"description": "The most frequent first."}
    )
    refreshing = Flag(required=True, metadata=about("Always false: the answer is final.", False))
    approximate = Flag(
        required=True,
        metadata=about("Whether the counts are of whole hours, or some logs were not looked at.", False),
    )
