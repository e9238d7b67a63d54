"""Signing in, by password or by a one-time link, and out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from webapp.errors import AuthenticationFailed, HedgerowError, Throttled
from webapp.pages.access import WANTED, begin_session, client_address, keep_address_secret, wanted_page
from webapp.services.accounts import use_sign_in_link
from webapp.services.sign_in import sign_in as sign_in_by_password

blueprint = Blueprint("session", __name__)


@blueprint.get("/login")
def sign_in() -> ResponseReturnValue:
    """Ask for address and password, and say how to get a sign-in link."""
    if current_user.is_authenticated:
        return redirect(wanted_page())
    return _form()


@blueprint.post("/login")
def sign_in_with_password() -> ResponseReturnValue:
    """Sign in and go to the page that was asked for."""
    email = request.form.get("email", "")
    try:
        user = sign_in_by_password(email, request.form.get("password", ""), client_address())
    except (AuthenticationFailed, Throttled) as error:
        return _form(email, error)
    target = wanted_page()
    begin_session(user)
    return redirect(target)


@blueprint.get("/sign-in/<token>")
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by the link and go to the page that was asked for. Looking at it by HEAD does not use it up."""
    if request.method == "HEAD":
        return "", 200
    try:
        user = use_sign_in_link(token, client_address())
    except AuthenticationFailed:
        if current_user.is_authenticated:  # the same link clicked again: they are in already
            return redirect(wanted_page())
        raise
    target = wanted_page()
    begin_session(user, by_link=True)
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("session.sign_in"))


@blueprint.after_request
def hide_links(response: Response) -> Response:
    """Keep a link that did not work out of the addresses that the error page's own files are asked for with."""
    return keep_address_secret(response)


def _form(email: str = "", error: HedgerowError | None = None) -> Response:
    page = render_template("session/sign_in.html", waiting=WANTED in session, email=email, error=error)
    response = make_response(page, 200 if error is None else error.status)
    if error is not None and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response
