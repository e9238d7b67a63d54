"""``/p/<slug>/services``: which services log, how much, and how much of it is errors."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import HedgerowError
from webapp.language.tree import EVERYTHING
from webapp.pages.access import open_project, require_sign_in
from webapp.pages.logs.state import window_of
from webapp.pages.services.state import read_state
from webapp.pages.services.view import Page, fill, page_view
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs
from webapp.services.log_services import find_services

blueprint = Blueprint("services", __name__, url_prefix="/p/<slug>/services")
require_sign_in(blueprint)


@blueprint.get("", strict_slashes=False)
def services(slug: str) -> ResponseReturnValue:
    """Show the table; or why there is none, in its place."""
    project, now = open_project(slug), datetime.now(UTC)
    state = read_state(request.args, now, project.timezone)
    window = window_of(state.reading, {}, now)
    page = page_view(project, state, window, now)
    if page.wrong:
        return render_template("services/services.html", view=page), 422
    typed = request.args.get("t", "").strip()
    if typed and typed != state.reading.state.time_text:  # 14:02 would be another moment tomorrow
        return redirect(f"{page.page_url}?{state.query_string()}")
    _load(page, window)
    response = render_template("services/services.html", view=page)
    if page.error is None:
        return response
    retry = {"Retry-After": str(page.error.retry_after_s)} if page.error.retry_after_s else {}
    return response, page.error.status, retry


def _load(page: Page, window: TimeRange) -> None:
    try:
        fill(page, find_services(Scope(page.project.id, window, EVERYTHING), text=page.state.name))
        page.is_empty_project = not page.lines and not logs.has_logs(page.project.id)
    except HedgerowError as error:
        page.error = error
