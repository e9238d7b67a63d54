"""The explorer: one page, and the parts of it that load by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.errors import HedgerowError
from webapp.language.timebox import TimeBoxError
from webapp.pages.access import current_page, open_project, require_sign_in
from webapp.pages.logs.action_load import address_of, is_bare, load_actions
from webapp.pages.logs.blocks import Place, load_block
from webapp.pages.logs.detail_load import load_detail
from webapp.pages.logs.facet_load import load_facets
from webapp.pages.logs.hints import hints as find_hints
from webapp.pages.logs.jumps import jump_url
from webapp.pages.logs.load import load_list
from webapp.pages.logs.state import read_address, window_of
from webapp.pages.logs.summary_load import load_summary
from webapp.pages.logs.tabs import load_panel, open_tab
from webapp.pages.logs.view import Explorer, explorer, wrong_moment
from webapp.pages.render import is_htmx, render, render_fragment
from webapp.services import logs
from webapp.services.views import find_view

blueprint = Blueprint("logs", __name__, url_prefix="/p/<slug>/logs")
require_sign_in(blueprint)

TOP = Place()
BOXES = ("cols", "group")  # a form sends each of their keys in a box of its own


def read(slug: str, place: Place = TOP) -> Explorer:
    """Read the address of the page or of a part of it, for a member of the project."""
    project = open_project(slug)
    now = datetime.now(UTC)
    boxes = {key: ",".join(request.args.getlist(key)) for key in BOXES if key in request.args}
    args = {**request.args, **boxes}
    reading = read_address(args, now, project.timezone)
    return explorer(project, reading, window_of(reading, request.args, now), now, g.get("request_id", ""), place.keys)


@blueprint.get("", strict_slashes=False)
def search(slug: str) -> ResponseReturnValue:
    """Show the explorer, or for htmx everything below the bar at the top."""
    view = read(slug, Place.read(request.args))
    if view.wrong and is_htmx():
        return _keep_results(view)
    if is_bare(view, request.args):
        return redirect(address_of(view, find_view(view.project.id, view.state.view)))
    if _was_typed(view):
        return redirect(view.self_url)
    if (moment := request.args.get("goto", "").strip()) and not view.wrong:
        return _go_to(view, moment)
    inline = "inline" in request.args and not is_htmx()
    if view.state.tab == "logs":
        load_list(view)
    else:
        open_tab(view, inline=inline)
    if inline and view.reading.is_right and not (view.error or view.empty_project):
        load_summary(view)
        load_facets(view)
    if view.state.row and view.state.tab == "logs" and view.reading.is_right:
        _open_row(view)
    load_actions(view)
    status = view.error.status if view.error else 422 if view.wrong else 200
    response = render("logs/explorer.html", block="explorer", status=status, view=view)
    if is_htmx():
        # Where one is already is no step: Back would lead nowhere.
        response.headers["HX-Push-Url"] = "false" if view.place_url == current_page() else view.place_url
    if view.error and view.error.retry_after_s:
        response.headers["Retry-After"] = str(view.error.retry_after_s)
    return response


def _go_to(view: Explorer, moment: str) -> ResponseReturnValue:
    try:
        return redirect(jump_url(view, moment))
    except TimeBoxError as error:
        view.wrong = wrong_moment(moment, error)
    if is_htmx():
        return _keep_results(view)
    load_actions(view)
    return render("logs/explorer.html", block="explorer", status=422, view=view)


def _was_typed(view: Explorer) -> bool:
    """Whether the address is as a form without scripts sends it.

    The time ``14:02`` would be another moment tomorrow, and each of the boxes for keys has sent its own.
    """
    typed = request.args.get("t", "").strip()
    has_boxes = any(len(request.args.getlist(key)) > 1 for key in BOXES)
    is_typed = has_boxes or (bool(typed) and typed != view.state.time_text)
    return is_typed and not (view.wrong or view.ignored or is_htmx())


def _open_row(view: Explorer) -> None:
    try:
        view.detail = load_detail(view, view.state.row)
    except HedgerowError as error:
        view.detail_error = error


def _keep_results(view: Explorer) -> Response:
    """Show what is wrong with the search under its box and leave the last result where it is."""
    response = render_fragment("logs/_wrong.html", status=422, view=view)
    response.headers["HX-Retarget"] = "#query-error"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


@blueprint.get("/rows")
def rows(slug: str) -> ResponseReturnValue:
    """The next block of rows."""
    view = read(slug)
    try:
        page = load_block(view, Place.read(request.args))
    except HedgerowError as error:
        return render_fragment("logs/_more_failed.html", error=error, retry_url=request.full_path)
    return render_fragment("logs/_rows.html", page=page)


@blueprint.get("/summary")
def summary(slug: str) -> ResponseReturnValue:
    """The histogram, and the count for the status line."""
    view = read(slug)
    load_summary(view)
    return render_fragment("logs/_summary_and_count.html", view=view)


@blueprint.get("/panel")
def panel(slug: str) -> ResponseReturnValue:
    """The table of a tab other than the list."""
    view = read(slug)
    load_panel(view)
    return render_fragment("logs/_panel.html", view=view)


@blueprint.get("/row/<key>")
def row(slug: str, key: str) -> ResponseReturnValue:
    """One row in full, for the place beside the list."""
    view = read(slug, Place.read(request.args))
    try:
        return render_fragment("logs/_detail.html", detail=load_detail(view, key))
    except HedgerowError as error:
        return render_fragment("logs/_detail_gone.html", error=error, close_url=view.close_url)


@blueprint.get("/hints")
def hints(slug: str) -> ResponseReturnValue:
    """What would have rows where the query has none."""
    view = read(slug)
    try:
        found = find_hints(view) if view.reading.is_right else []
    except HedgerowError as error:
        return render_fragment("logs/_hints.html", error=error)
    return render_fragment("logs/_hints.html", hints=found)


@blueprint.get("/arrival")
def arrival(slug: str) -> ResponseReturnValue:
    """Open the explorer as soon as the project has its first log; asked every two seconds until then."""
    project = open_project(slug)
    response = make_response("", 204)
    if logs.has_logs(project.id):
        response.headers["HX-Refresh"] = "true"
    return response
