"""The filters of the Logs API: everything in a request, or in a saved view, that a log must match."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.errors import ValidationFailed
from webapp.language.parse import QuerySyntaxError, parse
from webapp.language.tree import FINGERPRINT, LEVEL, MESSAGE, SERVICE, And, Match, Node, Operator, attribute
from webapp.services.filter_groups import filter_group


def where(query: Mapping[str, Any], now: datetime, path: str = "query") -> Node:
    """Combine everything that a log must match.

    Raises:
        ValidationFailed: something in it cannot be used; ``attr`` is the way there, from ``path`` on.
    """
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
        items.append(filter_group(group, now, f"{path}__filterGroup"))
    if text := (query.get("q") or "").strip():
        try:
            items.append(parse(text))
        except QuerySyntaxError as error:
            raise ValidationFailed(
                f"{error.detail} (characters {error.start} to {error.end})", attr=f"{path}__q"
            ) from None
    return And(tuple(items))
