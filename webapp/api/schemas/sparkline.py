"""Questions about logs over time, and their answers."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Choice, WholeNumber, about
from webapp.api.schemas.logs import LogsFilterSchema
from webapp.queries.sparkline import BREAKDOWNS, RANKS


class SparklineQuerySchema(LogsFilterSchema):
    """Which logs are meant, and by what they are broken down."""

    sparklineBreakdownBy = Choice(
        tuple(BREAKDOWNS),
        allow_none=True,
        metadata=about("What the logs are broken down by.", "service", default="severity"),
    )
    sparklineRankBy = Choice(
        tuple(RANKS), allow_none=True, metadata=about("Decides which ten have names.", "count", default="count")
    )


class SparklineBodySchema(ApiSchema):
    """The body of ``sparkline/``; without a query, the last hour by severity."""

    query = fields.Nested(SparklineQuerySchema, allow_none=True, metadata={"description": "The question."})


class SparklinePointSchema(ApiSchema):
    """The logs of one severity or service in one interval."""

    time = fields.String(
        required=True, metadata=about("When the interval begins.", "2026-11-23T14:02:00Z", format="date-time")
    )
    severity = fields.String(metadata=about("The severity, if the logs are broken down by it.", "error"))
    service = fields.String(metadata=about("The service, if the logs are broken down by it.", "checkout"))
    count = WholeNumber(required=True, metadata=about("Logs in the interval.", 3))
    bytes_uncompressed = WholeNumber(required=True, metadata=about("Bytes of their bodies and attributes.", 411))
