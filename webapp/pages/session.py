"""Signing in by a one-time link, and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from webapp.errors import AuthenticationFailed
from webapp.pages.access import WANTED, wanted_page
from webapp.services.accounts import use_sign_in_link

blueprint = Blueprint("session", __name__)


@blueprint.get("/login")
def sign_in() -> ResponseReturnValue:
    """Say how to get a sign-in link."""
    if current_user.is_authenticated:
        return redirect(wanted_page())
    return render_template("session/sign_in.html", waiting=WANTED in session)


@blueprint.get("/sign-in/<token>")
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by the link and go to the page that was asked for. Looking at it by HEAD does not use it up."""
    if request.method == "HEAD":
        return "", 200
    try:
        user = use_sign_in_link(token)
    except AuthenticationFailed:
        if current_user.is_authenticated:  # the same link clicked again: they are in already
            return redirect(wanted_page())
        raise
    target = wanted_page()
    session.clear()  # a session made before the sign-in is not carried over
    login_user(user)
    session.permanent = True
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("session.sign_in"))
