"""``/api/projects/{project}/logs/…``: questions about logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request

from webapp.api.blueprint import ProjectBlueprint, read_json_object
from webapp.api.filters import scope_of
from webapp.api.patterns import patterns_as_json
from webapp.api.schemas.logs import (
    DEFAULT_ROWS,
    MAX_ROWS,
    CountAnswerSchema,
    CountBodySchema,
    HasLogsAnswerSchema,
    QueryAnswerSchema,
    QueryBodySchema,
)
from webapp.api.schemas.patterns import PatternsAnswerSchema, PatternsBodySchema
from webapp.api.schemas.sparkline import SparklineBodySchema, SparklinePointSchema
from webapp.errors import ValidationFailed
from webapp.language.moments import MomentError, parse_moment_ns
from webapp.models import Project
from webapp.queries.cursor import iso_nanoseconds
from webapp.queries.custom_columns import ColumnError, CustomColumn, read_column
from webapp.queries.scope import Scope
from webapp.services import log_patterns as mining
from webapp.services import log_sparkline as sparklines
from webapp.services import log_tail as tailing
from webapp.services import logs
from webapp.services.log_json import iso_microseconds, iso_seconds, row_as_json
from webapp.services.logs import Cursor, LogRow

READ = ("logs:read",)
MAX_EXPORTABLE_LOGS = 10_000_000

blueprint = ProjectBlueprint("logs_api", __name__, description="Logs: search, tail, count, and whether there are any.")


@blueprint.route("/query/", methods=["POST"], scopes=READ, body=QueryBodySchema, answer=QueryAnswerSchema)
def query(body: dict[str, Any], project: Project) -> Response:
    """Search logs, a page at a time; both ends of the date range are included."""
    asked = body["query"]
    custom = custom_columns(asked.get("customColumns"))
    options: dict[str, Any] = {
        "latest_first": (asked.get("orderBy") or "latest") == "latest",
        "limit": min(asked.get("limit") or DEFAULT_ROWS, MAX_ROWS),
        "after": cursor(asked.get("after")),
        "with_attributes": not asked.get("excludeAttributes"),
        "custom": custom,
    }
    scope = scope_of(project, asked, end_inclusive=True)
    since_ns = checkpoint(asked.get("liveLogsCheckpoint"))
    page = _search(scope, options) if since_ns is None else _tail(scope, asked, since_ns, options)
    keys = [column.row_key for column in custom]
    return jsonify(
        {
            "query": read_json_object(request)["query"],
            "results": [row_as_json(row, page.checkpoint, keys) for row in page.rows],
            "hasMore": page.next_cursor is not None,
            "nextCursor": page.next_cursor.encode() if page.next_cursor is not None else None,
            "searchedTo": page.searched_to,
            "liveLogsCheckpoint": page.checkpoint,
            "maxExportableLogs": MAX_EXPORTABLE_LOGS,
            "columns": [column.expression for column in custom] if custom else None,
        }
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What an answer to ``query/`` is made of, whether it was searched or tailed."""

    rows: list[LogRow]
    next_cursor: Cursor | None
    checkpoint: str | None
    searched_to: str | None = None


def _search(scope: Scope, options: Mapping[str, Any]) -> _Page:
    # A later page cannot be the begin of a tail: what has come since the first one may belong before it.
    settled_ns = tailing.start() if options["after"] is None else None
    page = logs.search(scope, **options)
    checkpoint = iso_nanoseconds(settled_ns) if settled_ns is not None else None
    searched_to = None
    if page.searched_to_ns is not None:  # rounded towards the present, so as not to claim too much
        searched_to = iso_microseconds(page.searched_to_ns + (999 if options["latest_first"] else 0))
    return _Page(page.rows, page.next_cursor, checkpoint, searched_to)


def _tail(scope: Scope, asked: Mapping[str, Any], since_ns: int, options: Mapping[str, Any]) -> _Page:
    if not (asked.get("dateRange") or {}).get("date_to"):
        scope = tailing.open_ended(scope)
    page = tailing.tail(scope, since_ns=since_ns, **options)
    return _Page(page.rows, page.next_cursor, iso_nanoseconds(page.checkpoint_ns))


@blueprint.route("/count/", methods=["POST"], scopes=READ, body=CountBodySchema, answer=CountAnswerSchema)
def count(body: dict[str, Any], project: Project) -> Response:
    """Count logs from date_from up to, not including, date_to."""
    counted = logs.count(scope_of(project, body.get("query") or {}, end_inclusive=False))
    return jsonify({"count": counted.count})


@blueprint.route(
    "/sparkline/", methods=["POST"], scopes=READ, body=SparklineBodySchema, answer=SparklinePointSchema(many=True)
)
def sparkline(body: dict[str, Any], project: Project) -> Response:
    """Count logs and their bytes over time, by severity or service, from date_from up to, not including, date_to."""
    asked = body.get("query") or {}
    breakdown = asked.get("sparklineBreakdownBy") or "severity"
    points = sparklines.sparkline(
        scope_of(project, asked, end_inclusive=False), breakdown=breakdown, rank=asked.get("sparklineRankBy") or "count"
    )
    return jsonify(
        [
            {
                "time": iso_seconds(point.start_ns),
                breakdown: point.value,
                "count": point.count,
                "bytes_uncompressed": point.size_bytes,
            }
            for point in points
        ]
    )


@blueprint.route("/patterns/", methods=["POST"], scopes=READ, body=PatternsBodySchema, answer=PatternsAnswerSchema)
def patterns(body: dict[str, Any], project: Project) -> Response:
    """Sort lines by what they have in common, from date_from up to, not including, date_to."""
    scope = scope_of(project, body.get("query") or {}, end_inclusive=False)
    return jsonify(patterns_as_json(mining.find_patterns(scope)))


@blueprint.route("/has_logs/", methods=["GET"], scopes=READ, answer=HasLogsAnswerSchema)
def has_logs(project: Project) -> Response:
    """Tell whether the project has ever received a log that it still holds."""
    return jsonify({"hasLogs": logs.has_logs(project.id)})


def cursor(text: str | None) -> Cursor | None:
    """Read the place where a page begins."""
    if not text:
        return None
    try:
        return Cursor.decode(text)
    except ValueError:
        raise ValidationFailed("This is not a cursor: send nextCursor as it was given.", attr="query__after") from None


def checkpoint(text: str | None) -> int | None:
    """Read the moment from which a live tail goes on; None is no tail."""
    if not (text or "").strip():
        return None
    try:
        return parse_moment_ns(str(text), datetime.now(UTC))
    except MomentError as error:
        raise ValidationFailed(error.detail, attr="query__liveLogsCheckpoint") from None


def custom_columns(expressions: list[str] | None) -> list[CustomColumn]:
    """Read the columns that the caller named, each once."""
    columns: dict[CustomColumn, None] = {}
    for index, expression in enumerate(expressions or []):
        try:
            columns.setdefault(read_column(expression))
        except ColumnError as error:
            raise ValidationFailed(str(error), attr=f"query__customColumns__{index}") from None
    return list(columns)
