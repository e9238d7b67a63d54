"""One row in full, from the log store, with the addresses of what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import request

from webapp.errors import NotFound
from webapp.language.printing import print_query
from webapp.language.timebox import TimeBox
from webapp.language.tree import TRACE_ID, Field, Match, Node, Not, Operator
from webapp.pages.logs.columns import FIELDS, MOST_COLUMNS, print_columns, toggled
from webapp.pages.logs.context import Asked, ContextView, load_context
from webapp.pages.logs.detail import Detail, DetailUrls, detail_view
from webapp.pages.logs.group_keys import KEY_CHARACTERS
from webapp.pages.logs.hits import needles
from webapp.pages.logs.rows import read_row_key
from webapp.pages.logs.terms import query_with
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.scope import SECOND_NS, TimeRange
from webapp.services import logs
from webapp.services.logs import LogRow

TABS = ("fields", "json", "context")
TRACE_NS = 3600 * SECOND_NS  # before and after a row, rows of its trace are looked for


def load_detail(view: Explorer, key: str) -> Detail:
    """Load one row in full.

    Raises:
        NotFound: the key is none, or the row is not (or no longer) there.
        HedgerowError: the log store is away or at a limit.
    """
    row = logs.find_row(view.project.id, *read_row_key(key))
    if row is None:
        raise NotFound("This row is not here any more: rows leave when the project's retention is over.")
    addresses, state = Addresses(view.project, view.state, view.window), view.state
    tab = request.args.get("as", "")
    tab = tab if tab in TABS else TABS[0]

    def here(**extra: str) -> str:
        return addresses.at(state.query_string(row=key, **view.place, **extra))

    def term_url(term: Match | Not) -> str:
        return addresses.searching(query_with(view.reading.where, term))

    def column_url(field: Field) -> tuple[str, bool]:
        columns = view.reading.columns
        is_column = any(column.field == field for column in columns)
        is_possible = field.kind != "column" or field in FIELDS
        if not is_possible or len(field.name) > KEY_CHARACTERS or (len(columns) == MOST_COLUMNS and not is_column):
            return "", False
        return here(cols=print_columns(toggled(columns, field))), is_column

    return detail_view(
        row,
        zone=view.reading.zone,
        zone_name=view.zone_name,
        urls=DetailUrls(
            close=view.close_url,
            fields=here(),
            json=here(**{"as": "json"}),
            context=here(**{"as": "context"}),
            trace=_trace_url(addresses, row),
            whole=here(whole="1", **({"as": "json"} if tab == "json" else {})),
        ),
        term_url=term_url,
        column_url=column_url,
        needles=needles(view.reading.where),
        tab=tab,
        whole="whole" in request.args,
        context=_context(view, addresses, row, here) if tab == "context" else None,
    )


def _context(view: Explorer, addresses: Addresses, row: LogRow, here: Callable[..., str]) -> ContextView:
    def these(keys: Mapping[str, str]) -> str:
        return here(**{"as": "context"}, **keys)

    def list_url(where: Node, window: TimeRange) -> str:
        box = TimeBox.zoomed(window.start_ns, window.end_ns)
        return addresses.searching(print_query(where), t=box.to_url())

    return load_context(
        view.project.id,
        row,
        Asked.read(request.args),
        zone=view.reading.zone,
        needles=needles(view.reading.where),
        here=these,
        row_url=lambda key: addresses.at(view.state.query_string(row=key, **view.place)),
        list_url=list_url,
    )


def _trace_url(addresses: Addresses, row: LogRow) -> str:
    """Return the address of all rows of the row's trace, whenever in two hours they are; empty if it has none."""
    if not row.trace_id.strip("0"):
        return ""
    box = TimeBox.zoomed(max(row.timestamp_ns - TRACE_NS, 0), row.timestamp_ns + TRACE_NS)
    where = Match(TRACE_ID, Operator.EQUALS, (row.trace_id.lower(),))
    return addresses.searching(print_query(where), t=box.to_url())
