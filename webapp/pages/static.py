"""Static files under an address that changes with their content, so that browsers may keep them for good.

The content's hash stands before the path, where relative imports between ES modules keep it.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, url_for
from werkzeug.security import safe_join

from webapp.errors import NotFound

FOLDER = Path(__file__).parent.parent / "static"
SHEET = "css/all.css"
# What every page loads as one file, in this order: together they compress to two thirds, and come at once.
SHEETS = (
    *("base", "controls", "explorer", "bar", "chart", "columns", "detail", "facets", "tabs", "live", "actions"),
    *("start", "account"),
)
YEAR_S = 365 * 24 * 3600

blueprint = Blueprint("static", __name__)


def fingerprint(folder: Path = FOLDER) -> str:
    """Return a short hash of all files below the folder, names included."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Mount the files and give templates ``static_url``."""
    version = fingerprint()
    app.register_blueprint(blueprint)
    app.jinja_env.globals["static_url"] = lambda path: url_for("static.file", version=version, filename=path)
    app.extensions["hedgerow_static_version"] = version


@blueprint.get("/static/<version>/<path:filename>")
def file(version: str, filename: str) -> Response:
    """Send a file; only an address of the present version may be kept.

    From memory: all files together are small, and what is streamed from a file would not be compressed.
    """
    content = _content(filename)
    if content is None:
        raise NotFound("There is no such file.")
    response = Response(content, mimetype=mimetypes.guess_type(filename)[0])
    response.set_etag(hashlib.sha256(content).hexdigest()[:20])
    current = version == current_app.extensions["hedgerow_static_version"]
    response.cache_control.max_age = YEAR_S if current else 0
    response.cache_control.immutable = current
    response.make_conditional(request)
    return response


@functools.lru_cache(maxsize=256)
def _content(filename: str) -> bytes | None:
    if filename == SHEET:
        return b"\n".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in SHEETS)
    path = safe_join(str(FOLDER), filename)
    return Path(path).read_bytes() if path and Path(path).is_file() else None
