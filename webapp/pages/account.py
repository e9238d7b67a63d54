"""One's own account: the password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import HedgerowError, Throttled, ValidationFailed
from webapp.models import User
from webapp.pages.access import actor, begin_session, has_fresh_link, require_sign_in
from webapp.services.passwords import MIN_LENGTH
from webapp.services.sign_in import change_password, set_password

blueprint = Blueprint("account", __name__, url_prefix="/account")
require_sign_in(blueprint)


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Set or change one's own password: with the present one, or shortly after signing in by a link."""
    user: User = current_user._get_current_object()
    if request.method == "GET":
        return _form(user, done="done" in request.args)
    new = request.form.get("password", "")
    try:
        if has_fresh_link():
            set_password(user, new, actor())
        else:
            change_password(user, request.form.get("old", ""), new, actor())
    except (ValidationFailed, Throttled) as error:
        return _form(user, error), 422 if isinstance(error, ValidationFailed) else error.status
    begin_session(user)  # this browser stays, all others are out
    return redirect(url_for("account.password", done=1))


def _form(user: User, error: HedgerowError | None = None, *, done: bool = False) -> str:
    fresh = has_fresh_link()
    return render_template(
        "account/password.html",
        person=user,
        error=error,
        done=done,
        asks_old=not fresh,
        is_possible=fresh or user.password_hash is not None,
        min_length=MIN_LENGTH,
    )
