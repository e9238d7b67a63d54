"""Questions about logs over time, and their answers."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Choice, WholeNumber
from webapp.api.schemas.logs import LogsFilterSchema
from webapp.queries.sparkline import BREAKDOWNS, RANKS


class SparklineQuerySchema(LogsFilterSchema):
    """Which logs are meant, and by what they are broken down."""

    sparklineBreakdownBy = Choice(tuple(BREAKDOWNS), allow_none=True, metadata={"default": "severity"})
    sparklineRankBy = Choice(
        tuple(RANKS), allow_none=True, metadata={"default": "count", "description": "Decides which ten have names."}
    )


class SparklineBodySchema(ApiSchema):
    """The body of ``sparkline/``; without a query, the last hour by severity."""

    query = fields.Nested(SparklineQuerySchema, allow_none=True)


class SparklinePointSchema(ApiSchema):
    """The logs of one severity or service in one interval."""

    time = fields.String(required=True, metadata={"format": "date-time"})
    severity = fields.String()
    service = fields.String()
    count = WholeNumber(required=True)
    bytes_uncompressed = WholeNumber(required=True)
