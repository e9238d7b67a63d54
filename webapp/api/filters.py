"""From the filters of a request to the scope that a question is asked in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from webapp.api.filter_groups import filter_group
from webapp.api.rows import iso_microseconds
from webapp.errors import ValidationFailed
from webapp.language.moments import MomentError, parse_moment_ns
from webapp.language.parse import QuerySyntaxError, parse
from webapp.language.tree import FINGERPRINT, LEVEL, MESSAGE, SERVICE, And, Match, Node, Operator, attribute
from webapp.models import Project
from webapp.queries.scope import Scope, TimeRange

DEFAULT_FROM = "-1h"


def scope_of(project: Project, query: Mapping[str, Any], *, end_inclusive: bool) -> Scope:
    """Translate checked filters; relative dates count from the present moment."""
    now = datetime.now(UTC)
    time = time_range(query.get("dateRange") or {}, now, end_inclusive=end_inclusive)
    return Scope(project.id, time, where(query, now))


def where(query: Mapping[str, Any], now: datetime) -> Node:
    """Combine everything that a log must match."""
    items: list[Node] = []
    if levels := query.get("severityLevels"):
        items.append(Match(LEVEL, Operator.EQUALS, tuple(levels)))
    if services := query.get("serviceNames"):
        items.append(Match(SERVICE, Operator.EQUALS, tuple(services)))
    if term := query.get("searchTerm"):
        items.append(Match(MESSAGE, Operator.CONTAINS, (term,)))
    if fingerprint := query.get("resourceFingerprint"):
        items.append(Match(FINGERPRINT, Operator.EQUALS, (str(int(fingerprint)),)))
    if session := query.get("sessionId"):
        items.append(Match(attribute("sessionId"), Operator.EQUALS, (session,)))
    if (group := query.get("filterGroup")) is not None:
        items.append(filter_group(group, now, "query__filterGroup"))
    if text := (query.get("q") or "").strip():
        try:
            items.append(parse(text))
        except QuerySyntaxError as error:
            raise ValidationFailed(
                f"{error.detail} (characters {error.start} to {error.end})", attr="query__q"
            ) from None
    return And(tuple(items))


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
