"""The question for patterns, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Flag, ListOf, WholeNumber
from webapp.api.schemas.logs import LogsFilterSchema


class PatternsBodySchema(ApiSchema):
    """The body of ``patterns/``; without a query, the last hour."""

    query = fields.Nested(LogsFilterSchema, allow_none=True)


class PatternSchema(ApiSchema):
    """Lines that have something in common."""

    pattern = fields.String(
        required=True, metadata={"description": "What is in all of the lines, with <num> and the like for the rest."}
    )
    count = WholeNumber(required=True, metadata={"description": "Lines among those that were looked at."})
    estimated_count = WholeNumber(
        required=True, metadata={"description": "Lines in all; exact unless the answer is sampled, like all others."}
    )
    volume_share_pct = fields.Float(required=True)
    error_count = WholeNumber(required=True, metadata={"description": "Lines of the levels error and fatal."})
    first_seen = fields.String(required=True, metadata={"format": "date-time"})
    last_seen = fields.String(required=True, metadata={"format": "date-time"})
    examples = ListOf(fields.String(), required=True)
    services = ListOf(fields.String(), required=True)
    sparkline = ListOf(WholeNumber(), required=True)
    severity_counts = fields.Dict(keys=fields.String(), values=WholeNumber(), required=True)
    match_regex = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The value of a filter with the operator regex on message that finds the lines."},
    )
    match_literal = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "If there is no such expression, the value of a filter with the operator icontains."},
    )


class SparklineBucketSchema(ApiSchema):
    """The time that a number of a sparkline is about."""

    start = fields.String(required=True, metadata={"format": "date-time"})
    end = fields.String(required=True, metadata={"format": "date-time"})


class PatternsAnswerSchema(ApiSchema):
    """The patterns with most lines."""

    patterns = ListOf(fields.Nested(PatternSchema), required=True)
    scanned_count = WholeNumber(required=True)
    total_count = WholeNumber(required=True)
    total_is_estimate = Flag(required=True)
    sampled = Flag(required=True)
    sample_coverage_pct = fields.Float(required=True)
    truncated = Flag(required=True)
    sparkline_buckets = ListOf(fields.Nested(SparklineBucketSchema), required=True)
