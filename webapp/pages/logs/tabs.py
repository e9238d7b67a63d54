"""The tabs over the list: the same rows as a list, as patterns, or grouped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from flask import g

from webapp.errors import HedgerowError
from webapp.language.printing import print_key
from webapp.language.timebox import TimeBox
from webapp.language.tree import Match, Not
from webapp.pages.logs.groups import MOST_GROUPS, GroupsView, groups_view
from webapp.pages.logs.load import show_start
from webapp.pages.logs.patterns import MOST_PATTERNS, PatternsView, patterns_view
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.suggestions import suggested_keys
from webapp.pages.logs.terms import is_typeable, query_with_all
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.groups import COLUMNS
from webapp.services import logs
from webapp.services.log_groups import find_groups
from webapp.services.log_patterns import find_patterns
from webapp.services.log_stats import Stats
from webapp.store.asker import Asker

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
    """Load the table of the tab and what it cost, or the error that stands in its place."""
    try:
        view.panel = _load_patterns(view) if view.state.tab == "patterns" else _load_groups(view)
    except HedgerowError as error:
        view.panel_error = error
    asker: Asker = g.asker
    view.panel_stats = Stats(asker.elapsed_ms, asker.rows_read, asker.bytes_read)


def _load_patterns(view: Explorer) -> PatternsView:
    before = view.window.before

    def term_url(term: Match | Not, tab: str, is_gone: bool) -> str:
        earlier = {"t": TimeBox.zoomed(before.first_ns, before.stop_ns).to_url()} if is_gone else {}
        return _terms_url(view, [term], tab, **earlier)

    found = find_patterns(
        scope_of(view.project.id, view.reading, view.window),
        before=before if view.state.vs else None,
        max_patterns=MOST_PATTERNS,
    )
    return patterns_view(found, zone=view.reading.zone, term_url=term_url)


def _load_groups(view: Explorer) -> GroupsView:
    addresses = Addresses(view.project, view.state, view.window)
    scope = scope_of(view.project.id, view.reading, view.window)
    fields = view.reading.group_fields
    return groups_view(
        find_groups(scope, fields, order=view.state.order, limit=MOST_GROUPS),
        fields,
        order=view.state.order,
        suggestions=_suggestions(view),
        zone=view.reading.zone,
        terms_url=lambda terms, tab: _terms_url(view, terms, tab),
        order_url=lambda order: addresses.at(view.state.query_string(order=order, row="")),
    )


def _suggestions(view: Explorer) -> list[str]:
    """Return keys to group by, columns first; these alone if others cannot be had."""
    found = [print_key(field) for field in COLUMNS]
    with suppress(HedgerowError):
        found += suggested_keys(view, MOST_SUGGESTIONS)
    return list(dict.fromkeys(found))


def _terms_url(view: Explorer, terms: Sequence[Match | Not], tab: str, **changes: str) -> str:
    if not all(map(is_typeable, terms)):
        return ""
    query = query_with_all(view.reading.where, terms)
    return Addresses(view.project, view.state, view.window).searching(query, tab=tab, **changes)
