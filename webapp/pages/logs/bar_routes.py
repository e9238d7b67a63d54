"""What the boxes of the bar ask while somebody types into them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.language.parse import MAX_CHARACTERS
from webapp.pages.access import open_project, require_sign_in
from webapp.pages.logs import completion
from webapp.pages.logs.chips import units
from webapp.pages.logs.routes import read
from webapp.pages.logs.state import read_address, window_of
from webapp.pages.logs.text import render as render_text
from webapp.pages.logs.times import range_label
from webapp.pages.render import render_fragment

blueprint = Blueprint("bar", __name__, url_prefix="/p/<slug>/logs")
require_sign_in(blueprint)


@blueprint.get("/complete")
def complete(slug: str) -> ResponseReturnValue:
    """What the search that is typed, ``q``, could go on with where the cursor is, ``at``.

    What needs no question to the log store comes at once, and says whether to come again for ``more``.
    """
    view = read(slug)
    text = request.args.get("q", "")[:MAX_CHARACTERS]
    cursor = request.args.get("at", units(text), type=int)
    found = completion.complete(view, text, cursor, from_store="more" in request.args)
    return render_fragment("logs/_complete.html", completion=found)


@blueprint.get("/range")
def typed_range(slug: str) -> ResponseReturnValue:
    """Which moments the text of the time box means now, or why none."""
    project, now = open_project(slug), datetime.now(UTC)
    reading = read_address(request.args, now, project.timezone)
    if reading.wrong_time:
        return render_fragment("logs/_typed_range.html", range_wrong=render_text(reading.wrong_time.detail))
    window = window_of(reading, {}, now)
    label = range_label(window.start_ns, window.end_ns, reading.zone)
    return render_fragment("logs/_typed_range.html", range_label=label, zone_name=reading.zone_name)
