"""The explorer's view model: everything the templates show, in their words."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from webapp.errors import HedgerowError
from webapp.language.timebox import TimeBox, TimeBoxError, parse_time_box
from webapp.models import Project
from webapp.pages.logs.actions import Export, ViewsBar
from webapp.pages.logs.chips import ChipRow, chip_row
from webapp.pages.logs.columns import LEAST_WIDTH, MOST_WIDTH, ColumnView, column_views
from webapp.pages.logs.detail import Detail
from webapp.pages.logs.facets import ColumnUrls, FacetView
from webapp.pages.logs.groups import GroupsView, boxes
from webapp.pages.logs.patterns import PatternsView
from webapp.pages.logs.rows import Block
from webapp.pages.logs.state import Reading, State
from webapp.pages.logs.summary import Controls, Summary, by_name
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import range_label, range_short
from webapp.pages.snippets import Sending
from webapp.queries.scope import TimeRange
from webapp.services.logs import Stats

QUERY_CHARACTERS = 300  # of the search, where the page speaks of it
TAB_NAMES = {"logs": "Logs", "patterns": "Patterns", "groups": "Group by"}
PRESETS = ("5m", "15m", "1h", "4h", "24h", "2d", "7d", "30d")


@dataclass(frozen=True, slots=True)
class Preset:
    """A time range to click."""

    text: str
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone to click."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to look at the same rows."""

    name: str
    label: str
    key: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be read, with the place marked. ``box`` is the id of the input that it stands in."""

    box: str
    detail: Markup
    marked: Markup = field(default_factory=Markup)


@dataclass
class Explorer:
    """The page, or what is known of it so far; the parts that load by themselves are still None."""

    project: Project
    state: State
    reading: Reading
    window: TimeRange
    now: datetime
    title: str
    query_shown: Markup
    zone_name: str
    time_label: str
    range_label: str
    range_short: str
    presets: list[Preset]
    zones: list[Zone]
    zone_url_stem: str
    step_back_url: str
    step_on_url: str
    sort_url: str
    share_moving_url: str
    share_frozen_url: str
    page_url: str
    self_url: str
    place_url: str
    place: dict[str, str]
    close_url: str
    summary_url: str
    chart: Controls
    inline_url: str
    hints_url: str
    arrival_url: str
    live_url: str
    counts_url: str
    facets_urls: ColumnUrls
    zoom_url_stem: str
    tabs: list[Tab]
    panel_url: str
    group_boxes: list[str]
    columns: list[ColumnView]
    complete_url: str
    typed_range_url: str
    wrong: Wrong | None
    ignored: tuple[str, ...]
    views: ViewsBar | None = None
    export: Export | None = None
    blocks: Block | None = None
    rows_shown: str | None = None
    stats: Stats | None = None
    error: HedgerowError | None = None
    request_id: str = ""
    summary: Summary | None = None
    summary_error: HedgerowError | None = None
    facets: list[FacetView] | None = None
    facets_error: HedgerowError | None = None
    facets_uncompared: HedgerowError | None = None
    pin_error: HedgerowError | None = None
    pin_key: str = ""
    detail: Detail | None = None
    detail_error: HedgerowError | None = None
    panel: PatternsView | GroupsView | None = None
    panel_error: HedgerowError | None = None
    panel_stats: Stats | None = None
    empty_project: bool = False
    sending: Sending | None = None
    visiting: Project | None = None
    is_live: bool = False

    @property
    def widths(self) -> tuple[int, int]:
        """The least and the most characters of a column."""
        return LEAST_WIDTH, MOST_WIDTH

    @property
    def chips(self) -> ChipRow:
        """The search as chips, if it can be read; the parts that load by themselves have no use for them."""
        text = "" if self.reading.wrong_query else self.state.q
        return chip_row(text, Addresses(self.project, self.state, self.window).searching)

    @property
    def waits_for_panel(self) -> bool:
        """Whether the table of the tab is still to be loaded."""
        is_shown = self.state.tab != "logs" and self.reading.is_right and not (self.error or self.empty_project)
        return is_shown and self.panel is None and self.panel_error is None


# Of an address in a link: the server takes 8,190 with the window of the page, which its parts carry.
ADDRESS_BYTES = 7_500


class Addresses:
    """Addresses of the explorer of one project and of its parts."""

    def __init__(self, project: Project, state: State, window: TimeRange) -> None:
        self._slug, self._state, self._window = project.slug, state, window
        self.page = url_for("logs.search", slug=project.slug)

    def at(self, query: str) -> str:
        """The page with this query string."""
        return f"{self.page}?{query}" if query else self.page

    def searching(self, query: str | None, **changes: str) -> str:
        """The page with another search and no open row; empty where there is none, or no address can hold it."""
        if query is None:
            return ""
        address = self.at(self._state.query_string(q=query, row="", **changes))
        return address if len(address) <= ADDRESS_BYTES else ""

    def bound(self) -> dict[str, str]:
        """The key that binds a part, or the next page without scripts, to the window of this page."""
        return {"w": f"{self._window.start_ns}-{self._window.end_ns}"}

    def part(self, endpoint: str, **extra: str) -> str:
        """A part of the page, bound to the page's window."""
        query = self._state.query_string(row="", **self.bound(), **extra)
        return f"{url_for(endpoint, slug=self._slug)}?{query}"

    def now(self, endpoint: str) -> str:
        """A part of the page in its range as it is when the part is loaded."""
        return f"{url_for(endpoint, slug=self._slug)}?{self._state.query_string(row='')}"

    def row_stem(self, place: dict[str, str]) -> str:
        """The page with a row open, up to the row's key."""
        query = self._state.query_string(row="", **place)
        return f"?{query}&row=" if query else "?row="

    def zoomed(self, start_ns: int, end_ns: int) -> str:
        """The page in the range between two moments."""
        return self.at(self._state.with_time(TimeBox.zoomed(start_ns, end_ns)))


