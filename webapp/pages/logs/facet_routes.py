"""The facets of the explorer, which load by themselves, and those that a person adds."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from webapp.errors import HedgerowError, ValidationFailed
from webapp.pages.access import actor, require_sign_in
from webapp.pages.logs.action_load import load_actions
from webapp.pages.logs.facet_load import load_facet, load_facets
from webapp.pages.logs.facets import read_field
from webapp.pages.logs.load import load_list
from webapp.pages.logs.routes import read
from webapp.pages.logs.suggestions import suggested_keys
from webapp.pages.logs.view import Addresses, Explorer
from webapp.pages.render import is_htmx, render, render_fragment
from webapp.services.facet_pins import pin, unpin

MOST_SUGGESTED = 40

blueprint = Blueprint("facets", __name__, url_prefix="/p/<slug>/logs/facets")
require_sign_in(blueprint)


@blueprint.get("")
def column(slug: str) -> ResponseReturnValue:
    """All facets."""
    return _column(read(slug))


@blueprint.get("/values")
def values(slug: str) -> ResponseReturnValue:
    """The values of one facet, as many as are counted, or those with a text in them."""
    view = read(slug)
    try:
        facet = load_facet(view)
        return render_fragment("logs/_facet_values.html", facet=facet, uncompared=view.facets_uncompared)
    except HedgerowError as error:
        return render_fragment("logs/_facet_failed.html", error=error, retry_url=request.full_path)


@blueprint.get("/keys")
def keys(slug: str) -> ResponseReturnValue:
    """Keys that may become facets or columns, for the browser to suggest; none where they cannot be found out."""
    view = read(slug)
    try:
        found = suggested_keys(view, MOST_SUGGESTED, _typed_key())
    except HedgerowError:
        found = []
    return render_fragment("logs/_facet_keys.html", keys=found)


def _typed_key() -> str:
    """Return what is typed into the box for a facet, or into the last one of those for columns."""
    return request.args.get("key") or ["", *request.args.getlist("cols")][-1]


@blueprint.post("/pin")
def pin_field(slug: str) -> ResponseReturnValue:
    """Add a facet of one's own."""
    view = read(slug)
    try:
        pin(view.project.id, read_field(request.form.get("key", "")), actor())
    except ValidationFailed as error:
        return _refused(view, error)
    return _changed(view)


@blueprint.post("/unpin")
def unpin_field(slug: str) -> ResponseReturnValue:
    """Remove a facet of one's own."""
    view = read(slug)
    unpin(view.project.id, read_field(request.form.get("key", "")), actor())
    return _changed(view)


def _column(view: Explorer) -> ResponseReturnValue:
    load_facets(view)
    return render_fragment("logs/_facets.html", view=view)


def _changed(view: Explorer) -> ResponseReturnValue:
    if is_htmx():
        return _column(view)
    addresses = Addresses(view.project, view.state, view.window)
    return redirect(f"{addresses.at(view.state.query_string(**addresses.bound(), inline='1'))}#facets")


def _refused(view: Explorer, error: ValidationFailed) -> ResponseReturnValue:
    """Say beside the field what is wrong with it; what was typed stays."""
    if is_htmx():
        response = render_fragment("logs/_facet_wrong.html", status=422, error=error)
        response.headers["HX-Retarget"] = "#facet-wrong"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    view.pin_error, view.pin_key = error, request.form.get("key", "")
    load_list(view)
    load_facets(view)
    load_actions(view)
    return render("logs/explorer.html", block="explorer", status=422, view=view)
