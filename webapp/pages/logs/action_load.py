"""Fill the actions of the status line: the saved view that is open, and the files of the search."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import url_for
from flask_login import current_user

from webapp.errors import HedgerowError, NotFound
from webapp.models import Role, SavedView
from webapp.pages.formats import number, size
from webapp.pages.logs.actions import Export, FileForm, OpenView, ViewItem, ViewsBar
from webapp.pages.logs.saved import open_saved
from webapp.pages.logs.state import KEYS, read_address
from webapp.pages.logs.text import plain
from webapp.pages.logs.view import Addresses, Explorer
from webapp.services.log_download import MOST_ROWS, Size
from webapp.services.projects import require_role
from webapp.services.views import find_view

FEW_VIEWS = 8  # more than that want to be searched
MOST_LISTED = 50
NAME_CHARACTERS = 120
UNSAID_CHARACTERS = 200
# What a row of each form takes beside its texts, as measured on the demo: the names of its fields above all.
FORMS = {
    "csv": ("CSV", "for spreadsheets", 240),
    "jsonl": ("JSON Lines", "a log a line, exact", 560),
    "json": ("JSON", "one document, exact", 560),
}


def load_actions(view: Explorer) -> None:
    """Load the actions of the status line; an open view that is not there any more is said to be ignored."""
    state, addresses = view.state, Addresses(view.project, view.state, view.window)
    found = _open_view(view)
    if state.view and found is None:
        view.ignored = (*view.ignored, f"view={state.view}")
    slug = view.project.slug
    role = require_role(current_user, view.project.id, Role.VIEWER).role
    query = state.query_string(row="")
    view.views = ViewsBar(
        may_save=role.includes(Role.MEMBER),
        open=found,
        name=found.name if found else "",
        pinned=found.pinned if found else False,
        menu_url=addresses.part("views.menu"),
        all_url=url_for("saved_views.views", slug=slug),
        leave_url=addresses.at(state.query_string(view="", row="")),
        create_url=f"{url_for('views.create', slug=slug)}?{query}",
        change_url=f"{url_for('views.change', slug=slug, short_id=found.short_id)}?{query}" if found else "",
        delete_url=f"{url_for('views.delete', slug=slug, short_id=found.short_id)}?{query}" if found else "",
    )
    view.export = export_of(view)


def _open_view(view: Explorer) -> OpenView | None:
    if not view.state.view:
        return None
    try:
        saved = find_view(view.project.id, view.state.view)
    except NotFound:
        return None
    opened = open_saved(saved, view.now)
    as_saved = read_address(opened.pairs, view.now, view.project.timezone).state
    is_changed = as_saved.pairs(row="") != view.state.pairs(view="", row="")
    url = url_for("logs.search", slug=view.project.slug, view=saved.short_id)
    return OpenView(
        short_id=saved.short_id,
        name=saved.name,
        shown=plain(saved.name, NAME_CHARACTERS),
        pinned=saved.pinned,
        is_changed=is_changed,
        unsaid=tuple(plain(text, UNSAID_CHARACTERS) for text in opened.unsaid),
        url=url,
    )


def address_of(view: Explorer, saved: SavedView) -> str:
    """Return the address of the state that a view stands for, with the view open."""
    pairs = {**open_saved(saved, view.now).pairs, "view": saved.short_id}
    state = read_address(pairs, view.now, view.project.timezone).state
    return Addresses(view.project, state, view.window).at(state.query_string())


def is_bare(view: Explorer, args: Collection[str]) -> bool:
    """Whether an address names a view and nothing else of the state, and so stands for what was saved."""
    return bool(view.state.view) and not any(key in args for key in KEYS if key != "view")


def view_items(view: Explorer, saved: Sequence[SavedView]) -> list[ViewItem]:
    """Lay out views for the menu."""
    page = Addresses(view.project, view.state, view.window).page
    return [
        ViewItem(
            name=plain(one.name, NAME_CHARACTERS),
            pinned=one.pinned,
            current=one.short_id == view.state.view,
            url=f"{page}?view={one.short_id}",
        )
        for one in saved
    ]


def export_of(view: Explorer, found: Size | None = None, error: HedgerowError | None = None) -> Export:
    """Lay out the files of what the page shows, with how large they will be if it is known."""
    addresses = Addresses(view.project, view.state, view.window)
    query = view.state.query_string(view="", row="", **addresses.bound())
    forms = [
        FileForm(
            name=name,
            use=use,
            url=f"{addresses.page}.{kind}?{query}",
            size=f"about {size(_bytes(found, row_bytes))}" if found and found.rows else "",
        )
        for kind, (name, use, row_bytes) in FORMS.items()
    ]
    return Export(forms, addresses.part("downloads.size"), _line(view, found), found is None and error is None, error)


def _bytes(found: Size, row_bytes: int) -> int:
    rows = min(found.rows, MOST_ROWS)
    return rows * row_bytes + found.text_bytes * rows // found.rows


def _line(view: Explorer, found: Size | None) -> str:
    most = f"the {'earliest' if view.state.sort == 'asc' else 'latest'} {number(MOST_ROWS)}"
    if found is None:
        return f"At most {most} rows."
    if found.rows > MOST_ROWS:
        return f"{most.capitalize()} of {number(found.rows)} rows."
    return f"{number(found.rows)} {'row' if found.rows == 1 else 'rows'}."
