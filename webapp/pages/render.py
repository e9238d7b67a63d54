"""One route, two renderings: the page, or the one part of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response


def is_htmx() -> bool:
    """Whether the present request wants a fragment. A history restore wants the whole page."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def render(template: str, *, block: str, status: int = 200, **context: Any) -> Response:
    """Render the page, or for an htmx request the block of that name, whose element carries the name as its id."""
    html = render_block(template, block, is_part=True, **context) if is_htmx() else render_template(template, **context)
    return _vary(make_response(html, status))


def render_fragment(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a part that is only ever asked for by htmx (or opened by hand as it is)."""
    return _vary(make_response(render_template(template, **context), status))


def _vary(response: Response) -> Response:
    response.headers["Vary"] = "HX-Request"  # a cache must never hand the fragment to the Back button as a page
    return response