def explorer(
    project: Project, reading: Reading, window: TimeRange, now: datetime, request_id: str, place: Mapping[str, str]
) -> Explorer:
    """Lay out everything that needs no query; ``place`` are the keys of where the list begins, if not at its top."""
    state, addresses = reading.state, Addresses(project, reading.state, window)
    place = {**addresses.bound(), **place} if place else {}
    box = state.time
    span = (window.start_ns, window.end_ns)
    label = box.label(now, reading.zone) if box else "Time range"
    frozen = dataclasses.replace(state, time_text=box.frozen(now, reading.zone).to_url()) if box else state
    return Explorer(
        project=project,
        state=state,
        reading=reading,
        window=window,
        now=now,
        request_id=request_id,
        title=f"{plain(state.q, 60)} · {project.name} · Hedgerow" if state.q else f"{project.name} · Hedgerow",
        query_shown=render(state.q, limit=QUERY_CHARACTERS),
        zone_name=reading.zone_name,
        time_label=label,
        range_label=range_label(*span, reading.zone) if box else "",
        range_short=range_short(*span, reading.zone) if box else "",
        presets=_presets(addresses, reading, now),
        zones=_zones(addresses, state, project),
        zone_url_stem=addresses.at(state.query_string(tz="__zone__")),
        step_back_url=addresses.at(state.with_time(box.step(-1, now, reading.zone))) if box else addresses.page,
        step_on_url=addresses.at(state.with_time(box.step(1, now, reading.zone))) if box else addresses.page,
        sort_url=addresses.at(state.query_string(sort="desc" if state.sort == "asc" else "asc", row="")),
        share_moving_url=addresses.at(state.query_string()),
        share_frozen_url=addresses.at(frozen.query_string()),
        page_url=addresses.page,
        self_url=addresses.at(state.query_string()),
        place_url=addresses.at(state.query_string(**place)),
        place=place,
        close_url=addresses.at(state.query_string(row="", **place)),
        summary_url=addresses.part("logs.summary"),
        chart=Controls(
            by=by_name(reading.by_field),
            is_compared=bool(state.vs),
            compare_url=addresses.at(state.query_string(vs=state.vs_turned, row="")),
        ),
        inline_url=addresses.at(state.query_string(**place, inline="1")),
        hints_url=addresses.part("logs.hints"),
        live_url=addresses.now("live.stream"),
        counts_url=addresses.now("logs.summary"),
        arrival_url=url_for("logs.arrival", slug=project.slug),
        tabs=_tabs(addresses, state),
        panel_url=addresses.part("logs.panel"),
        group_boxes=boxes(reading.group_fields),
        facets_urls=ColumnUrls(
            column=addresses.part("facets.column"),
            pin=addresses.part("facets.pin_field"),
            unpin=addresses.part("facets.unpin_field"),
            keys=addresses.part("facets.keys"),
        ),
        zoom_url_stem=addresses.at(state.query_string(t="__range__", row="")),
        columns=column_views(reading.columns, lambda cols: addresses.at(state.query_string(cols=cols, **place))),
        complete_url=addresses.part("bar.complete", q=""),
        typed_range_url=typed_range_url(project, state),
        wrong=wrong_of(reading),
        ignored=tuple(plain(word, 40) for word in reading.ignored),
    )


