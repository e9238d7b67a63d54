"""The question where in a range the logs are, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, WholeNumber
from webapp.api.schemas.logs import LogsFilterSchema

MAX_BUCKETS = 100
DEFAULT_BUCKETS = 10


class RangesQuerySchema(LogsFilterSchema):
    """Which logs are meant, and in how many stretches their time is cut."""

    targetBuckets = WholeNumber(
        allow_none=True,
        metadata={
            "description": f"About so many; less than 1 counts as 1, more than {MAX_BUCKETS} as {MAX_BUCKETS}.",
            "default": DEFAULT_BUCKETS,
        },
    )


class RangesBodySchema(ApiSchema):
    """The body of ``count-ranges/``; without a query, the last hour."""

    query = fields.Nested(RangesQuerySchema, allow_none=True)


class RangeSchema(ApiSchema):
    """The logs from ``date_from`` up to, not including, ``date_to``."""

    date_from = fields.String(required=True, metadata={"format": "date-time"})
    date_to = fields.String(required=True, metadata={"format": "date-time"})
    count = WholeNumber(required=True)


class RangesAnswerSchema(ApiSchema):
    """The stretches that have logs."""

    ranges = ListOf(fields.Nested(RangeSchema), required=True)
    interval = fields.String(required=True, metadata={"example": "12h"})
