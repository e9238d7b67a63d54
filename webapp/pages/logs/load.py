"""Fill the explorer's view model from the log store, one part at a time, so that one failing part blanks no other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from flask import request
from flask_login import current_user

from webapp.errors import HedgerowError, NotFound, ValidationFailed
from webapp.extensions import settings
from webapp.language.tree import Match, Not
from webapp.models import Project
from webapp.pages.logs.detail import Detail, DetailUrls, detail_view
from webapp.pages.logs.hits import needles
from webapp.pages.logs.rows import Block, read_row_key, row_views
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.terms import query_with
from webapp.pages.logs.times import at
from webapp.pages.logs.view import Addresses, Explorer, summary_view
from webapp.pages.snippets import how_to_send
from webapp.queries.cursor import Cursor, CursorError
from webapp.services import logs
from webapp.services.accounts import OWN_SLUG
from webapp.services.logs import LogRow
from webapp.services.projects import projects_of
from webapp.services.tokens import ingestion_token

PAGE_ROWS = 100


def load_rows(view: Explorer, after: str = "") -> Block:
    """Load one block of rows, from the beginning or after a cursor, and note what it cost.

    Raises:
        ValidationFailed: the cursor cannot be read.
        HedgerowError: the log store is away or at a limit.
    """
    ascending = view.state.sort == "asc"
    try:
        cursor = Cursor.decode(after) if after else None
    except CursorError as error:
        raise ValidationFailed(str(error), attr="after") from None
    scope = scope_of(view.project.id, view.reading, view.window)
    page = logs.search(scope, latest_first=not ascending, limit=PAGE_ROWS, after=cursor, with_attributes=False)
    view.stats = page.stats
    day_before = at(cursor.timestamp_ns, view.reading.zone).date() if cursor else None
    next_cursor = page.next_cursor.encode() if page.has_more and page.next_cursor else ""
    end_text = f"That is every row between {view.range_label} {view.zone_name}."
    return block_of(view, page.rows, day_before=day_before, next_cursor=next_cursor, end_text=end_text)


def block_of(
    view: Explorer, rows: Sequence[LogRow], *, day_before: date | None = None, next_cursor: str = "", end_text: str = ""
) -> Block:
    """Lay out a run of rows of the list."""
    addresses = Addresses(view.project, view.state, view.window)
    return Block(
        rows=row_views(rows, view.reading.zone, needles(view.reading.where), day_before),
        row_url_stem=addresses.row_stem(view.place),
        open_key=view.state.row,
        next_url=addresses.part("logs.rows", after=next_cursor) if next_cursor else "",
        next_page_url=addresses.at(view.state.query_string(row="", **addresses.bound(), after=next_cursor))
        if next_cursor
        else "",
        ascending=view.state.sort == "asc",
        end_text=end_text,
    )


def load_list(view: Explorer) -> None:
    """Load the first rows into the page, or what stands in their place: an error, or how to send the first log."""
    if not view.reading.is_right:
        return
    try:
        view.blocks = load_rows(view, request.args.get("after", ""))
        shown = len(view.blocks.rows)
        view.rows_shown = f"{shown}+ rows" if view.blocks.next_url else f"{shown} {'row' if shown == 1 else 'rows'}"
        if not shown and not logs.has_logs(view.project.id):
            show_start(view)
        elif view.project.slug == OWN_SLUG:
            view.visiting = _waiting_project()
    except HedgerowError as error:
        view.error = error


def show_start(view: Explorer) -> None:
    """Show how to send the first log."""
    view.empty_project = True
    with suppress(NotFound):  # every token is revoked: the page says so
        view.sending = how_to_send(settings.base_url, ingestion_token(view.project.id))


def load_summary(view: Explorer) -> None:
    """Load the chart and the count, or the error that stands in their place."""
    try:
        histogram = logs.histogram(scope_of(view.project.id, view.reading, view.window))
        view.summary = summary_view(view, histogram)
    except HedgerowError as error:
        view.summary_error = error


def load_detail(view: Explorer, key: str) -> Detail:
    """Load one row in full.

    Raises:
        NotFound: the key is none, or the row is not (or no longer) there.
    """
    row = logs.find_row(view.project.id, *read_row_key(key))
    if row is None:
        raise NotFound("This row is not here any more: rows leave when the project's retention is over.")
    addresses = Addresses(view.project, view.state, view.window)

    def here(**extra: str) -> str:
        return addresses.at(view.state.query_string(row=key, **view.place, **extra))

    def term_url(term: Match | Not) -> str:
        return addresses.searching(query_with(view.reading.where, term))

    tab = "json" if request.args.get("as") == "json" else "fields"
    return detail_view(
        row,
        zone=view.reading.zone,
        zone_name=view.zone_name,
        urls=DetailUrls(
            close=view.close_url,
            fields=here(),
            json=here(**{"as": "json"}),
            whole=here(whole="1", **({"as": "json"} if tab == "json" else {})),
        ),
        term_url=term_url,
        needles=needles(view.reading.where),
        tab=tab,
        whole="whole" in request.args,
    )


def _waiting_project() -> Project | None:
    """Return a project of the person's own that has no logs yet, to point at from Hedgerow's own logs."""
    for project in projects_of(current_user):
        if project.slug != OWN_SLUG:
            return None if logs.has_logs(project.id) else project
    return None
