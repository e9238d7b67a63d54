"""What a browser remembers for its person: the theme."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import ValidationFailed

blueprint = Blueprint("preferences", __name__)

THEME_COOKIE = "hedgerow_theme"
THEMES = ("light", "dark")
YEAR_S = 365 * 24 * 3600


@blueprint.post("/preferences/theme")
def set_theme() -> ResponseReturnValue:
    """Choose light or dark, or follow the system (empty)."""
    theme = request.form.get("theme", "")
    if theme and theme not in THEMES:
        raise ValidationFailed("The theme must be light, dark, or empty to follow the system.", attr="theme")
    response = redirect(_came_from())
    if theme:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


def _came_from() -> str:
    """Return the path of the page that the form stood on, never another host's."""
    parts = urlsplit(request.referrer or "")
    if not parts.path.startswith("/") or parts.path.startswith("//") or parts.netloc != request.host:
        return url_for("home.index")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
