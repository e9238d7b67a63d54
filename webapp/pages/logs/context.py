"""The rows around a row: what else happened just before and after it, in the same service, host, trace or resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from markupsafe import Markup

from webapp.language.tree import (
    EVERYTHING,
    FINGERPRINT,
    SERVICE,
    TRACE_ID,
    Match,
    Node,
    Operator,
    resource_attribute,
)
from webapp.pages.logs.hits import Needle
from webapp.pages.logs.rows import CELL_CHARACTERS, known_level, row_key
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import row_time
from webapp.pages.logs.trace_view import one_line
from webapp.queries.cursor import Cursor
from webapp.queries.scope import SECOND_NS, Scope, TimeRange
from webapp.services import logs
from webapp.services.logs import LogRow

SPANS = {
    "100ms": ("100 ms", SECOND_NS // 10),
    "1s": ("1 s", SECOND_NS),
    "10s": ("10 s", 10 * SECOND_NS),
    "1m": ("1 min", 60 * SECOND_NS),
    "5m": ("5 min", 300 * SECOND_NS),
    "15m": ("15 min", 900 * SECOND_NS),
}
USUAL_SPAN = "1m"
FEW_ROWS, MOST_ROWS = 25, 400  # each way
HOSTS = ("k8s.pod.name", "host.name", "container.id", "container.name")
Here = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the surroundings is wanted: how far, of what, and how many rows each way."""

    span: str
    of: str
    earlier: int
    later: int

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Asked:
        """Read it from an address; what is not known there is as usual."""
        span = args.get("span", "")
        earlier, later = (_rows(args.get(key, "")) for key in ("earlier", "later"))
        return cls(span if span in SPANS else USUAL_SPAN, args.get("of", ""), earlier, later)


def _rows(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return min(max(int(text), FEW_ROWS), MOST_ROWS) if is_number else FEW_ROWS


@dataclass(frozen=True, slots=True)
class Choice:
    """Something else to look at, or what is looked at."""

    label: str
    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ContextRow:
    """A row of the surroundings; ``url`` opens it, and is empty for the row itself."""

    level: str
    letter: str
    time: str
    away: str
    service: str
    message: Markup
    url: str


@dataclass(frozen=True, slots=True)
class ContextView:
    """The surroundings in the order of time. The addresses of more rows are empty where there are none."""

    spans: list[Choice]
    scopes: list[Choice]
    rows: list[ContextRow]
    earlier_url: str
    later_url: str
    list_url: str
    has_services: bool


def scopes_of(row: LogRow) -> dict[str, tuple[str, Node]]:
    """Return what rows may have in common with this one: a word for the address, the value, and the condition."""
    found: dict[str, tuple[str, Node]] = {}
    if row.service_name:
        found["service"] = row.service_name, Match(SERVICE, Operator.EQUALS, (row.service_name,))
    host = next((key for key in HOSTS if row.resource_attributes.get(key)), None)
    if host:
        value = row.resource_attributes[host]
        found["host"] = value, Match(resource_attribute(host), Operator.EQUALS, (value,))
    if row.trace_id.strip("0"):
        found["trace"] = row.trace_id.lower(), Match(TRACE_ID, Operator.EQUALS, (row.trace_id.lower(),))
    fingerprint = str(row.resource_fingerprint)
    found["resource"] = "the same resource", Match(FINGERPRINT, Operator.EQUALS, (fingerprint,))
    found["all"] = "the whole project", EVERYTHING
    return found


def load_context(
    project_id: int,
    row: LogRow,
    asked: Asked,
    *,
    zone: tzinfo,
    needles: Iterable[Needle],
    here: Here,
    row_url: Callable[[str], str],
    list_url: Callable[[Node, TimeRange], str],
) -> ContextView:
    """Load the rows around a row.

    Args:
        here: makes the address of these surroundings with other keys.
        row_url: makes the address of another row, by its key.
        list_url: makes the address of the list of a search in a time range.

    Raises:
        HedgerowError: the log store is away or at a limit.
    """
    scopes = scopes_of(row)
    of = asked.of if asked.of in scopes else next(iter(scopes))
    where, span_ns = scopes[of][1], SPANS[asked.span][1]
    window = TimeRange(max(row.timestamp_ns - span_ns, 0), row.timestamp_ns + span_ns + 1)
    scope, place = Scope(project_id, window, where), Cursor(row.timestamp_ns, row.uuid)
    before = logs.search(scope, latest_first=True, limit=asked.earlier, after=place, with_attributes=False)
    behind = logs.search(scope, latest_first=False, limit=asked.later, after=place, with_attributes=False)
    keys = {"span": asked.span, "of": of, "earlier": str(asked.earlier), "later": str(asked.later)}
    wanted = list(needles)
    return ContextView(
        spans=[
            Choice(f"± {words}", "", here({"span": span, "of": of}), span == asked.span)
            for span, (words, _) in SPANS.items()
        ],
        scopes=[
            Choice(name, plain(value, 200), here({"span": asked.span, "of": name}), name == of)
            for name, (value, _) in scopes.items()
        ],
        rows=[_context_row(one, row, zone, wanted, row_url) for one in (*reversed(before.rows), row, *behind.rows)],
        earlier_url=here({**keys, "earlier": _more(asked.earlier)}) if _goes_on(before, asked.earlier) else "",
        later_url=here({**keys, "later": _more(asked.later)}) if _goes_on(behind, asked.later) else "",
        list_url=list_url(where, window),
        has_services=of != "service",
    )


def _goes_on(page: logs.LogPage, rows: int) -> bool:
    return page.has_more and rows < MOST_ROWS


def _more(rows: int) -> str:
    return str(min(rows * 4, MOST_ROWS))


def _context_row(
    row: LogRow, anchor: LogRow, zone: tzinfo, needles: list[Needle], row_url: Callable[[str], str]
) -> ContextRow:
    level = known_level(row.severity_text)
    return ContextRow(
        level=level,
        letter=level[0].upper(),
        time=row_time(row.timestamp_ns, zone),
        away=_away(row.timestamp_ns - anchor.timestamp_ns),
        service=plain(row.service_name, 80),
        message=one_line(row.body, needles, CELL_CHARACTERS)
        or render(row.body, needles=needles, limit=CELL_CHARACTERS),
        url="" if row.uuid == anchor.uuid else row_url(row_key(row)),
    )


def _away(ns: int) -> str:
    """``+12 ms``, ``−1.5 s``; nothing for the row itself and those of its moment."""
    sign, size = ("−" if ns < 0 else "+"), abs(ns)
    if size < 1_000:
        return f"{sign}{size} ns" if size else ""
    for unit, one in (("s", SECOND_NS), ("ms", 1_000_000), ("µs", 1_000)):
        if size >= one:
            return f"{sign}{size / one:.3g} {unit}" if size < 1_000 * one else f"{sign}{size // one} {unit}"
    return ""
