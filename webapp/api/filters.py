"""From the filters of a request to the scope that a question is asked in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from webapp.errors import ValidationFailed
from webapp.language.moments import MomentError, parse_moment_ns
from webapp.models import Project
from webapp.queries.scope import Scope, TimeRange
from webapp.services.filters import where
from webapp.services.log_json import iso_microseconds

DEFAULT_FROM = "-1h"


def scope_of(project: Project, query: Mapping[str, Any], *, end_inclusive: bool) -> Scope:
    """Translate checked filters; relative dates count from the present moment."""
    now = datetime.now(UTC)
    time = time_range(query.get("dateRange") or {}, now, end_inclusive=end_inclusive)
    return Scope(project.id, time, where(query, now))


def time_range(dates: Mapping[str, Any], now: datetime, *, end_inclusive: bool) -> TimeRange:
    """Resolve both ends. An inclusive end takes in its whole microsecond, because that is all that rows show."""
    start_ns = _moment_ns(dates, "date_from", DEFAULT_FROM, now)
    end_ns = _moment_ns(dates, "date_to", "now", now)
    if start_ns > end_ns:
        start, end = iso_microseconds(start_ns), iso_microseconds(end_ns)
        raise ValidationFailed(
            f"date_from ({start}) is later than date_to ({end}).", attr="query__dateRange__date_from"
        )
    if end_inclusive and end_ns % 1000 == 0:
        end_ns += 999
    return TimeRange(start_ns, end_ns, end_inclusive)


def _moment_ns(dates: Mapping[str, Any], name: str, default: str, now: datetime) -> int:
    text = (dates.get(name) or "").strip() or default
    try:
        return parse_moment_ns(text, now)
    except MomentError as error:
        raise ValidationFailed(error.detail, attr=f"query__dateRange__{name}") from None
