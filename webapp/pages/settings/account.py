"""One's own account: profile and password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import HedgerowError, Throttled, ValidationFailed
from webapp.models import User
from webapp.pages.access import actor, begin_session, has_fresh_link, require_sign_in
from webapp.pages.settings.frame import frame
from webapp.services.accounts import rename_user
from webapp.services.passwords import MIN_LENGTH
from webapp.services.projects import memberships_of
from webapp.services.sign_in import change_password, set_password

blueprint = Blueprint("account", __name__, url_prefix="/settings")
require_sign_in(blueprint)


@blueprint.get("", strict_slashes=False)
def index() -> ResponseReturnValue:
    """Go to the first section."""
    return redirect(url_for("account.profile"))


@blueprint.get("/profile")
def profile() -> ResponseReturnValue:
    """Show who one is here, and in which projects."""
    return _profile(current_user.name)


@blueprint.post("/profile")
def rename() -> ResponseReturnValue:
    """Change one's own name."""
    name = request.form.get("name", "")
    try:
        rename_user(current_user._get_current_object(), name, actor())
    except ValidationFailed as error:
        return _profile(name, error), 422
    return redirect(url_for("account.profile", done=1))


def _profile(name: str, error: HedgerowError | None = None) -> str:
    return render_template(
        "settings/profile.html",
        **frame("account.profile"),
        name=name,
        error=error,
        done="done" in request.args,
        memberships=memberships_of(current_user),
    )


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Set or change one's own password: with the present one, or shortly after signing in by a link."""
    user: User = current_user._get_current_object()
    if request.method == "GET":
        return _password(user, done="done" in request.args)
    new = request.form.get("password", "")
    try:
        if has_fresh_link():
            set_password(user, new, actor())
        else:
            change_password(user, request.form.get("old", ""), new, actor())
    except (ValidationFailed, Throttled) as error:
        return _password(user, error), 422 if isinstance(error, ValidationFailed) else error.status
    begin_session(user)  # this browser stays, all others are out
    return redirect(url_for("account.password", done=1))


def _password(user: User, error: HedgerowError | None = None, *, done: bool = False) -> str:
    fresh = has_fresh_link()
    return render_template(
        "settings/password.html",
        **frame("account.password"),
        person=user,
        error=error,
        done=done,
        asks_old=not fresh,
        is_possible=fresh or user.password_hash is not None,
        min_length=MIN_LENGTH,
    )
