"""The view model of the page of services: every text, address and number of its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from markupsafe import Markup

from webapp.errors import HedgerowError
from webapp.language.errors import InexpressibleError
from webapp.language.printing import print_query
from webapp.language.timebox import parse_time_box
from webapp.language.tree import LEVEL, SERVICE, Match, Operator, conjunction
from webapp.models import Project
from webapp.pages.formats import percent
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import range_label
from webapp.pages.logs.view import PRESETS, Addresses, Preset, Wrong, typed_range_url, wrong_of
from webapp.pages.services.state import ORDERS, State
from webapp.pages.trend import trend
from webapp.queries.scope import TimeRange
from webapp.services.log_services import Service, ServicePoint, Services

NAME_CHARACTERS = 120
LEVELS = ("error", "warn", "info", "debug")


@dataclass(frozen=True, slots=True)
class Part:
    """A level in the bar of a service; ``x`` and ``width`` in percent."""

    level: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A service in the table. ``share`` and ``rate`` in percent, in words and as a number."""

    name: Markup
    title: str
    url: str
    rows: int
    share: str
    share_width: float
    errors: int
    errors_url: str
    rate: str
    parts: list[Part]
    levels: str
    trend: str


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column that the table can be sorted by."""

    label: str
    url: str
    sorted: str


@dataclass
class Page:
    """The page, or what is known of it: without lines where there is nothing to show or something went wrong.

    ``intervals`` is the width of a trend.
    """

    project: Project
    state: State
    explorer: Addresses
    time_label: str
    range_label: str
    zone_name: str
    typed_range_url: str
    presets: list[Preset]
    step_back_url: str
    step_on_url: str
    page_url: str
    every_url: str
    columns: dict[str, Column]
    name_shown: Markup
    wrong: Wrong | None
    lines: list[Line] = field(default_factory=list)
    intervals: int = 0
    total: int = 0
    rows: int = 0
    error: HedgerowError | None = None
    is_empty_project: bool = False


def page_view(project: Project, state: State, window: TimeRange, now: datetime) -> Page:
    """Lay out everything that needs no query."""
    reading, page_url = state.reading, url_for("services.services", slug=project.slug)
    box = reading.state.time

    def at(**changes: str) -> str:
        query = state.query_string(**changes)
        return f"{page_url}?{query}" if query else page_url

    def preset(text: str) -> Preset:
        chosen = parse_time_box(text, now, reading.zone)
        current = chosen.to_url() == reading.state.time_text
        return Preset(text, chosen.label(now, reading.zone), at(t=chosen.to_url()), current)

    return Page(
        project=project,
        state=state,
        explorer=Addresses(project, reading.state, window),
        time_label=box.label(now, reading.zone) if box else "Time range",
        range_label=range_label(window.start_ns, window.end_ns, reading.zone) if box else "",
        zone_name=reading.zone_name,
        typed_range_url=typed_range_url(project, reading.state),
        presets=[preset(text) for text in PRESETS],
        step_back_url=at(t=box.step(-1, now, reading.zone).to_url()) if box else page_url,
        step_on_url=at(t=box.step(1, now, reading.zone).to_url()) if box else page_url,
        page_url=page_url,
        every_url=at(name=""),
        columns=_columns(state, at),
        name_shown=render(state.name, limit=NAME_CHARACTERS),
        wrong=wrong_of(reading),
    )


def _columns(state: State, at: Callable[..., str]) -> dict[str, Column]:
    labels = {"name": "Service", "logs": "Logs", "errors": "Errors", "rate": "Error rate"}
    found = {}
    for name, label in labels.items():
        is_current = name == state.by
        turned = "asc" if state.sort == "desc" else "desc"
        url = at(by=name, sort=turned if is_current else ORDERS[name])
        found[name] = Column(label, url, {"asc": "ascending", "desc": "descending"}[state.sort] if is_current else "")
    return found


def fill(page: Page, found: Services) -> None:
    """Put the services into the page, in its order."""
    largest = max((service.rows for service in found.services), default=0)
    points = _points(found.points)
    page.total, page.rows = found.total, found.rows
    page.intervals = max(map(len, points.values()), default=0)
    page.lines = [
        _line(page, service, found.rows, largest, points.get(service.name, []))
        for service in sorted(found.services, key=_ORDERS[page.state.by], reverse=page.state.sort == "desc")
    ]


_ORDERS: dict[str, Callable[[Service], Any]] = {
    "name": lambda service: (service.name.lower(), service.name),
    "logs": lambda service: service.rows,
    "errors": lambda service: (service.errors, service.rows),
    "rate": lambda service: (service.errors / service.rows, service.rows),
}


def _points(points: Iterable[ServicePoint]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for point in points:  # they come in the order of time
        found.setdefault(point.service, []).append(point.rows)
    return found


def _line(page: Page, service: Service, all_rows: int, largest: int, counts: Sequence[int]) -> Line:
    of_service = Match(SERVICE, Operator.EQUALS, (service.name,))
    of_errors = Match(LEVEL, Operator.EQUALS, ("error", "fatal"))
    return Line(
        name=render(service.name, limit=NAME_CHARACTERS) if service.name else Markup("(no service)"),
        title=plain(service.name, NAME_CHARACTERS),
        url=_explorer(page, of_service),
        rows=service.rows,
        share=percent(service.rows / all_rows),
        share_width=round(service.rows / largest * 100, 2),
        errors=service.errors,
        errors_url=_explorer(page, of_service, of_errors) if service.errors else "",
        rate=percent(service.errors / service.rows),
        parts=_parts(service),
        levels=", ".join(f"{level} {service.levels[level]:,}" for level in LEVELS if service.levels[level]),
        trend=trend(counts),
    )


def _explorer(page: Page, *terms: Match) -> str:
    """Return the explorer's address with these terms and the page's time; none where no address can say it."""
    try:
        query = print_query(conjunction(list(terms)))
    except InexpressibleError:
        return ""
    return page.explorer.searching(query, sort="desc")


def _parts(service: Service) -> list[Part]:
    parts, x = [], 0.0
    for level in LEVELS:
        if service.levels[level]:
            width = service.levels[level] / service.rows * 100
            parts.append(Part(level, round(x, 2), round(width, 2)))
            x += width
    return parts
