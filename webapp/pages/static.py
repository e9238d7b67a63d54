"""Static files under an address that changes with their content, so that browsers may keep them for good.

The content's hash stands before the path, where relative imports between ES modules keep it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Flask, current_app, send_from_directory, url_for
from werkzeug.wrappers import Response

FOLDER = Path(__file__).parent.parent / "static"
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
    """Send a file; only an address of the present version may be kept."""
    current = version == current_app.extensions["hedgerow_static_version"]
    response = send_from_directory(FOLDER, filename, max_age=YEAR_S if current else 0)
    if current:
        response.cache_control.immutable = True
    return response
