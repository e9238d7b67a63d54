"""The question how logs fall into groups, and its answer."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from webapp.api.schemas.base import ApiSchema, Choice, Coded, Flag, ListOf, WholeNumber, about
from webapp.api.schemas.logs import LogsFilterSchema, at_most
from webapp.queries.groups import COLUMNS as COLUMN_FIELDS
from webapp.queries.groups import MOST_KEYS, ORDERS
from webapp.services.filter_groups import LOG_KEYS

COLUMNS = {name: field for name, field in LOG_KEYS.items() if field in COLUMN_FIELDS}
SOURCES = ("log", "resource", "column")
MAX_KEY = 1000
MAX_GROUPS = 500
DEFAULT_GROUPS = 100


def check_column(source: str | None, key: str, attr: str) -> None:
    """Refuse a column that there is not, in marshmallow's way."""
    if source == "column" and key not in COLUMNS:
        message = f"There is no such column to group by. Choose from {', '.join(COLUMNS)}."
        raise ValidationError({attr: [Coded(message, "invalid_choice")]})


class GroupKeySchema(ApiSchema):
    """One field to group by: a key of the log, a key of its resource, or a column."""

    key = fields.String(
        required=True, validate=at_most(MAX_KEY, "characters"), metadata=about("The key or column.", "http.route")
    )
    source = Choice(SOURCES, allow_none=True, metadata=about("Where it is.", "log", default="log"))

    @validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:  # noqa: ARG002
        """Check a column's name."""
        check_column(data.get("source"), data["key"], "key")


class GroupsQuerySchema(LogsFilterSchema):
    """Which logs are meant, and by what they are grouped: ``groupBys``, or for one key ``groupBy``."""

    groupBys = ListOf(
        fields.Nested(GroupKeySchema),
        allow_none=True,
        validate=at_most(MOST_KEYS, "keys to group by"),
        metadata=about("The keys.", [{"key": "http.route", "source": "log"}]),
    )
    groupBy = fields.String(
        allow_none=True, validate=at_most(MAX_KEY, "characters"), metadata=about("The one key, instead.", None)
    )
    groupBySource = Choice(SOURCES, allow_none=True, metadata=about("Where the one key is.", "log", default="log"))
    orderGroupsBy = Choice(
        ORDERS, allow_none=True, metadata=about("What comes first: the most of this.", "log_count", default="log_count")
    )
    limit = WholeNumber(
        allow_none=True,
        validate=[
            validate.Range(min=1, error=Coded("Must be at least 1.", "min_value")),
            validate.Range(max=MAX_GROUPS, error=Coded(f"Must be at most {MAX_GROUPS}.", "max_value")),
        ],
        metadata=about("How many groups at most.", 20, default=DEFAULT_GROUPS),
    )

    @validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:  # noqa: ARG002
        """Accept one way of naming the keys."""
        if bool(data.get("groupBys")) == (data.get("groupBy") is not None):
            raise ValidationError({"groupBys": [Coded("Give groupBys, or groupBy: exactly one of them.", "required")]})
        if data.get("groupBy") is not None:
            check_column(data.get("groupBySource"), data["groupBy"], "groupBy")


class GroupsBodySchema(ApiSchema):
    """The body of ``group-by/``."""

    query = fields.Nested(GroupsQuerySchema, required=True, metadata={"description": "What is asked."})


class GroupSchema(ApiSchema):
    """The logs with the same values."""

    value = fields.String(required=True, metadata=about("The value, or the values with commas between.", "/api/orders"))
    values = ListOf(fields.String(), required=True, metadata=about("In the order of the keys.", ["/api/orders"]))
    log_count = WholeNumber(required=True, metadata=about("How many logs.", 1834))
    error_count = WholeNumber(required=True, metadata=about("Those of the levels error and fatal.", 12))
    last_seen = fields.String(
        required=True, metadata=about("When the latest was.", "2026-11-23T14:02:11.482913Z", format="date-time")
    )


class GroupsAnswerSchema(ApiSchema):
    """The first groups."""

    groups = ListOf(fields.Nested(GroupSchema), required=True, metadata={"description": "In the order asked for."})
    total_groups = WholeNumber(required=True, metadata=about("How many groups there are.", 8))
    total_logs = WholeNumber(required=True, metadata=about("The logs of all groups.", 9120))
    truncated = Flag(required=True, metadata=about("Whether there are more groups.", False))
