"""The chart with its legend and the count of the range, as the template writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo

from markupsafe import Markup

from webapp.errors import HedgerowError
from webapp.language.printing import print_key
from webapp.language.tree import LEVEL, LEVELS, Field, Match, Node, Not, Operator
from webapp.pages.formats import compact, number
from webapp.pages.logs.chart import LEVEL_SERIES, Plot, Series, plot
from webapp.pages.logs.delta import Delta, delta_of
from webapp.pages.logs.facets import TITLES
from webapp.pages.logs.terms import toggled
from webapp.pages.logs.text import plain, render
from webapp.services.log_breakdown import OTHER_KEY, UNSET_KEY, Breakdown, key_of
from webapp.services.log_patterns import ERRORS

NAME_CHARACTERS = 40  # of a value: it stands in the legend and in the title of every bar
REST = {OTHER_KEY: "other", UNSET_KEY: "not set"}
QueryUrl = Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A field to break the histogram down by."""

    name: str
    key: str
    url: str
    current: bool


@dataclass
class Controls:
    """What stands over the chart whatever becomes of it; ``choices`` come with the chart."""

    by: str
    is_compared: bool
    compare_url: str
    choices: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A level or a value in the range: a click shows only it, or everything again; without an address it does not."""

    key: str
    shown: Markup
    is_rest: bool
    count: str
    delta: Delta | None
    url: str
    current: bool
    title: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The chart, its legend, and the count of the range; ``before`` is the count of the period before."""

    total: int
    label: str
    legend: list[LegendEntry]
    plot: Plot
    is_estimate: bool
    before: str = ""
    delta: Delta | None = None
    uncompared: HedgerowError | None = None


def by_name(by: Field) -> str:
    """Return what the chart's head calls a field."""
    return TITLES.get(by, "").lower() or plain(print_key(by), NAME_CHARACTERS)


def summary_view(
    now: Breakdown,
    before: Breakdown | HedgerowError | None,
    *,
    where: Node,
    zone: tzinfo,
    query_url: QueryUrl,
    zoom_url: Callable[[int, int], str],
) -> Summary:
    """Lay out the chart and the legend.

    Args:
        before: the period before, or why it could not be had, if it was asked for.
        query_url: makes the address of the page with another search, if there is one.
        zoom_url: makes the address of the time range between two nanoseconds.
    """
    compared = before if isinstance(before, Breakdown) else None
    series = [each for each in _series(now) if _is_there(each.key, now, compared) or now.field == LEVEL]
    entries = _Legend(now, compared, where, query_url).entries(series)
    return Summary(
        total=now.total,
        label="Levels" if now.field == LEVEL else f"Values of {by_name(now.field)}",
        legend=[entry for entry in entries if _is_there(entry.key, now, compared) or entry.current],
        plot=plot(
            now.histogram,
            zone,
            zoom_url,
            series=series,
            before=compared.histogram if compared else None,
            sign="~" if now.approximate else "",
        ),
        is_estimate=now.approximate,
        before=number(compared.total) if compared else "",
        delta=delta_of(now.total, compared.total) if compared else None,
        uncompared=before if isinstance(before, HedgerowError) else None,
    )


def _series(now: Breakdown) -> Iterator[Series]:
    if now.field == LEVEL:
        yield from LEVEL_SERIES
        return
    for place, value in enumerate(now.values, 1):
        yield Series(key_of(place), plain(value, NAME_CHARACTERS) or "(empty)")
    for key, name in REST.items():
        yield Series(key, name)


def _is_there(key: str, *found: Breakdown | None) -> bool:
    return any(each.histogram.totals.get(key) for each in found if each)


@dataclass(frozen=True, slots=True)
class _Legend:
    now: Breakdown
    before: Breakdown | None
    where: Node
    query_url: QueryUrl

    def entries(self, series: list[Series]) -> list[LegendEntry]:
        values = {key_of(place): value for place, value in enumerate(self.now.values, 1)}
        if self.now.field == LEVEL:
            values = {level: level for level in LEVELS}
        return [self._entry(each, values.get(each.key)) for each in series]

    def _entry(self, series: Series, value: str | None) -> LegendEntry:
        rows = self.now.histogram.totals.get(series.key, 0)
        url, current = self._link(series.key, value)
        sign = "~" if self.now.approximate else ""
        said = f"{series.name}: {sign}{number(rows)} {'row' if rows == 1 else 'rows'}"
        if series.key == OTHER_KEY:
            title = f"All other values: {sign}{number(rows)} rows"
        elif current:
            title = f"{said}. {'Every level again' if self.now.field == LEVEL else 'All rows again'}"
        else:
            title = f"{said}. Only {'rows without it' if series.key == UNSET_KEY else series.name}"
        return LegendEntry(
            key=series.key,
            shown=render(value, limit=NAME_CHARACTERS) if value else Markup.escape(series.name),
            is_rest=value is None or not value,
            count=f"{sign}{compact(rows)}",
            delta=self._delta(series.key, rows),
            url=url,
            current=current,
            title=title,
        )

    def _link(self, key: str, value: str | None) -> tuple[str, bool]:
        if key == OTHER_KEY:
            return "", False
        by = self.now.field
        term = Not(Match(by, Operator.EXISTS, ())) if value is None else Match(by, Operator.EQUALS, (value,))
        query, current = toggled(self.where, term)
        return self.query_url(query), current

    def _delta(self, key: str, rows: int) -> Delta | None:
        if self.before is None:
            return None
        is_estimate = self.now.approximate or self.before.approximate
        before = self.before.histogram.totals.get(key, 0)
        return delta_of(rows, before, is_estimate=is_estimate, is_bad=self.now.field == LEVEL and key in ERRORS)
