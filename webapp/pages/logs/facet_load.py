"""Fill the facets of the explorer's view model from the log store."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_login import current_user

from webapp.errors import HedgerowError
from webapp.language.printing import print_key
from webapp.language.tree import Field
from webapp.pages.logs.facets import ALWAYS, USUAL, FacetLayout, FacetUrls, FacetView, read_field
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.view import Addresses, Explorer
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
        found = find_facets(scope_of(view.project.id, view.reading, view.window), fields)
        if one in fields and closer.text:
            found[fields.index(one)] = _one(view, one, closer.text)
    except HedgerowError as error:
        view.facets_error = error
        return
    lay_out = _Layout(view, pins)
    shown = [
        lay_out.facet(facet, closer.text if facet.field == one else "", whole=facet.field == one) for facet in found
    ]
    kept = {*ALWAYS, *pins}
    view.facets = [
        facet for facet, source in zip(shown, found, strict=True) if facet.values or source.field in kept or facet.text
    ]


def load_facet(view: Explorer) -> FacetView:
    """Load one facet by itself, with all of its values that are counted.

    Raises:
        HedgerowError: the log store is away or at a limit.
    """
    closer = asked()
    field = read_field(closer.key)
    return _Layout(view, []).facet(_one(view, field, closer.text), closer.text, whole=True)


def _one(view: Explorer, field: Field, text: str) -> Facet:
    [found] = find_facets(scope_of(view.project.id, view.reading, view.window), [field], text=text)
    return found


class _Layout:
    def __init__(self, view: Explorer, pins: list[Field]) -> None:
        self._view, self._pins = view, pins
        self._addresses = Addresses(view.project, view.state, view.window)
        self._layout = FacetLayout(view.reading.where, self._addresses.searching)

    def facet(self, found: Facet, text: str, *, whole: bool) -> FacetView:
        key = print_key(found.field)
        page = self._view.state.query_string(row="", **self._addresses.bound(), inline="1", facet=key)
        urls = FacetUrls(
            part=self._addresses.part("facets.values", facet=key),
            page=f"{self._addresses.at(page)}#facets",
        )
        return self._layout.facet(found, urls, is_pinned=found.field in self._pins, whole=whole, text=text)
