"""Saved views ↔ the explorer's state.

A view holds the fields of a question to the API, which any client of it can read, and under ``explorer`` the keys of
the page's address. The address counts for as long as the fields say the same: whoever changes a view through the API
changes the fields alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.date_ranges import MomentError, TimeBoxError, print_dates_of, read_dates
from webapp.language.errors import InexpressibleError
from webapp.language.keys import COLUMN_BY_KEY
from webapp.language.parse import MAX_CHARACTERS
from webapp.language.printing import print_query, terms
from webapp.language.tree import LEVELS, And, Field, Node
from webapp.models import SavedView
from webapp.pages.logs.columns import FIELDS, Column, print_columns, read_columns, usual_width
from webapp.pages.logs.state import KEYS, Reading, read_address
from webapp.pages.logs.terms import UNTYPEABLE
from webapp.services.filter_printing import print_filters
from webapp.services.filters import where

EXPLORER = "explorer"
SEARCH_BYTES = 6_000  # of an address, which has other keys as well
_MAPS = {"attribute": "attributes.", "resource_attribute": "resource_attributes."}
_TEXTS = ("searchTerm", "sessionId", "q")
_SEARCH = ("severityLevels", "serviceNames", *_TEXTS, "resourceFingerprint", "filterGroup")
_ALWAYS_THERE = ("timestamp", "message", "body")  # of the columns that clients of the API may name
_OWN_KEYS = frozenset(KEYS) - {"view", "row"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A view as the page can show it: the keys of its address, and in words what it holds beyond that."""

    pairs: dict[str, str]
    unsaid: tuple[str, ...] = ()


def saved_values(reading: Reading, now: datetime) -> dict[str, Any]:
    """Return the filters and columns of a view that is saved in this state, without the row that is open.

    Raises:
        ValidationFailed: the search or the time cannot be read.
    """
    box = reading.state.time
    if box is None or not reading.is_right:
        raise ValidationFailed("The search or the time cannot be read: there is nothing to save yet.", attr="name")
    pairs = dict(reading.state.pairs(view="", row=""))
    filters: dict[str, Any] = {"dateRange": print_dates_of(box), **print_filters(reading.where, now)}
    if reading.state.sort == "asc":
        filters["orderBy"] = "earliest"
    return {"filters": {**filters, EXPLORER: pairs}, "columns": _columns(pairs.get("cols", ""))}


def open_saved(view: SavedView, now: datetime) -> Opened:
    """Return what the page shows of a view, whoever saved it."""
    own = view.filters.get(EXPLORER)
    pairs = {key: text for key, text in own.items() if isinstance(text, str)} if isinstance(own, dict) else {}
    pairs = {key: text for key, text in pairs.items() if key in _OWN_KEYS}
    if pairs == own and _is_as_saved(view, pairs, now):
        return Opened(pairs)
    reader = _Reader(now)
    said = {
        "q": reader.search(view.filters),
        "t": reader.time(view.filters.get("dateRange")),
        "sort": reader.order(view.filters.get("orderBy")),
        "cols": reader.columns(view.columns),
    }
    reader.refuse_others(view.filters)
    return Opened({key: text for key, text in {**pairs, **said}.items() if text}, tuple(reader.unsaid))


def _is_as_saved(view: SavedView, pairs: Mapping[str, str], now: datetime) -> bool:
    try:
        return saved_values(read_address(pairs, now, ""), now) == {"filters": view.filters, "columns": view.columns}
    except ValidationFailed:
        return False


class _Reader:
    """Reads the fields of a question, and notes what a search box, a time box or the list cannot say."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.unsaid: list[str] = []

    def search(self, filters: Mapping[str, Any]) -> str:
        kept: list[Node] = []
        for name in _SEARCH:
            for term in self._terms(name, filters.get(name)):
                text = _search_text([*kept, term])
                if text is None:
                    self.unsaid.append(f"{name} (a search cannot say all of it)")
                    break
                kept.append(term)
        return _search_text(kept) or ""

    def _terms(self, name: str, value: Any) -> tuple[Node, ...]:
        if value in (None, "", [], {}):
            return ()
        try:
            _check(name, value)
            return terms(where({name: value}, self._now))
        except ValidationFailed as error:
            self.unsaid.append(f"{name} ({_first_sentence(error.detail)})")
            return ()

    def time(self, dates: Any) -> str:
        if dates in (None, {}):
            return ""
        start, end = (dates.get("date_from"), dates.get("date_to")) if isinstance(dates, dict) else (dates, dates)
        if not (isinstance(start, str | None) and isinstance(end, str | None)):
            self.unsaid.append("dateRange")
            return ""
        try:
            box, is_same = read_dates(start, end, self._now)
        except (MomentError, TimeBoxError) as error:
            self.unsaid.append(f"dateRange ({_first_sentence(error.detail)})")
            return ""
        if not is_same:
            self.unsaid.append(f"dateRange (shown as {box.label(self._now)})")
        return box.to_url()

    def order(self, order: Any) -> str:
        if order not in (None, "latest", "earliest"):
            self.unsaid.append("orderBy")
        return "asc" if order == "earliest" else ""

    def columns(self, columns: list[Any] | None) -> str:
        if columns is None:
            return ""
        named = [(name, _column(name)) for name in columns if name not in _ALWAYS_THERE]
        self.unsaid += [f"column {name}"[:60] for name, field in named if field is None]
        return print_columns([Column(field, usual_width(field)) for _, field in named if field is not None])

    def refuse_others(self, filters: Mapping[str, Any]) -> None:
        known = {*_SEARCH, "dateRange", "orderBy", EXPLORER}
        self.unsaid += [name[:60] for name, value in filters.items() if name not in known and value not in (None, "")]


def _first_sentence(detail: str) -> str:
    return detail.partition(". ")[0].rstrip(".")


def _check(name: str, value: Any) -> None:
    """Refuse what the API would refuse in a question; a view may hold any JSON."""
    if name in _TEXTS and not isinstance(value, str):
        raise ValidationFailed("Must be a text.")
    if name in ("severityLevels", "serviceNames"):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValidationFailed("Must be a list of texts.")
        if name == "severityLevels" and not set(value) <= set(LEVELS):
            raise ValidationFailed(f"Levels are {', '.join(LEVELS)}.")
    if name == "resourceFingerprint" and not (str(value).isascii() and str(value).isdigit() and len(str(value)) <= 20):
        raise ValidationFailed("Must be digits.")


def _search_text(kept: list[Node]) -> str | None:
    """Return the text of a search with these terms, if a search box and an address can hold one."""
    try:
        text = print_query(And(tuple(kept))) if kept else ""
    except InexpressibleError:
        return None
    fits = len(text) <= MAX_CHARACTERS and len(quote(text)) <= SEARCH_BYTES and not UNTYPEABLE.search(text)
    return text if fits else None


def _columns(keys: str) -> list[str] | None:
    """Return columns of the list as the API names them."""
    if not keys:
        return None
    return [_MAPS.get(column.field.kind, "") + column.field.name for column in read_columns(keys)[0]]


def _column(name: Any) -> Field | None:
    """Return the column that a client of the API means, if the list can have it."""
    if not isinstance(name, str):
        return None
    for kind, prefix in _MAPS.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            key = name.removeprefix(prefix)
            return tree.attribute(key) if kind == "attribute" else tree.resource_attribute(key)
    field = COLUMN_BY_KEY.get(name)
    return field if field in FIELDS else None
