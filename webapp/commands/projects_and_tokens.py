"""``./hedgerow token``, and more of ``./hedgerow project``."""

from __future__ import annotations

import json
from typing import Any

import click
from flask.cli import AppGroup

from webapp.cli import NUMBER, as_json, duration, in_plain_words, project_commands
from webapp.commands.people import in_project
from webapp.models import IngestionToken, Project
from webapp.services import projects, rotation
from webapp.services.actors import operator

token_commands = AppGroup("token", help="Ingestion tokens.", short_help="Ingestion tokens.")
COMMANDS = (token_commands,)


@project_commands.command("list", with_appcontext=False)
@as_json
@in_plain_words
def list_projects(wants_json: bool) -> None:
    """List every project."""
    found = [_project_facts(project) for project in projects.all_projects()]
    if wants_json:
        click.echo(json.dumps(found))
        return
    for facts in found:
        click.echo(f"{facts['id']:>4}  {facts['retention_days']:>4} days  {facts['slug']}  {facts['name']}")


@project_commands.command("rename", with_appcontext=False)
@click.argument("project_id", type=NUMBER)
@click.option("--name", required=True)
@in_plain_words
def rename_project(project_id: int, name: str) -> None:
    """Give a project another name; its addresses stay."""
    project = projects.rename_project(project_id, name, operator())
    click.echo(f"Project {project.id} ({project.slug}) is called {project.name}.")


@project_commands.command("retention", with_appcontext=False)
@click.argument("project_id", type=NUMBER)
@click.option("--days", type=int, required=True)
@in_plain_words
def set_retention(project_id: int, days: int) -> None:
    """Say how many days logs are kept that come from now on."""
    project = projects.set_retention(project_id, days, operator())
    click.echo(f"Logs of {project.name} are kept for {project.retention_days} days from now on.")


@token_commands.command("list", with_appcontext=False)
@in_project
@as_json
@in_plain_words
def list_tokens(project_id: int, wants_json: bool) -> None:
    """List the tokens of a project, newest first, without their values."""
    found = [_token_facts(token) for token in rotation.tokens_of(projects.project_by_id(project_id).id)]
    if wants_json:
        click.echo(json.dumps(found))
        return
    for facts in found:
        used = f"last used {facts['last_used_at'][:16]}" if facts["last_used_at"] else "never used"
        click.echo(f"{facts['id']:>4}  {facts['state']:<8} {used:<26}  {facts['label']}")


@token_commands.command("create", with_appcontext=False)
@in_project
@click.option("--label", required=True, help="Who sends with it.")
@as_json
@in_plain_words
def create_token(project_id: int, label: str, wants_json: bool) -> None:
    """Make one more token for a project and print it."""
    _print(*rotation.create_token(project_id, label, operator()), wants_json=wants_json)


@token_commands.command("rotate", with_appcontext=False)
@click.argument("token_id", type=NUMBER)
@click.option(
    "--grace", default="24h", show_default=True, metavar="24h", help="How long the old one works: 0h, 24h, 7d."
)
@as_json
@in_plain_words
def rotate_token(token_id: int, grace: str, wants_json: bool) -> None:
    """Print a new token that takes the place of this one, which works on for a while."""
    _print(*rotation.rotate_token(token_id, operator(), duration("--grace", grace)), wants_json=wants_json)


@token_commands.command("revoke", with_appcontext=False)
@click.argument("token_id", type=NUMBER)
@in_plain_words
def revoke_token(token_id: int) -> None:
    """End a token, by its id in the list; it is refused within 5 seconds."""
    token = rotation.revoke_token(token_id, operator())
    click.echo(f"The token {token.label!r} of {token.project.name} is revoked.")


def _print(token: IngestionToken, value: str, *, wants_json: bool) -> None:
    click.echo(json.dumps({**_token_facts(token), "value": value}) if wants_json else value)


def _token_facts(token: IngestionToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "project_id": token.project_id,
        "label": token.label,
        "state": token.state,
        "created_at": token.created_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "works_until": token.expires_at.isoformat() if token.expires_at else None,
    }


def _project_facts(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "slug": project.slug,
        "name": project.name,
        "retention_days": project.retention_days,
    }
