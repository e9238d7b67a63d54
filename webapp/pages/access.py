"""Who may see a page. Pages ask for a sign-in unless they declare themselves public."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from flask import Blueprint, abort, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from werkzeug.wrappers import Response

from webapp.errors import NotFound
from webapp.models import Project, Role, User
from webapp.pages.render import is_htmx
from webapp.services.actors import Actor, person
from webapp.services.projects import membership_by_slug, remember_project, require

WANTED = "wanted"  # session key: the page that was asked for before the sign-in
LINK_AT = "link_at"  # session key: when a sign-in link was used, in seconds of Unix time
FRESH_S = 900  # so long after that a password may be set without the old one: enough to think of one


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
        session[WANTED] = current_page()
        response = make_response("", 401)
        response.headers["HX-Redirect"] = target
        return response
    session[WANTED] = request.full_path.rstrip("?")
    return redirect(target)


def current_page() -> str:
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


def begin_session(user: User, *, by_link: bool = False) -> None:
    """Sign a person in. Nothing of a session from before is carried over: somebody else may have planted it."""
    session.clear()
    login_user(user)
    session.permanent = True
    if by_link:
        session[LINK_AT] = int(time.time())


def has_fresh_link() -> bool:
    """Whether this session began with a sign-in link a short while ago."""
    used_at = session.get(LINK_AT)
    return isinstance(used_at, int) and 0 <= time.time() - used_at < FRESH_S


def actor() -> Actor:
    """Return who makes the present request, for the services to check and the audit log to keep."""
    return person(current_user._get_current_object(), client_address())


def client_address() -> str:
    """Return where the request comes from, as far as the proxies in front are trusted."""
    return request.remote_addr or ""


def keep_address_secret(response: Response) -> Response:
    """Let the browser name no address of this page to anybody, because a secret is part of it.

    The host is still named: the check of forms against other sites needs it.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def open_project_as(slug: str, role: Role) -> Project:
    """Return the project of that short name for somebody who may do there what needs this role.

    Raises:
        NotFound: no such project, or not theirs.
        PermissionDenied: their role is too low.
    """
    project = open_project(slug)
    require(actor(), project.id, role)
    return project


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
