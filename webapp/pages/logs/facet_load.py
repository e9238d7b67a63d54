"""Fill the facets of the explorer's view model from the log store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_login import current_user

from webapp.errors import HedgerowError
from webapp.language.printing import print_key
from webapp.language.tree import Field
from webapp.pages.logs.facets import ALWAYS, USUAL, FacetLayout, FacetUrls, FacetView, read_field
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.scope import TimeRange
from webapp.services.facet_pins import pins_of
from webapp.services.log_facets import Facet, find_facets

TEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """The one facet that is looked at more closely, by its key, and a piece of the values wanted; empty is none."""

    key: str = ""
    text: str = ""


def asked() -> Asked:
    """Read from the address which facet is looked at more closely."""
    return Asked(request.args.get("facet", "").strip(), request.args.get("find", "").strip()[:TEXT_CHARACTERS])


def load_facets(view: Explorer) -> None:
    """Load all facets, or the error that stands in their place."""
    if not view.reading.is_right:
        return
    closer = asked()
    one = read_field(closer.key) if closer.key else None
    pins = pins_of(current_user, view.project.id)
    fields = list(dict.fromkeys((*USUAL, *pins)))
    try:
        found = _find(view, fields, one, closer.text)
    except HedgerowError as error:
        view.facets_error = error
        return
    were = _find_before(view, fields, one, closer.text)
    lay_out = _Layout(view, pins)
    shown = [
        lay_out.facet(facet, closer.text if facet.field == one else "", whole=facet.field == one, before=before)
        for facet, before in zip(found, were, strict=True)
    ]
    kept = {*ALWAYS, *pins}
    view.facets = [
        facet for facet, source in zip(shown, found, strict=True) if facet.values or source.field in kept or facet.text
    ]


def _find(
    view: Explorer, fields: list[Field], one: Field | None, text: str, window: TimeRange | None = None
) -> list[Facet]:
    """Return the facets in the window of the page or in another; of one the values with a text in them, if any."""
    scope = scope_of(view.project.id, view.reading, window or view.window)
    if fields == [one]:
        return find_facets(scope, fields, text=text)
    found = find_facets(scope, fields)
    if one in fields and text:
        [found[fields.index(one)]] = find_facets(scope, [one], text=text)
    return found


def _find_before(view: Explorer, fields: list[Field], one: Field | None, text: str) -> Sequence[Facet | None]:
    """Return the facets of the period before; none if that is not wanted, or has failed, which the page says."""
    if view.state.vs:
        try:
            return _find(view, fields, one, text, view.window.before)
        except HedgerowError as error:
            view.facets_uncompared = error
    return [None] * len(fields)


def load_facet(view: Explorer) -> FacetView:
    """Load one facet by itself, with all of its values that are counted.

    Raises:
        HedgerowError: the log store is away or at a limit.
    """
    closer = asked()
    field = read_field(closer.key)
    [found] = _find(view, [field], field, closer.text)
    [before] = _find_before(view, [field], field, closer.text)
    return _Layout(view, []).facet(found, closer.text, whole=True, before=before)


class _Layout:
    def __init__(self, view: Explorer, pins: list[Field]) -> None:
        self._view, self._pins = view, pins
        self._addresses = Addresses(view.project, view.state, view.window)
        self._layout = FacetLayout(view.reading.where, self._addresses.searching)

    def facet(self, found: Facet, text: str, *, whole: bool, before: Facet | None) -> FacetView:
        key = print_key(found.field)
        page = self._view.state.query_string(row="", **self._addresses.bound(), inline="1", facet=key)
        urls = FacetUrls(
            part=self._addresses.part("facets.values", facet=key),
            page=f"{self._addresses.at(page)}#facets",
        )
        return self._layout.facet(
            found, urls, is_pinned=found.field in self._pins, whole=whole, text=text, before=before
        )
