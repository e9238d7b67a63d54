"""``/api/projects/{project}/logs/…``: questions about logs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from webapp.api.blueprint import ProjectBlueprint, read_json_object
from webapp.api.filters import scope_of
from webapp.api.rows import row_as_json
from webapp.api.schemas.logs import (
    DEFAULT_ROWS,
    MAX_ROWS,
    CountAnswerSchema,
    CountBodySchema,
    HasLogsAnswerSchema,
    QueryAnswerSchema,
    QueryBodySchema,
)
from webapp.errors import ValidationFailed
from webapp.models import Project
from webapp.services import logs
from webapp.services.logs import Cursor

READ = ("logs:read",)
MAX_EXPORTABLE_LOGS = 10_000_000

blueprint = ProjectBlueprint("logs_api", __name__, description="Logs: search, count, and whether there are any.")


@blueprint.route("/query/", methods=["POST"], scopes=READ, body=QueryBodySchema, answer=QueryAnswerSchema)
def query(body: dict[str, Any], project: Project) -> Response:
    """Search logs, a page at a time; both ends of the date range are included."""
    asked = body["query"]
    page = logs.search(
        scope_of(project, asked, end_inclusive=True),
        latest_first=(asked.get("orderBy") or "latest") == "latest",
        limit=min(asked.get("limit") or DEFAULT_ROWS, MAX_ROWS),
        after=cursor(asked.get("after")),
        with_attributes=not asked.get("excludeAttributes"),
    )
    answer = {
        "query": read_json_object(request)["query"],
        "results": [row_as_json(row) for row in page.rows],
        "hasMore": page.has_more,
        "nextCursor": page.next_cursor.encode() if page.next_cursor is not None else None,
        "maxExportableLogs": MAX_EXPORTABLE_LOGS,
        "columns": None,
    }
    return timed(answer, page.stats.elapsed_ms)


@blueprint.route("/count/", methods=["POST"], scopes=READ, body=CountBodySchema, answer=CountAnswerSchema)
def count(body: dict[str, Any], project: Project) -> Response:
    """Count logs from date_from up to, not including, date_to."""
    counted = logs.count(scope_of(project, body.get("query") or {}, end_inclusive=False))
    return timed({"count": counted.count}, counted.stats.elapsed_ms)


@blueprint.route("/has_logs/", methods=["GET"], scopes=READ, answer=HasLogsAnswerSchema)
def has_logs(project: Project) -> Response:
    """Tell whether the project has ever received a log that it still holds."""
    started_at = time.perf_counter()
    found = logs.has_logs(project.id)
    return timed({"hasLogs": found}, (time.perf_counter() - started_at) * 1000)


def cursor(text: str | None) -> Cursor | None:
    """Read the place where a page begins."""
    if not text:
        return None
    try:
        return Cursor.decode(text)
    except ValueError:
        raise ValidationFailed("This is not a cursor: send nextCursor as it was given.", attr="query__after") from None


def timed(answer: Mapping[str, Any], elapsed_ms: float) -> Response:
    """Answer, and say how long ClickHouse took."""
    response = jsonify(answer)
    response.headers["Server-Timing"] = f"clickhouse;dur={elapsed_ms:.1f}"
    return response
