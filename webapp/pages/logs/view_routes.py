"""Saved views in the explorer: their menu, and saving what the page shows."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.errors import ValidationFailed
from webapp.models import SavedView
from webapp.pages.access import actor, require_sign_in
from webapp.pages.logs.action_load import FEW_VIEWS, MOST_LISTED, load_actions, view_items
from webapp.pages.logs.load import load_list
from webapp.pages.logs.routes import read
from webapp.pages.logs.saved import saved_values
from webapp.pages.logs.view import Addresses, Explorer
from webapp.pages.render import is_htmx, render, render_fragment
from webapp.services import views

blueprint = Blueprint("views", __name__, url_prefix="/p/<slug>/logs/views")
require_sign_in(blueprint)


@blueprint.get("")
def menu(slug: str) -> ResponseReturnValue:
    """The views of the project, or those with a text in their name, for the menu."""
    view = read(slug)
    text = request.args.get("find", "").strip()
    found, count = views.views_named(view.project.id, text, limit=MOST_LISTED)
    return render_fragment(
        "logs/_views_found.html" if "find" in request.args else "logs/_views_menu.html",
        items=view_items(view, found),
        more=count - len(found),
        find_url=request.full_path if count > FEW_VIEWS else "",
    )


@blueprint.post("")
def create(slug: str) -> ResponseReturnValue:
    """Save what the page shows under a name, and open it."""
    view = read(slug)
    return _save(view, lambda values: views.create_view(view.project.id, values, actor()))


@blueprint.post("/<short_id>")
def change(slug: str, short_id: str) -> ResponseReturnValue:
    """Let a view be what the page shows now, under the name that the form has."""
    view = read(slug)
    return _save(view, lambda values: views.change_view(view.project.id, short_id, values, actor(), whole=False))


@blueprint.post("/<short_id>/delete")
def delete(slug: str, short_id: str) -> ResponseReturnValue:
    """Delete a view; the page goes on to show what it shows."""
    view = read(slug)
    views.delete_view(view.project.id, short_id, actor())
    return redirect(_at(view, ""))


def _save(view: Explorer, save: Callable[[dict[str, object]], SavedView]) -> ResponseReturnValue:
    try:
        values = saved_values(view.reading, view.now)
        saved = save({"name": request.form.get("name", ""), "pinned": "pinned" in request.form, **values})
    except ValidationFailed as error:
        return _refused(view, error)
    return redirect(_at(view, saved.short_id))


def _at(view: Explorer, short_id: str) -> str:
    return Addresses(view.project, view.state, view.window).at(view.state.query_string(view=short_id, row=""))


def _refused(view: Explorer, error: ValidationFailed) -> Response:
    """Say beside the field what is wrong with it; what was typed stays."""
    if is_htmx():
        response = render_fragment("logs/_facet_wrong.html", status=422, error=error)
        response.headers["HX-Retarget"] = "#save-wrong"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    load_list(view)
    load_actions(view)
    if view.views:
        view.views.error = error
        view.views.name, view.views.pinned = request.form.get("name", ""), "pinned" in request.form
    return render("logs/explorer.html", block="explorer", status=422, view=view)
