"""The question which services log, and its answer."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.schemas.base import ApiSchema, ListOf, WholeNumber
from webapp.api.schemas.logs import MAX_TERM, LogsFilterSchema, at_most


class ServicesQuerySchema(LogsFilterSchema):
    """Which logs are meant, and of which services."""

    serviceNameSearch = fields.String(
        allow_none=True,
        validate=at_most(MAX_TERM, "characters"),
        metadata={"description": "A part of the service's name, whatever the case."},
    )


class ServicesBodySchema(ApiSchema):
    """The body of ``services/``; without a query, the last hour."""

    query = fields.Nested(ServicesQuerySchema, allow_none=True)


class LevelsSchema(ApiSchema):
    """Logs by level; trace counts as debug, fatal as error."""

    debug = WholeNumber(required=True)
    info = WholeNumber(required=True)
    warn = WholeNumber(required=True)
    error = WholeNumber(required=True)


class ServiceSchema(ApiSchema):
    """One service."""

    service_name = fields.String(required=True)
    log_count = WholeNumber(required=True)
    error_count = WholeNumber(required=True)
    error_rate = fields.Float(required=True, metadata={"description": "0 to 1, with four decimals."})
    volume_share_pct = fields.Float(required=True)
    severity_breakdown = fields.Nested(LevelsSchema, required=True)
    active_rules = ListOf(fields.Dict(), required=True, metadata={"description": "Always empty."})


class ServicePointSchema(ApiSchema):
    """The logs of one service in one interval."""

    time = fields.String(required=True, metadata={"format": "date-time"})
    service_name = fields.String(required=True)
    count = WholeNumber(required=True)


class ServicesSummarySchema(ApiSchema):
    """The largest services together."""

    top_services_count = WholeNumber(required=True)
    top_services_volume_share_pct = fields.Float(required=True)


class ServicesAnswerSchema(ApiSchema):
    """The services, the largest first, and their logs over time."""

    services = ListOf(fields.Nested(ServiceSchema), required=True)
    sparkline = ListOf(fields.Nested(ServicePointSchema), required=True)
    total_services = WholeNumber(required=True)
    summary = fields.Nested(ServicesSummarySchema, required=True)
