"""The saved views of a project: found by their names, renamed, pinned, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.errors import ValidationFailed
from webapp.models import Project, SavedView
from webapp.pages.access import actor, open_project, require_sign_in
from webapp.pages.logs.saved import open_saved
from webapp.pages.logs.state import read_address
from webapp.pages.logs.text import plain, render
from webapp.pages.settings.frame import frame
from webapp.services.views import change_view, delete_view, views_named

PAGE_VIEWS = 50
NAME_CHARACTERS = 120
SEARCH_CHARACTERS = 200
SAVING = timedelta(minutes=1)  # times are shown to the minute

blueprint = Blueprint("saved_views", __name__, url_prefix="/p/<slug>/settings/views")
require_sign_in(blueprint)


@dataclass(frozen=True, slots=True)
class Line:
    """A view as the page shows it: every text in it is of somebody's making."""

    view: SavedView
    name: str
    owner: str
    search: Markup
    time_label: str
    is_changed: bool
    unsaid: tuple[str, ...]
    url: str


@blueprint.get("")
def views(slug: str) -> ResponseReturnValue:
    """List the views, pinned ones first; ``find`` is a part of their names, ``offset`` where a later page begins."""
    return _page(open_project(slug))


@blueprint.post("/<short_id>/name")
def rename(slug: str, short_id: str) -> ResponseReturnValue:
    """Give a view another name."""
    project = open_project(slug)
    name = request.form.get("name", "")
    try:
        change_view(project.id, short_id, {"name": name}, actor(), whole=False)
    except ValidationFailed as error:
        return _page(project, error=error, error_at=short_id, typed=name), 422
    return _back(slug)


@blueprint.post("/<short_id>/pin")
def pin(slug: str, short_id: str) -> ResponseReturnValue:
    """Put a view before the others, or back among them."""
    pinned = request.form.get("pinned") == "1"
    change_view(open_project(slug).id, short_id, {"pinned": pinned}, actor(), whole=False)
    return _back(slug)


@blueprint.post("/<short_id>/delete")
def delete(slug: str, short_id: str) -> ResponseReturnValue:
    """Delete a view."""
    delete_view(open_project(slug).id, short_id, actor())
    return _back(slug)


def _back(slug: str) -> ResponseReturnValue:
    return redirect(_at(slug, {"find": _find(), "offset": _offset()}))


def _at(slug: str, place: Mapping[str, Any]) -> str:
    return url_for("saved_views.views", slug=slug, **{name: value for name, value in place.items() if value})


def _find() -> str:
    return request.args.get("find", "").strip()


def _offset() -> int:
    text = request.args.get("offset", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _page(project: Project, **context: Any) -> str:
    find, offset = _find(), _offset()
    found, count = views_named(project.id, find, limit=PAGE_VIEWS, offset=offset)
    place = {"find": find, "offset": offset}
    return render_template(
        "settings/views.html",
        **frame("saved_views.views", project),
        lines=[_line(project, view) for view in found],
        count=count,
        find=find,
        shows_find=bool(find) or count > PAGE_VIEWS // 5,
        place={name: value for name, value in place.items() if value},
        earlier_url=_at(project.slug, {**place, "offset": max(offset - PAGE_VIEWS, 0)}) if offset else "",
        later_url=_at(project.slug, {**place, "offset": offset + PAGE_VIEWS}) if offset + PAGE_VIEWS < count else "",
        **context,
    )


def _line(project: Project, view: SavedView) -> Line:
    now = datetime.now(UTC)
    opened = open_saved(view, now)
    reading = read_address(opened.pairs, now, project.timezone)
    return Line(
        view=view,
        name=plain(view.name, NAME_CHARACTERS),
        owner=plain(view.created_by.name or view.created_by.email, NAME_CHARACTERS) if view.created_by else "",
        search=render(reading.state.q, limit=SEARCH_CHARACTERS),
        time_label=reading.state.time.label(now, reading.zone) if reading.state.time else "",
        is_changed=view.updated_at - view.created_at > SAVING,
        unsaid=tuple(plain(text, SEARCH_CHARACTERS) for text in opened.unsaid),
        url=url_for("logs.search", slug=project.slug, view=view.short_id),
    )
