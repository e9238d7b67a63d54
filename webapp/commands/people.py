"""``./hedgerow member``, ``invite`` and ``user password``: who may come in, and as what."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from webapp.cli import NUMBER, as_json, in_plain_words, user_commands
from webapp.extensions import settings
from webapp.models import Invitation, Membership, Role
from webapp.services import accounts, invitations, members, projects, sign_in
from webapp.services.actors import operator

in_project = click.option("--project", "project_id", type=NUMBER, required=True, help="The project's number.")
of_person = click.option("--email", required=True, help="Whose.")
role_option = click.option("--role", type=click.Choice([role.value for role in Role]), required=True)

member_commands = AppGroup("member", help="Members of a project.", short_help="Members of a project.")
invite_commands = AppGroup("invite", help="Invitations into a project.", short_help="Invitations into a project.")
COMMANDS = (member_commands, invite_commands)


@user_commands.command("password", with_appcontext=False)
@of_person
@in_plain_words
def set_password(email: str) -> None:
    """Set a person's password: asked for at a terminal, else the first line of stdin. It ends their sessions."""
    user = accounts.user_by_email(email)
    if sys.stdin.isatty():
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    sign_in.set_password(user, password, operator())
    click.echo(f"The password of {user.email} is set; their sessions and open sign-in links have ended.")


@member_commands.command("list", with_appcontext=False)
@in_project
@as_json
@in_plain_words
def list_members(project_id: int, wants_json: bool) -> None:
    """List the members of a project."""
    found = [_member_facts(member) for member in members.members_of(projects.project_by_id(project_id).id)]
    if wants_json:
        click.echo(json.dumps(found))
        return
    for facts in found:
        click.echo(f"{facts['role']:<7} {facts['email']}  {facts['name']}")


@member_commands.command("add", with_appcontext=False)
@in_project
@of_person
@role_option
@in_plain_words
def add_member(project_id: int, email: str, role: str) -> None:
    """Let somebody who has an account into a project."""
    project = projects.project_by_id(project_id)
    user = accounts.user_by_email(email)
    members.add_member(project.id, user, Role(role), operator())
    click.echo(f"{user.email} is now {role} of {project.name}.")


@member_commands.command("role", with_appcontext=False)
@in_project
@of_person
@role_option
@in_plain_words
def change_role(project_id: int, email: str, role: str) -> None:
    """Give a member another role."""
    project = projects.project_by_id(project_id)
    user = accounts.user_by_email(email)
    members.change_role(project.id, user.id, Role(role), operator())
    click.echo(f"{user.email} is now {role} of {project.name}.")


@member_commands.command("remove", with_appcontext=False)
@in_project
@of_person
@in_plain_words
def remove_member(project_id: int, email: str) -> None:
    """Take somebody out of a project, at once."""
    project = projects.project_by_id(project_id)
    user = accounts.user_by_email(email)
    members.remove_member(project.id, user.id, operator())
    click.echo(f"{user.email} is not a member of {project.name} any more.")


@invite_commands.command("create", with_appcontext=False)
@in_project
@of_person
@role_option
@as_json
@in_plain_words
def create_invitation(project_id: int, email: str, role: str, wants_json: bool) -> None:
    """Print a link by which this address joins the project once, within 7 days."""
    invitation, token = invitations.invite(project_id, email, Role(role), operator())
    url = f"{settings.base_url}/invitations/{token}"
    click.echo(json.dumps({**_invitation_facts(invitation), "url": url}) if wants_json else url)


@invite_commands.command("list", with_appcontext=False)
@in_project
@as_json
@in_plain_words
def list_invitations(project_id: int, wants_json: bool) -> None:
    """List the invitations into a project, newest first."""
    project = projects.project_by_id(project_id)
    found = [_invitation_facts(invitation) for invitation in invitations.invitations_of(project.id)]
    if wants_json:
        click.echo(json.dumps(found))
        return
    for facts in found:
        click.echo(f"{facts['id']:>4}  {facts['state']:<8} {facts['role']:<7} {facts['email']}")


@invite_commands.command("revoke", with_appcontext=False)
@click.argument("invitation_id", type=NUMBER)
@in_plain_words
def revoke_invitation(invitation_id: int) -> None:
    """End an open invitation, by its id in the list."""
    invitation = invitations.revoke_invitation(invitation_id, operator())
    click.echo(f"The invitation of {invitation.email} into {invitation.project.name} is revoked.")


def _member_facts(member: Membership) -> dict[str, Any]:
    return {
        "email": member.user.email,
        "name": member.user.name,
        "role": member.role.value,
        "since": member.created_at.isoformat(),
    }


def _invitation_facts(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "project_id": invitation.project_id,
        "email": invitation.email,
        "role": invitation.role.value,
        "state": invitation.state,
        "invited_by": invitation.invited_by.email if invitation.invited_by else None,
        "expires_at": invitation.expires_at.isoformat(),
    }
