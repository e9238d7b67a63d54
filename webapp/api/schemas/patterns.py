"""The question for patterns, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, Flag, ListOf, WholeNumber, about
from webapp.api.schemas.logs import MOMENT, LogsFilterSchema

# In examples.
FIRST, LAST = "2026-11-23T14:00:00Z", "2026-11-23T14:05:00Z"


class PatternsBodySchema(ApiSchema):
    """The body of ``patterns/``; without a query, the last hour."""

    query = fields.Nested(LogsFilterSchema, allow_none=True, metadata={"description": "What is asked."})


class PatternSchema(ApiSchema):
    """Lines that have something in common."""

    pattern = fields.String(
        required=True,
        metadata=about("What is in all of the lines, with <num> and the like for the rest.", "Job <num> finished"),
    )
    count = WholeNumber(required=True, metadata=about("Lines among those that were looked at.", 48))
    estimated_count = WholeNumber(
        required=True, metadata=about("Lines in all; exact unless the answer is sampled, like all others.", 48)
    )
    volume_share_pct = fields.Float(required=True, metadata=about("Their share of the lines, in percent.", 12.5))
    error_count = WholeNumber(required=True, metadata=about("Lines of the levels error and fatal.", 0))
    first_seen = fields.String(required=True, metadata=about("When the first of them was.", FIRST, **MOMENT))
    last_seen = fields.String(required=True, metadata=about("When the last of them was.", LAST, **MOMENT))
    examples = ListOf(fields.String(), required=True, metadata=about("Some of the lines.", ["Job 17 finished"]))
    services = ListOf(fields.String(), required=True, metadata=about("The services they are of.", ["worker"]))
    sparkline = ListOf(
        WholeNumber(), required=True, metadata=about("Lines in each of the sparkline_buckets.", [12, 0, 36])
    )
    severity_counts = fields.Dict(
        keys=fields.String(), values=WholeNumber(), required=True, metadata=about("Lines of each level.", {"info": 48})
    )
    match_regex = fields.String(
        required=True,
        allow_none=True,
        metadata=about(
            "The value of a filter with the operator regex on message that finds the lines.", "^Job [0-9]+ finished$"
        ),
    )
    match_literal = fields.String(
        required=True,
        allow_none=True,
        metadata=about("If there is no such expression, the value of a filter with the operator icontains.", None),
    )


class SparklineBucketSchema(ApiSchema):
    """The time that a number of a sparkline is about."""

    start = fields.String(required=True, metadata=about("Where it begins.", FIRST, **MOMENT))
    end = fields.String(required=True, metadata=about("Where it ends.", LAST, **MOMENT))


class PatternsAnswerSchema(ApiSchema):
    """The patterns with most lines."""

    patterns = ListOf(fields.Nested(PatternSchema), required=True, metadata={"description": "Those with most lines."})
    scanned_count = WholeNumber(required=True, metadata=about("Lines that were looked at.", 384))
    total_count = WholeNumber(required=True, metadata=about("Lines that match.", 384))
    total_is_estimate = Flag(required=True, metadata=about("Whether that number is an estimate.", False))
    sampled = Flag(required=True, metadata=about("Whether not all of them were looked at.", False))
    sample_coverage_pct = fields.Float(required=True, metadata=about("How many were, in percent.", 100.0))
    truncated = Flag(required=True, metadata=about("Whether there are more patterns.", False))
    sparkline_buckets = ListOf(
        fields.Nested(SparklineBucketSchema), required=True, metadata={"description": "What the sparklines are about."}
    )
