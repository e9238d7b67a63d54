"""The question where in a range the logs are, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, WholeNumber, about
from webapp.api.schemas.logs import LogsFilterSchema

MAX_BUCKETS = 100
DEFAULT_BUCKETS = 10


class RangesQuerySchema(LogsFilterSchema):
    """Which logs are meant, and in how many stretches their time is cut."""

    targetBuckets = WholeNumber(
        allow_none=True,
        metadata=about(
            f"About so many; less than 1 counts as 1, more than {MAX_BUCKETS} as {MAX_BUCKETS}.",
            24,
            default=DEFAULT_BUCKETS,
        ),
    )


class RangesBodySchema(ApiSchema):
    """The body of ``count-ranges/``; without a query, the last hour."""

    query = fields.Nested(RangesQuerySchema, allow_none=True, metadata={"description": "What is asked."})


class RangeSchema(ApiSchema):
    """The logs from ``date_from`` up to, not including, ``date_to``."""

    date_from = fields.String(
        required=True, metadata=about("Where it begins.", "2026-11-23T14:00:00Z", format="date-time")
    )
    date_to = fields.String(required=True, metadata=about("Where it ends.", "2026-11-23T15:00:00Z", format="date-time"))
    count = WholeNumber(required=True, metadata=about("How many logs.", 1834))


class RangesAnswerSchema(ApiSchema):
    """The stretches that have logs."""

    ranges = ListOf(fields.Nested(RangeSchema), required=True, metadata={"description": "In the order of time."})
    interval = fields.String(required=True, metadata=about("How long each is.", "1h"))
