"""The facets beside the list: the values of some fields with their counts, and what a click on each does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from webapp.language.clicks import chosen, terms, with_term, with_values, without_field, without_value
from webapp.language.errors import InexpressibleError
from webapp.language.keys import read_key
from webapp.language.printing import print_key, print_query
from webapp.language.tree import (
    EVERYTHING,
    LEVEL,
    LEVELS,
    SERVICE,
    Field,
    Match,
    Node,
    Not,
    Operator,
    Or,
    attribute,
    normalise,
    resource_attribute,
)
from webapp.pages.formats import compact, number
from webapp.pages.logs.chart import ORDER
from webapp.pages.logs.delta import Delta, FacetBefore
from webapp.pages.logs.terms import is_typeable
from webapp.pages.logs.text import plain, render
from webapp.queries.facets import MOST_VALUES
from webapp.services.log_facets import Facet
from webapp.services.log_patterns import ERRORS

FEW_VALUES = 8  # of each facet at first
FEW_GONE = 4
CELL_CHARACTERS = 120
TITLE_CHARACTERS = 300
TITLES = {
    LEVEL: "Level",
    SERVICE: "Service",
    resource_attribute("deployment.environment.name"): "Environment",
    resource_attribute("deployment.environment"): "Environment",
    resource_attribute("host.name"): "Host",
    resource_attribute("k8s.namespace.name"): "Namespace",
    resource_attribute("k8s.pod.name"): "Pod",
}
USUAL = tuple(TITLES)
ALWAYS = (LEVEL, SERVICE)
State = Literal["in", "out", ""]
QueryUrl = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, how often it occurs, and where its three links lead: only this, with or without it, without it.

    ``share`` is in percent of the most frequent one. An address is empty where no search says it; ``count`` is empty
    where it is not known.
    """

    name: str
    shown: Markup
    level: str
    count: str
    count_label: str
    share: int
    state: State
    is_only: bool
    is_zero: bool
    only_url: str
    box_url: str
    out_url: str
    delta: Delta | None


@dataclass(frozen=True, slots=True)
class FacetUrls:
    """Where a facet's own links lead: its values by themselves, and the page with them."""

    part: str
    page: str


