"""Who may see a page. Pages ask for a sign-in unless they declare themselves public."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import NotFound
from webapp.models import Project
from webapp.pages.render import is_htmx
from webapp.services.projects import membership_by_slug, remember_project

WANTED = "wanted"  # session key: the page that was asked for before the sign-in


def require_sign_in(blueprint: Blueprint) -> None:
    """Let only people who have signed in reach this blueprint's pages."""
    blueprint.before_request(_ask)


def _ask() -> ResponseReturnValue | None:
    if current_user.is_authenticated:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(401)
    target = url_for("session.sign_in")
    if is_htmx():  # the whole page has to go there, not the part that was asked for
        session[WANTED] = _current_page()
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
        return response
    session[WANTED] = request.full_path.rstrip("?")
    return redirect(target)


def _current_page() -> str:
    """Return the path of the page that asked for a part, as htmx tells it."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    if parts.netloc != request.host:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def wanted_page() -> str:
    """Take the page that was asked for before the sign-in; by default the start."""
    wanted = session.pop(WANTED, "")
    if not isinstance(wanted, str) or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return url_for("home.index")
    return wanted


def open_project(slug: str) -> Project:
    """Return the project of that short name for its member, and remember it as their last.

    Raises:
        NotFound: no such project, or not theirs.
    """
    found = membership_by_slug(current_user, slug)
    if found is None:
        raise NotFound("There is no project here by that name, or you are not a member of it.")
    remember_project(current_user, found.project)
    return found.project
