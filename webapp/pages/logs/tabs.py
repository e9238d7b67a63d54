"""The tabs over the list: the same rows as a list, as patterns, or grouped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from webapp.errors import HedgerowError
from webapp.language.tree import Field, Match, Not, attribute, resource_attribute
from webapp.pages.logs.groups import MOST_GROUPS, GroupsView, groups_view, suggested
from webapp.pages.logs.load import ADDRESS_BYTES, show_start
from webapp.pages.logs.patterns import MOST_PATTERNS, PatternsView, patterns_view
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.terms import is_typeable, query_with_all
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.attribute_keys import Wanted
from webapp.queries.scope import Scope
from webapp.services import logs
from webapp.services.log_attributes import find_keys
from webapp.services.log_groups import find_groups
from webapp.services.log_patterns import find_patterns

MOST_SUGGESTIONS = 150  # of each kind


def open_tab(view: Explorer, *, inline: bool) -> None:
    """Prepare the page of a tab other than the list, with its table if that shall not load by itself."""
    if not view.reading.is_right:
        return
    try:
        if not logs.has_logs(view.project.id):
            show_start(view)
            return
    except HedgerowError as error:
        view.error = error
        return
    if inline:
        load_panel(view)


def load_panel(view: Explorer) -> None:
    """Load the table of the tab, or the error that stands in its place."""
    try:
        view.panel = _load_patterns(view) if view.state.tab == "patterns" else _load_groups(view)
    except HedgerowError as error:
        view.panel_error = error


def _load_patterns(view: Explorer) -> PatternsView:
    found = find_patterns(scope_of(view.project.id, view.reading, view.window), max_patterns=MOST_PATTERNS)
    return patterns_view(found, zone=view.reading.zone, term_url=lambda term, tab: _terms_url(view, [term], tab))


def _load_groups(view: Explorer) -> GroupsView:
    addresses = Addresses(view.project, view.state, view.window)
    scope = scope_of(view.project.id, view.reading, view.window)
    fields = view.reading.group_fields
    return groups_view(
        find_groups(scope, fields, order=view.state.order, limit=MOST_GROUPS),
        fields,
        order=view.state.order,
        suggestions=suggested(_keys(view)),
        zone=view.reading.zone,
        terms_url=lambda terms, tab: _terms_url(view, terms, tab),
        order_url=lambda order: addresses.at(view.state.query_string(order=order, row="")),
    )


def _keys(view: Explorer) -> list[Field]:
    """Return the most frequent keys of the time, whatever is searched for; none if they cannot be had."""
    scope, found = Scope(view.project.id, view.window), list[Field]()
    with suppress(HedgerowError):
        for kind, make in (("log", attribute), ("resource", resource_attribute)):
            found += [make(key.name) for key in find_keys(scope, Wanted(kind), limit=MOST_SUGGESTIONS, offset=0).keys]
    return found


def _terms_url(view: Explorer, terms: Sequence[Match | Not], tab: str) -> str:
    if not all(map(is_typeable, terms)):
        return ""
    query = query_with_all(view.reading.where, terms)
    if query is None:
        return ""
    address = Addresses(view.project, view.state, view.window).at(view.state.query_string(q=query, tab=tab, row=""))
    return address if len(address) <= ADDRESS_BYTES else ""
