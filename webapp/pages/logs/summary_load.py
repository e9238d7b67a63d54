"""Fill the chart and the count of the explorer's view model from the log store."""

from __future__ import annotations

from flask import request
from flask_login import current_user

from webapp.errors import HedgerowError
from webapp.language.printing import print_key
from webapp.pages.logs.facets import TITLE_CHARACTERS, TITLES, USUAL
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.summary import Choice, summary_view
from webapp.pages.logs.text import plain
from webapp.pages.logs.view import Addresses, Explorer
from webapp.pages.render import is_htmx
from webapp.queries.scope import Scope
from webapp.services.facet_pins import pins_of
from webapp.services.log_breakdown import Breakdown, break_down, break_down_before


def load_summary(view: Explorer) -> None:
    """Load the chart and the count, or the error that stands in their place."""
    addresses = Addresses(view.project, view.state, view.window)
    scope = scope_of(view.project.id, view.reading, view.window)
    _choose(view, addresses)
    try:
        now = break_down(scope, view.reading.by_field)
        view.summary = summary_view(
            now,
            _before(scope, now) if view.state.vs else None,
            where=view.reading.where,
            zone=view.reading.zone,
            query_url=addresses.searching,
            zoom_url=addresses.zoomed,
        )
    except HedgerowError as error:
        view.summary_error = error


def _before(scope: Scope, now: Breakdown) -> Breakdown | HedgerowError:
    """Return the period before; a failure is told beside the chart, which can do without it."""
    try:
        return break_down_before(scope, now)
    except HedgerowError as error:
        return error


def _choose(view: Explorer, addresses: Addresses) -> None:
    """Say what the chart can be broken down by; on a page without scripts the chart is there after the choice, too."""
    inline = {"inline": "1"} if "inline" in request.args and not is_htmx() else {}
    current = view.reading.by_field
    fields = dict.fromkeys((*USUAL, *pins_of(current_user, view.project.id), current))
    view.chart.compare_url = addresses.at(view.state.query_string(vs=view.state.vs_turned, row="", **inline))
    view.chart.choices = [
        Choice(
            name=TITLES.get(field, "") or plain(field.name, TITLE_CHARACTERS),
            key=plain(print_key(field), TITLE_CHARACTERS),
            url=addresses.at(view.state.query_string(by=print_key(field), row="", **inline)),
            current=field == current,
        )
        for field in fields
    ]
