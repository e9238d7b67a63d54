"""Accepting an invitation."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.errors import ValidationFailed
from webapp.models import Invitation
from webapp.pages.access import WANTED, begin_session, client_address, keep_address_secret
from webapp.services.invitations import accept as accept_for
from webapp.services.invitations import accept_as_new, open_invitation, user_of
from webapp.services.passwords import MIN_LENGTH

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Say who invites whom into what, and ask for what is missing: a sign-in, an account, or just a yes."""
    invitation = open_invitation(token)
    if not current_user.is_authenticated and user_of(invitation.email) is not None:
        session[WANTED] = request.path
    return _page(invitation, token)


@blueprint.post("/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Join the project, with a new account where the invited person has none."""
    invitation = open_invitation(token)
    try:
        if current_user.is_authenticated:
            accept_for(token, current_user._get_current_object(), client_address())
        else:
            name, password = request.form.get("name", ""), request.form.get("password", "")
            begin_session(accept_as_new(token, name, password, client_address()))
    except ValidationFailed as error:
        return _page(invitation, token, error), 422
    return redirect(url_for("logs.search", slug=invitation.project.slug))


@blueprint.after_request
def hide_links(response: Response) -> Response:
    """Keep the link out of the addresses that the page's own files are asked for with."""
    return keep_address_secret(response)


def _page(invitation: Invitation, token: str, error: ValidationFailed | None = None) -> str:
    return render_template(
        "invitations/accept.html",
        invitation=invitation,
        token=token,
        error=error,
        name=request.form.get("name", ""),
        has_account=user_of(invitation.email) is not None,
        min_length=MIN_LENGTH,
    )
