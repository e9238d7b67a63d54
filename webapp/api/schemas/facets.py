"""Questions about the values of some fields under the other filters, and their answers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from webapp.api.schemas.base import ApiSchema, Choice, Coded, Flag, ListOf, WholeNumber, about
from webapp.api.schemas.logs import MAX_TERM, LogsFilterSchema, at_most

COLUMNS = ("severity_text", "service_name")
MAX_FACETS = 50
MAX_KEY = 1000
SINGULAR = ("facetField", "facetResourceAttribute", "facetAttribute")
FACET_VALUES = [{"value": "error", "count": 210}]  # in examples
PLURAL = ("facetFields", "facetResourceAttributes", "facetAttributes")


def _key() -> fields.String:
    return fields.String(validate=at_most(MAX_KEY, "characters"))


class FacetsQuerySchema(LogsFilterSchema):
    """Which logs are meant, and which field, or which fields, are looked at: one of the three, or any of the lists."""

    facetField = Choice(COLUMNS, allow_none=True, metadata=about("A column.", "severity_text"))
    facetResourceAttribute = fields.String(
        allow_none=True,
        validate=at_most(MAX_KEY, "characters"),
        metadata=about("A key of the resource that sent the log.", None),
    )
    facetAttribute = fields.String(
        allow_none=True, validate=at_most(MAX_KEY, "characters"), metadata=about("A key of the log.", None)
    )
    facetFields = ListOf(Choice(COLUMNS), allow_none=True, metadata=about("Several columns.", None))
    facetResourceAttributes = ListOf(_key(), allow_none=True, metadata=about("Several keys of resources.", None))
    facetAttributes = ListOf(_key(), allow_none=True, metadata=about("Several keys of logs.", None))
    facetSearch = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata=about("A part of the values, whatever the case.", "err"),
    )

    @validates_schema
    def check_selection(self, data: dict[str, Any], **kwargs: Any) -> None:  # noqa: ARG002
        """Accept one field, or some in the lists."""
        single = [name for name in SINGULAR if data.get(name) is not None]
        several = [facet for name in PLURAL for facet in data.get(name) or []]
        if len(single) + bool(several) != 1:
            raise ValidationError(
                Coded(f"Give exactly one of {', '.join(SINGULAR)}, or the lists {', '.join(PLURAL)}.")
            )
        if len(several) > MAX_FACETS:
            raise ValidationError(Coded(f"Must be at most {MAX_FACETS} facets together.", "max_length"))


class FacetsBodySchema(ApiSchema):
    """The body of ``facet_values/``."""

    query = fields.Nested(FacetsQuerySchema, required=True, metadata={"description": "What is asked."})


class FacetValueSchema(ApiSchema):
    """A value, and how many logs have it."""

    value = fields.String(required=True, metadata=about("The value.", "error"))
    count = WholeNumber(required=True, metadata=about("How many logs have it.", 210))


class FacetSchema(ApiSchema):
    """The values of one field."""

    key = fields.String(required=True, metadata=about("The column or key.", "http.route"))
    values = ListOf(
        fields.Nested(FacetValueSchema), required=True, metadata=about("The most frequent first.", FACET_VALUES)
    )
    approximate = Flag(metadata=about("There and true if the counts are estimates.", True))


class FacetsAnswerSchema(ApiSchema):
    """``results`` for one field; the three lists for lists of them."""

    results = ListOf(fields.Nested(FacetValueSchema), metadata=about("Of the one field.", FACET_VALUES))
    approximate = Flag(metadata=about("There and true if the counts are estimates.", True))
    facetFields = ListOf(fields.Nested(FacetSchema), metadata=about("Of the columns.", []))
    facetResourceAttributes = ListOf(fields.Nested(FacetSchema), metadata=about("Of the keys of resources.", []))
    facetAttributes = ListOf(fields.Nested(FacetSchema), metadata=about("Of the keys of logs.", []))