def _tabs(addresses: Addresses, state: State) -> list[Tab]:
    return [
        Tab(name, label, str(place), addresses.at(state.query_string(tab=name, row="")), name == state.tab)
        for place, (name, label) in enumerate(TAB_NAMES.items(), 1)
    ]


def _presets(addresses: Addresses, reading: Reading, now: datetime) -> list[Preset]:
    presets = []
    for text in PRESETS:
        box = parse_time_box(text, now, reading.zone)
        url = addresses.at(reading.state.with_time(box))
        presets.append(Preset(text, box.label(now, reading.zone), url, box.to_url() == reading.state.time_text))
    return presets


def _zones(addresses: Addresses, state: State, project: Project) -> list[Zone]:
    choices = [("", "UTC")]
    if project.timezone != "UTC":
        choices.append(("project", project.timezone))
    if state.zone_text not in ("", "UTC", "project"):
        choices.append((state.zone_text, state.zone_text))
    current = "" if state.zone_text == "UTC" else state.zone_text
    return [Zone(label, addresses.at(state.query_string(tz=text)), text == current) for text, label in choices]


def typed_range_url(project: Project, state: State) -> str:
    """Return where to ask which moments a text in the time box means, in the zone of the page."""
    return url_for("bar.typed_range", slug=project.slug, tz=state.zone_text or None)


def wrong_of(reading: Reading) -> Wrong | None:
    """Return what could not be read in an address, with its place."""
    if reading.wrong_query is not None:
        text, error = reading.state.q, reading.wrong_query
        start, end = min(error.start, len(text)), min(error.end, len(text))
        if start >= end:  # the fault is where the text ends: underline its last character
            start, end = max(len(text) - 1, 0), len(text)
        parts = [render(part) for part in (text[:start], text[start:end], text[end:])]
        return Wrong("query", render(error.detail), Markup("{}<mark>{}</mark>{}").format(*parts))
    if reading.wrong_time is not None:
        return _wrong_time("time-text", reading.state.time_text, reading.wrong_time)
    return None


def wrong_moment(text: str, error: TimeBoxError) -> Wrong:
    """Return what could not be read of a moment to go to."""
    return _wrong_time("goto", text, error)


def _wrong_time(box: str, text: str, error: TimeBoxError) -> Wrong:
    return Wrong(box, render(error.detail), Markup("<mark>{}</mark>").format(render(text, limit=QUERY_CHARACTERS)))
