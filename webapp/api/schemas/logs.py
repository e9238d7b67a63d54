"""Questions about logs, and their answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from webapp.api.schemas.base import ApiSchema, Choice, Coded, Flag, ListOf, WholeNumber, about
from webapp.api.schemas.filters import FILTER_GROUP_SHAPES
from webapp.language.parse import MAX_CHARACTERS
from webapp.language.tree import LEVELS
from webapp.queries.cursor import Cursor
from webapp.queries.custom_columns import MAX_COLUMNS, MAX_LENGTH

MAX_ROWS = 2000
MAX_SERVICES = 1000
MAX_TERM = 10_000
DEFAULT_ROWS = 100

# In examples.
CHECKPOINT = "2026-11-23T14:02:30.118204377Z"
CURSOR = Cursor(1_795_442_531_482_913_000, UUID("019c8a7e-53f1-7c10-b8a6-0d7f2f1f9a55")).encode()
MOMENT = {"format": "date-time"}


def at_most(limit: int, things: str) -> validate.Length:
    """Return a check of a length; each character and each value costs every row of a scan."""
    return validate.Length(max=limit, error=Coded(f"Must be at most {{max}} {things}.", "max_length"))


def _is_fingerprint(text: str) -> None:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < 2**64):
        raise ValidationError(Coded("Must be a whole number of at most 64 bits, as decimal digits."))


class FilterGroup(fields.Raw):
    """Filters in JSON; ``webapp.services.filter_groups`` reads them, and says what is wrong with one."""

    def __init__(self) -> None:
        description = "A list of filters, all of which must match, or filters in groups of AND and OR."
        example = [{"key": "http.status_code", "type": "log_attribute", "operator": "gte", "value": 500}]
        super().__init__(allow_none=True, metadata=about(description, example, anyOf=FILTER_GROUP_SHAPES))


class DateRangeSchema(ApiSchema):
    """A stretch of time: ISO 8601, or relative to now like ``-1h``."""

    date_from = fields.String(allow_none=True, metadata=about("Where it begins; an hour ago if left out.", "-24h"))
    date_to = fields.String(allow_none=True, metadata=about("Where it ends; now if left out.", "2099-01-01T00:00:00Z"))


class LogsFilterSchema(ApiSchema):
    """Which logs are meant."""

    error_messages = {"type": Coded("query must be an object")}  # noqa: RUF012

    dateRange = fields.Nested(
        DateRangeSchema, allow_none=True, metadata={"description": "The stretch of time; the last hour if left out."}
    )
    severityLevels = ListOf(
        Choice(LEVELS), allow_none=True, metadata=about("Any of these levels; empty is all.", ["error", "fatal"])
    )
    serviceNames = ListOf(
        fields.String(validate=at_most(MAX_TERM, "characters")),
        allow_none=True,
        validate=at_most(MAX_SERVICES, "services"),
        metadata=about("Any of these services; empty is all.", ["checkout"]),
    )
    searchTerm = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata=about("A part of the body, whatever the case.", "timeout"),
    )
    q = fields.String(
        allow_none=True,
        metadata=about(  # the length is checked where the text is read
            "A search as in the explorer's search box.", "service:checkout level:error -retry", maxLength=MAX_CHARACTERS
        ),
    )
    filterGroup = FilterGroup()
    resourceFingerprint = fields.String(
        allow_none=True,
        validate=_is_fingerprint,
        metadata=about("That of a row: logs of the same resource.", "9043857234985734"),
    )
    sessionId = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata=about("The attribute sessionId, exactly.", "0199c0de-7a10"),
    )


class LogsQuerySchema(LogsFilterSchema):
    """Which logs are meant, and how the page of them is cut."""

    orderBy = Choice(
        ("latest", "earliest"), allow_none=True, metadata=about("Which logs come first.", "latest", default="latest")
    )
    limit = WholeNumber(
        allow_none=True,
        validate=validate.Range(min=1, error=Coded("Must be at least 1.", "min_value")),
        metadata=about(f"Rows of a page; more than {MAX_ROWS} counts as {MAX_ROWS}.", 50, default=DEFAULT_ROWS),
    )
    after = fields.String(allow_none=True, metadata=about("nextCursor of the page before.", CURSOR))
    excludeAttributes = Flag(
        allow_none=True,
        metadata=about("Whether to leave both attribute maps empty, which is faster.", False, default=False),
    )
    customColumns = ListOf(
        fields.String(validate=at_most(MAX_LENGTH, "characters")),
        allow_none=True,
        validate=at_most(MAX_COLUMNS, "columns"),
        metadata=about(
            "attributes.<key>, resource_attributes.<key> or body.<path>, each a key of every row.",
            ["attributes.peer.service"],
        ),
    )
    liveLogsCheckpoint = fields.String(
        allow_none=True,
        metadata=about("live_logs_checkpoint of the answer before: rows that have arrived since.", CHECKPOINT),
    )


NO_QUERY: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": Coded("No query provided", "required"),
    "null": Coded("No query provided", "null"),
}


class QueryBodySchema(ApiSchema):
    """The body of ``query/``."""

    query = fields.Nested(
        LogsQuerySchema, required=True, error_messages=NO_QUERY, metadata={"description": "The question."}
    )


class CountBodySchema(ApiSchema):
    """The body of ``count/``; without a query, the last hour."""

    query = fields.Nested(LogsFilterSchema, allow_none=True, metadata={"description": "The question."})


class RowSchema(ApiSchema):
    """One log. Columns that the question named are further keys: col_ and 12 hex digits."""

    uuid = fields.UUID(
        required=True, metadata=about("Names the log, for ever.", "019c8a7e-53f1-7c10-b8a6-0d7f2f1f9a55")
    )
    timestamp = fields.String(
        required=True, metadata=about("When it happened, by its sender.", "2026-11-23T14:02:11.482913Z", **MOMENT)
    )
    observed_timestamp = fields.String(
        required=True, metadata=about("When it arrived.", "2026-11-23T14:02:11.730204Z", **MOMENT)
    )
    body = fields.String(required=True, metadata=about("The message.", "timeout after 3000 ms"))
    severity_text = Choice(LEVELS, required=True, metadata=about("The level.", "error"))
    severity_number = WholeNumber(required=True, metadata=about("The level as OpenTelemetry counts it, 1 to 24.", 17))
    level = Choice(LEVELS, required=True, metadata=about("The level once more.", "error"))
    trace_id = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9A-F]{32}$"),
        metadata=about("32 hex digits; zeros are none.", "0AF7651916CD43DD8448EB211C80319C"),
    )
    span_id = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9A-F]{16}$"),
        metadata=about("16 hex digits; zeros are none.", "B7AD6B7169203331"),
    )
    trace_flags = WholeNumber(required=True, metadata=about("The flags of the trace context.", 1))
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=about("The attributes of the log.", {"peer.service": "inventory"}),
    )
    resource_attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=about("Those of the resource that sent it.", {"service.name": "checkout", "host.name": "web-1"}),
    )
    event_name = fields.String(required=True, metadata=about("What kind of event it is, or empty.", ""))
    instrumentation_scope = fields.String(required=True, metadata=about("name@version, or empty.", "shop.cart@1.2"))
    service_name = fields.String(required=True, metadata=about("The service, or empty.", "checkout"))
    resource_fingerprint = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]+$"),
        metadata=about("The same for all logs of a resource.", "9043857234985734"),
    )
    live_logs_checkpoint = fields.String(
        required=True, allow_none=True, metadata=about("Where a live tail goes on; not on later pages.", CHECKPOINT)
    )


class QueryAnswerSchema(ApiSchema):
    """A page of logs."""

    query = fields.Dict(required=True, metadata=about("The question, as it was asked.", {"searchTerm": "timeout"}))
    results = ListOf(fields.Nested(RowSchema), required=True, metadata={"description": "The logs of this page."})
    hasMore = Flag(required=True, metadata=about("Whether there is a next page.", True))
    nextCursor = fields.String(
        required=True, allow_none=True, metadata=about("What the next page's question has as after.", CURSOR)
    )
    searchedTo = fields.String(
        required=True,
        allow_none=True,
        metadata=about("How far was searched, if the time was over before the page was full.", None, **MOMENT),
    )
    liveLogsCheckpoint = fields.String(
        required=True, allow_none=True, metadata=about("That of the rows, if there are any or not.", CHECKPOINT)
    )
    maxExportableLogs = WholeNumber(required=True, metadata=about("The most rows that an export may have.", 10_000_000))
    columns = ListOf(
        fields.String(),
        required=True,
        allow_none=True,
        metadata=about("The columns that the question named, in order.", ["attributes.peer.service"]),
    )


class CountAnswerSchema(ApiSchema):
    """How many logs there are."""

    count = WholeNumber(required=True, metadata=about("The number of logs.", 1284))


class HasLogsAnswerSchema(ApiSchema):
    """Whether the project has received any log."""

    hasLogs = Flag(required=True, metadata=about("True as soon as the project holds one.", True))
