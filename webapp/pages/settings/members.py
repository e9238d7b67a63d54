"""The members of a project: everybody in it may look, its admins change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import ValidationFailed
from webapp.extensions import settings
from webapp.models import Project, Role
from webapp.pages.access import actor, open_project, open_project_as, require_sign_in
from webapp.pages.settings.frame import frame
from webapp.services.invitations import invitations_of, invite, revoke_invitation
from webapp.services.members import change_role, members_of, remove_member

ROLES = {
    Role.VIEWER: "looks at everything",
    Role.MEMBER: "also changes what belongs to the project",
    Role.ADMIN: "also changes the project, its members and tokens",
}

blueprint = Blueprint("members", __name__, url_prefix="/p/<slug>/settings/members")
require_sign_in(blueprint)


@blueprint.get("")
def members(slug: str) -> ResponseReturnValue:
    """List the members, and for admins the open invitations."""
    return _page(open_project(slug))


@blueprint.post("/invitations")
def invite_somebody(slug: str) -> ResponseReturnValue:
    """Make an invitation and show its link, this once."""
    project = open_project_as(slug, Role.ADMIN)
    email = request.form.get("email", "")
    try:
        invitation, token = invite(project.id, email, _role(), actor())
    except ValidationFailed as error:
        return _page(project, error=error, email=email, invited_as=request.form.get("role")), 422
    link = f"{settings.base_url}{url_for('invitations.show', token=token)}"
    return _page(project, link=link, link_email=invitation.email), {"Cache-Control": "no-store"}


@blueprint.post("/invitations/<int(max=2147483647):invitation_id>/revoke")
def revoke(slug: str, invitation_id: int) -> ResponseReturnValue:
    """End an open invitation."""
    project = open_project_as(slug, Role.ADMIN)
    try:
        revoke_invitation(invitation_id, actor())
    except ValidationFailed as error:
        return _page(project, error=error), 422
    return redirect(url_for("members.members", slug=slug))


@blueprint.post("/<int(max=2147483647):user_id>/role")
def change(slug: str, user_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    project = open_project_as(slug, Role.ADMIN)
    try:
        change_role(project.id, user_id, _role(), actor())
    except ValidationFailed as error:
        return _page(project, error=error), 422
    return redirect(url_for("members.members", slug=slug))


@blueprint.post("/<int(max=2147483647):user_id>/remove")
def remove(slug: str, user_id: int) -> ResponseReturnValue:
    """Take somebody out of the project; everybody may leave."""
    project = open_project(slug)
    try:
        remove_member(project.id, user_id, actor())
    except ValidationFailed as error:
        return _page(project, error=error), 422
    left = user_id == current_user.id
    return redirect(url_for("home.index") if left else url_for("members.members", slug=slug))


def _role() -> Role:
    text = request.form.get("role", "")
    if text not in {role.value for role in Role}:
        raise ValidationFailed("The role must be viewer, member or admin.", attr="role")
    return Role(text)


def _page(project: Project, **context: Any) -> str:
    framed = frame("members.members", project)
    open_ones = [found for found in invitations_of(project.id) if found.state == "open"] if framed["is_admin"] else []
    return render_template(
        "settings/members.html",
        **framed,
        members=members_of(project.id),
        invitations=open_ones,
        roles=ROLES,
        **context,
    )
