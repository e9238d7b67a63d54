"""The rows of a search as a file: the address of the page, with ``.json``, ``.jsonl`` or ``.csv`` behind its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.errors import HedgerowError, ValidationFailed, error_response
from webapp.hangups import while_sending
from webapp.language.tree import Field
from webapp.models import Project
from webapp.pages.access import open_project, require_sign_in
from webapp.pages.logs.action_load import export_of
from webapp.pages.logs.columns import read_columns
from webapp.pages.logs.routes import read
from webapp.pages.logs.state import Reading, read_address, scope_of, window_of
from webapp.pages.logs.times import at
from webapp.pages.render import render_fragment
from webapp.queries.cursor import iso_nanoseconds
from webapp.queries.scope import TimeRange
from webapp.services.log_download import MOST_ROWS, Download, size_of, take_turn
from webapp.services.log_files import Csv, Form, Json, JsonLines, pieces

blueprint = Blueprint("downloads", __name__, url_prefix="/p/<slug>")
require_sign_in(blueprint)


@blueprint.get("/logs.json", defaults={"kind": "json"})
@blueprint.get("/logs.jsonl", defaults={"kind": "jsonl"})
@blueprint.get("/logs.csv", defaults={"kind": "csv"})
def download(slug: str, kind: str) -> ResponseReturnValue:
    """Send the rows in the order of the page, the first ones at once, and all others as they are taken."""
    project = open_project(slug)
    now = datetime.now(UTC)
    reading = read_address(request.args, now, project.timezone)
    try:
        if wrong := reading.wrong_query or reading.wrong_time:
            raise ValidationFailed(wrong.detail, attr="q" if reading.wrong_query else "t")
        return _file(project, reading, window_of(reading, request.args, now), kind)
    except HedgerowError as error:
        return _refusal(error, kind)


@blueprint.get("/logs/size")
def size(slug: str) -> ResponseReturnValue:
    """How many rows the files will have, and how large they will be, for the menu."""
    view = read(slug)
    try:
        export = export_of(view, size_of(scope_of(view.project.id, view.reading, view.window)))
    except HedgerowError as error:
        export = export_of(view, error=error)
    return render_fragment("logs/_export.html", export=export)


def _file(project: Project, reading: Reading, window: TimeRange, kind: str) -> Response:
    latest_first = reading.state.sort != "asc"
    form = _form(kind, reading, window)
    end_turn = take_turn(project.id)
    try:
        file = pieces(form, Download(scope_of(project.id, reading, window), latest_first))
        first = next(file, b"")  # what is wrong with the question is an answer of its own, and not half a file
    except BaseException:
        end_turn()
        raise
    response = Response(while_sending(_ending(chain([first], file), end_turn)), mimetype=form.mimetype)
    response.call_on_close(end_turn)
    response.headers["Content-Disposition"] = f'attachment; filename="{_name(project, window)}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Row-Limit"] = str(MOST_ROWS)
    return response


def _form(kind: str, reading: Reading, window: TimeRange) -> Form:
    if kind == "csv":
        return Csv(_fields(request.args.get("cols", "")), raw="raw" in request.args)
    if kind == "jsonl":
        return JsonLines()
    dates = {"date_from": iso_nanoseconds(window.first_ns), "date_to": iso_nanoseconds(window.stop_ns)}
    order = "earliest" if reading.state.sort == "asc" else "latest"
    return Json({"q": reading.state.q, "dateRange": dates, "orderBy": order, "limit": MOST_ROWS})


def _fields(cols: str) -> list[Field] | None:
    """Return what the columns of the list show; None where nobody chose them."""
    return [column.field for column in read_columns(cols)[0]] if cols.strip() else None


def _ending(file: Iterator[bytes], end_turn: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from file
    finally:
        end_turn()


def _name(project: Project, window: TimeRange) -> str:
    start, stop = (f"{at(ns, UTC):%Y%m%dT%H%M%SZ}" for ns in (window.first_ns, window.stop_ns))
    return f"logs-{project.slug}-{start}-to-{stop}"


def _refusal(error: HedgerowError, kind: str) -> Response:
    """Say what is wrong to a program as JSON, to whoever wanted a table as a sentence."""
    response = error_response(error)
    if kind == "csv":
        response.data = f"{error.detail}\n"
        response.mimetype = "text/plain"
    if isinstance(error, ValidationFailed):
        response.status_code = 422
    return response