@dataclass(frozen=True, slots=True)
class ColumnUrls:
    """Where the column comes from, its forms lead, and keys are suggested."""

    column: str
    pin: str
    unpin: str
    keys: str


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet. ``left_out`` says how many other values there are, if any."""

    key: str
    name: str
    title: str
    values: list[FacetValue]
    left_out: str
    chosen: int
    text: str
    is_searchable: bool
    is_pinned: bool
    clear_url: str
    urls: FacetUrls


def read_field(text: str) -> Field:
    """Read a key as it is written in a search; what cannot be one is the key of an attribute as it stands."""
    text = text.strip()
    found = read_key(f"{text}:*", 0)
    return found.field if found and found.written == text else attribute(text)


class FacetLayout:
    """Lays out facets under one search; ``query_url`` makes the address of the page with another one, if it can."""

    def __init__(self, where: Node, query_url: QueryUrl) -> None:
        self._where, self._query_url = where, query_url
        self._printed: dict[Node, str] = {}

    def facet(
        self,
        found: Facet,
        urls: FacetUrls,
        *,
        is_pinned: bool,
        whole: bool = False,
        text: str = "",
        before: Facet | None = None,
    ) -> FacetView:
        """Lay out one facet: a few of its values and all chosen ones, or all that there are, with a text in them.

        Args:
            before: the same of the period before: each value says how it has changed, and at the end come those that
                are gone.
        """
        field = found.field
        choice = chosen(self._where, field)
        counted = dict(found.values)
        every = self._order(field, counted, text)
        few = every if whole or field == LEVEL else every[:FEW_VALUES]
        compared = FacetBefore.of(found, before) if before else None
        gone = [value for value in compared.gone() if value not in few] if compared else []
        missing = [value for value in (*choice.included, *choice.excluded) if value not in few and not text]
        shown_gone = gone if whole else gone[:FEW_GONE]
        missing += [value for value in shown_gone if value not in missing]
        most = max(counted.values(), default=0)
        is_cut = len(found.values) >= MOST_VALUES
        states: dict[str, State] = {**dict.fromkeys(choice.excluded, "out"), **dict.fromkeys(choice.included, "in")}
        rest = len(every) - len(few) + len(gone) - len(shown_gone)
        return FacetView(
            key=print_key(field),
            name=plain(field.name, TITLE_CHARACTERS),
            title=TITLES.get(field, "") or plain(field.name, CELL_CHARACTERS),
            values=[
                self._value(
                    found, value, states.get(value, ""), counted.get(value, None if is_cut else 0), most, compared
                )
                for value in (*few, *missing)
            ],
            left_out=("More" if is_cut else f"{rest} more") if rest else "",
            chosen=len(states),
            text=text,
            is_searchable=len(every) > FEW_VALUES or bool(text),
            is_pinned=is_pinned,
            clear_url=self._url(lambda: without_field(self._where, field)) if self._speaks_of(field) else "",
            urls=urls,
        )

    def _order(self, field: Field, counted: dict[str, int], text: str) -> list[str]:
        if field != LEVEL:
            return list(counted)
        known: Iterable[str] = (level for level in ORDER if text.lower() in level)
        return [*known, *(value for value in counted if value not in LEVELS)]

    def _speaks_of(self, field: Field) -> bool:
        return without_field(self._where, field) != normalise(self._where)

    def _value(
        self, found: Facet, value: str, state: State, rows: int | None, most: int, compared: FacetBefore | None
    ) -> FacetValue:
        field = found.field
        is_only = chosen(self._where, field).included == (value,)
        sign = "~" if found.approximate else ""
        only, box, out = self._urls(field, value, state, is_only=is_only)
        return FacetValue(
            name=plain(value, TITLE_CHARACTERS) if value else "(empty)",
            shown=render(value, limit=CELL_CHARACTERS) if value else Markup('<span class="ctl">(empty)</span>'),
            level=value if field == LEVEL and value in LEVELS else "",
            count="" if rows is None else f"{sign}{compact(rows)}",
            count_label="not counted" if rows is None else f"{sign}{number(rows)} {'row' if rows == 1 else 'rows'}",
            share=max(1, round(100 * rows / most)) if rows else 0,
            state=state,
            is_only=is_only,
            is_zero=rows == 0,
            only_url=only,
            box_url=box,
            out_url=out,
            delta=compared.delta(value, is_bad=field == LEVEL and value in ERRORS) if compared else None,
        )

    def _urls(self, field: Field, value: str, state: State, *, is_only: bool) -> tuple[str, str, str]:
        if not is_typeable(Match(field, Operator.EQUALS, (value,))):
            return "", "", ""
        where = self._where
        included = chosen(where, field).included

        def released() -> Node:
            return without_value(where, field, value)

        only = self._url(released if is_only else lambda: with_values(where, field, (value,)))
        box = self._url(released if state else lambda: with_values(where, field, (*included, value)))
        out = self._url(
            released if state == "out" else lambda: with_term(where, Not(Match(field, Operator.EQUALS, (value,))))
        )
        return only, box, out

    def _url(self, change: Callable[[], Node]) -> str:
        try:
            return self._query_url(self._print(change()))
        except InexpressibleError:
            return ""

    def _print(self, node: Node) -> str:
        """Print a search that shares most of its terms with the others: each of them is printed once."""
        items: Sequence[Node] = () if node == EVERYTHING else terms(node)
        printed = [self._term(item) for item in items]
        if len(items) == 1:
            return printed[0]
        return " ".join(
            f"({text})" if isinstance(item, Or) else text for item, text in zip(items, printed, strict=True)
        )

    def _term(self, item: Node) -> str:
        if item not in self._printed:
            self._printed[item] = print_query(item)
        return self._printed[item]
