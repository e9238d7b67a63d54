"""Questions about logs, and their answers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from webapp.api.schemas.base import ApiSchema, Choice, Coded, Flag, ListOf, WholeNumber
from webapp.language.tree import LEVELS
from webapp.queries.custom_columns import MAX_COLUMNS, MAX_LENGTH

MAX_ROWS = 2000
MAX_SERVICES = 1000
MAX_TERM = 10_000
DEFAULT_ROWS = 100


def at_most(limit: int, things: str) -> validate.Length:
    """Return a check of a length; each character and each value costs every row of a scan."""
    return validate.Length(max=limit, error=Coded(f"Must be at most {{max}} {things}.", "max_length"))


def _is_fingerprint(text: str) -> None:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < 2**64):
        raise ValidationError(Coded("Must be a whole number of at most 64 bits, as decimal digits."))


class FilterGroup(fields.Raw):
    """Filters in JSON; ``webapp.api.filter_groups`` reads them, and says what is wrong with one."""

    def __init__(self) -> None:
        item = {"type": "object", "properties": {"key": {}, "type": {}, "operator": {}, "value": {}}}
        group = {"type": "object", "properties": {"type": {"enum": ["AND", "OR"]}, "values": {"type": "array"}}}
        description = "A list of filters, all of which must match, or filters in groups of AND and OR."
        super().__init__(
            allow_none=True,
            metadata={"description": description, "oneOf": [{"type": "array", "items": item}, group]},
        )


class DateRangeSchema(ApiSchema):
    """A stretch of time: ISO 8601, or relative to now like ``-1h``."""

    date_from = fields.String(allow_none=True, metadata={"description": "Default -1h.", "example": "-1h"})
    date_to = fields.String(allow_none=True, metadata={"description": "Default now."})


class LogsFilterSchema(ApiSchema):
    """Which logs are meant."""

    error_messages = {"type": Coded("query must be an object")}  # noqa: RUF012

    dateRange = fields.Nested(DateRangeSchema, allow_none=True)
    severityLevels = ListOf(Choice(LEVELS), allow_none=True)
    serviceNames = ListOf(fields.String(), allow_none=True, validate=at_most(MAX_SERVICES, "services"))
    searchTerm = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata={"description": "A part of the body, whatever the case."},
    )
    q = fields.String(
        allow_none=True,
        metadata={"description": "The search language of the explorer.", "example": "service:api level:error -timeout"},
    )
    filterGroup = FilterGroup()
    resourceFingerprint = fields.String(
        allow_none=True,
        validate=_is_fingerprint,
        metadata={"description": "That of a row: logs of the same resource.", "example": "9043857234985734"},
    )
    sessionId = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata={"description": "The attribute sessionId."},
    )


class LogsQuerySchema(LogsFilterSchema):
    """Which logs are meant, and how the page of them is cut."""

    orderBy = Choice(("latest", "earliest"), allow_none=True, metadata={"default": "latest"})
    limit = WholeNumber(
        allow_none=True,
        validate=validate.Range(min=1, error=Coded("Must be at least 1.", "min_value")),
        metadata={"description": f"Larger than {MAX_ROWS} counts as {MAX_ROWS}.", "default": DEFAULT_ROWS},
    )
    after = fields.String(allow_none=True, metadata={"description": "nextCursor of the page before."})
    excludeAttributes = Flag(allow_none=True)
    customColumns = ListOf(
        fields.String(validate=at_most(MAX_LENGTH, "characters")),
        allow_none=True,
        validate=at_most(MAX_COLUMNS, "columns"),
        metadata={
            "description": "attributes.<key>, resource_attributes.<key> or body.<path>, each a key of every row."
        },
    )
    liveLogsCheckpoint = fields.String(
        allow_none=True,
        metadata={"description": "live_logs_checkpoint of the answer before: rows that have arrived since."},
    )


NO_QUERY: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": Coded("No query provided", "required"),
    "null": Coded("No query provided", "null"),
}


class QueryBodySchema(ApiSchema):
    """The body of ``query/``."""

    query = fields.Nested(LogsQuerySchema, required=True, error_messages=NO_QUERY)


class CountBodySchema(ApiSchema):
    """The body of ``count/``; without a query, the last hour."""

    query = fields.Nested(LogsFilterSchema, allow_none=True)


class RowSchema(ApiSchema):
    """One log."""

    uuid = fields.UUID(required=True)
    timestamp = fields.String(required=True, metadata={"format": "date-time"})
    observed_timestamp = fields.String(required=True, metadata={"format": "date-time"})
    body = fields.String(required=True)
    severity_text = Choice(LEVELS, required=True)
    severity_number = WholeNumber(required=True)
    level = Choice(LEVELS, required=True)
    trace_id = fields.String(required=True, validate=validate.Regexp(r"[0-9A-F]{32}\Z"))
    span_id = fields.String(required=True, validate=validate.Regexp(r"[0-9A-F]{16}\Z"))
    trace_flags = WholeNumber(required=True)
    attributes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    resource_attributes = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    event_name = fields.String(required=True)
    instrumentation_scope = fields.String(required=True, metadata={"description": "name@version"})
    service_name = fields.String(required=True)
    resource_fingerprint = fields.String(required=True, validate=validate.Regexp(r"[0-9]+\Z"))
    live_logs_checkpoint = fields.String(required=True, allow_none=True)


class QueryAnswerSchema(ApiSchema):
    """A page of logs."""

    query = fields.Dict(required=True, metadata={"description": "The question, as it was asked."})
    results = ListOf(fields.Nested(RowSchema), required=True)
    hasMore = Flag(required=True)
    nextCursor = fields.String(required=True, allow_none=True)
    searchedTo = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "How far was searched, if the time was over before the page was full."},
    )
    liveLogsCheckpoint = fields.String(
        required=True, allow_none=True, metadata={"description": "That of the rows, if there are any or not."}
    )
    maxExportableLogs = WholeNumber(required=True)
    columns = ListOf(fields.String(), required=True, allow_none=True)


class CountAnswerSchema(ApiSchema):
    """How many logs there are."""

    count = WholeNumber(required=True)


class HasLogsAnswerSchema(ApiSchema):
    """Whether the project has received any log."""

    hasLogs = Flag(required=True)
