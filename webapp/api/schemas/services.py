"""The question which services log, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, WholeNumber, about
from webapp.api.schemas.logs import MAX_TERM, LogsFilterSchema, at_most


class ServicesQuerySchema(LogsFilterSchema):
    """Which logs are meant, and of which services."""

    serviceNameSearch = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata=about("A part of the service's name, whatever the case.", "check"),
    )


class ServicesBodySchema(ApiSchema):
    """The body of ``services/``; without a query, the last hour."""

    query = fields.Nested(ServicesQuerySchema, allow_none=True, metadata={"description": "What is asked."})


class LevelsSchema(ApiSchema):
    """Logs by level; trace counts as debug, fatal as error."""

    debug = WholeNumber(required=True, metadata=about("Of debug and trace.", 120))
    info = WholeNumber(required=True, metadata=about("Of info.", 1610))
    warn = WholeNumber(required=True, metadata=about("Of warn.", 92))
    error = WholeNumber(required=True, metadata=about("Of error and fatal.", 12))


class ServiceSchema(ApiSchema):
    """One service."""

    service_name = fields.String(required=True, metadata=about("Its name.", "checkout"))
    log_count = WholeNumber(required=True, metadata=about("How many logs.", 1834))
    error_count = WholeNumber(required=True, metadata=about("Those of the levels error and fatal.", 12))
    error_rate = fields.Float(required=True, metadata=about("Their share: 0 to 1, with four decimals.", 0.0065))
    volume_share_pct = fields.Float(required=True, metadata=about("Its share of all logs, in percent.", 20.11))
    severity_breakdown = fields.Nested(
        LevelsSchema, required=True, metadata={"description": "How many logs of each level."}
    )
    active_rules = ListOf(fields.Dict(), required=True, metadata=about("Always empty.", []))


class ServicePointSchema(ApiSchema):
    """The logs of one service in one interval."""

    time = fields.String(
        required=True, metadata=about("Where the interval begins.", "2026-11-23T14:00:00Z", format="date-time")
    )
    service_name = fields.String(required=True, metadata=about("The service.", "checkout"))
    count = WholeNumber(required=True, metadata=about("How many logs.", 31))


class ServicesSummarySchema(ApiSchema):
    """The largest services together."""

    top_services_count = WholeNumber(required=True, metadata=about("How many services these are.", 5))
    top_services_volume_share_pct = fields.Float(
        required=True, metadata=about("Their share of all logs, in percent.", 91.4)
    )


class ServicesAnswerSchema(ApiSchema):
    """The services, the largest first, and their logs over time."""

    services = ListOf(fields.Nested(ServiceSchema), required=True, metadata={"description": "The largest first."})
    sparkline = ListOf(
        fields.Nested(ServicePointSchema), required=True, metadata={"description": "Their logs over time."}
    )
    total_services = WholeNumber(required=True, metadata=about("How many services there are.", 7))
    summary = fields.Nested(ServicesSummarySchema, required=True, metadata={"description": "What they add up to."})
