"""The commands beside the running server: credentials, keys, people, projects."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from webapp import observability
from webapp.errors import HedgerowError
from webapp.extensions import settings
from webapp.instance import is_running
from webapp.models import PersonalApiKey, Project, Role, User
from webapp.models.types import utc_now
from webapp.services import accounts, keys, projects, tokens
from webapp.services.actors import operator

NOT_PREPARED = "Nothing is prepared here yet. Start Hedgerow once with ./hedgerow, then run this again."
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

NUMBER = click.IntRange(1, 2**31 - 1)  # the databases have no larger ids

as_json = click.option("--json", "wants_json", is_flag=True, help="Print JSON, for programs.")
for_person = click.option("--email", help="Whose; by default the first person's.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    from webapp.commands import audit, people, projects_and_tokens
    from webapp.demo.command import demo_command

    ours = (credentials, sign_in_link, key_commands, user_commands, project_commands, demo_command)
    for command in (*ours, *people.COMMANDS, *projects_and_tokens.COMMANDS, *audit.COMMANDS):
        app.cli.add_command(command)


def in_plain_words(command: Callable[..., None]) -> Callable[..., None]:
    """Turn what can go wrong into one sentence and exit status 1; keep stdout for the result."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        observability.configure(settings, "cli")
        try:
            command(*args, **kwargs)
        except HedgerowError as error:
            raise click.ClickException(error.detail) from None
        except (OperationalError, ProgrammingError) as error:
            missing = "no such table" in str(error) or "does not exist" in str(error)
            sentence = NOT_PREPARED if missing else "The SQL database (DATABASE_URL) does not answer."
            raise click.ClickException(sentence) from None

    return with_appcontext(run)


@click.command("credentials")
@as_json
@in_plain_words
def credentials(wants_json: bool) -> None:
    """Print address, token and a new sign-in link of the running instance."""
    user = accounts.first_user()
    project = _first_project(user)
    _require_running()
    found = {
        "url": settings.base_url,
        "project_id": project.id,
        "ingestion_token": tokens.ingestion_token(project.id),
        "email": user.email,
        "sign_in_url": _sign_in_url(user),
    }
    if wants_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"Address          {found['url']}")
    click.echo(f"Project          {project.name} ({project.id})")
    click.echo(f"OTLP endpoint    {settings.base_url}/v1/logs")
    click.echo(f"Ingestion token  {found['ingestion_token']}")
    click.echo(f"Sign in          {found['sign_in_url']}")
    click.echo(f"                 as {user.email}, once, within 24 hours")


@click.command("sign-in-link")
@for_person
@in_plain_words
def sign_in_link(email: str | None) -> None:
    """Print a link that signs a person in once, within 24 hours."""
    click.echo(_sign_in_url(_person(email)))


key_commands = AppGroup("key", help="Personal API keys.", short_help="Personal API keys.")


@key_commands.command("create", with_appcontext=False)
@click.option("--label", required=True, help="What the key is for.")
@click.option("--scopes", required=True, help=f"One or several of {', '.join(keys.SCOPES)}, with commas.")
@click.option("--project", "project_ids", type=int, multiple=True, help="Restrict it to this project; repeatable.")
@click.option("--expires-in", metavar="90d", help="How long it is good for: 30m, 12h, 90d, 52w; by default for ever.")
@for_person
@as_json
@in_plain_words
def create_key(
    label: str, scopes: str, project_ids: tuple[int, ...], expires_in: str | None, email: str | None, wants_json: bool
) -> None:
    """Make a key and print it: the only time that it can be seen."""
    key, value = keys.create_key(
        _person(email),
        label,
        [scope.strip() for scope in scopes.split(",") if scope.strip()],
        project_ids=list(project_ids) or None,
        expires_at=_expiry(expires_in),
        by=operator(),
    )
    click.echo(json.dumps({**_key_facts(key), "value": value}) if wants_json else value)


@key_commands.command("list", with_appcontext=False)
@as_json
@in_plain_words
def list_keys(wants_json: bool) -> None:
    """List everyone's keys, newest first."""
    found = [_key_facts(key) for key in keys.all_keys()]
    if wants_json:
        click.echo(json.dumps(found))
        return
    for facts in found:
        scopes = ",".join(facts["scopes"])
        click.echo(
            f"{facts['id']:>4}  {facts['state']:<8} {facts['value_end']}  {facts['email']}  {scopes}  {facts['label']}"
        )


@key_commands.command("revoke", with_appcontext=False)
@click.argument("key_id", type=int)
@in_plain_words
def revoke_key(key_id: int) -> None:
    """End a key at once, by its id in the list."""
    key = keys.revoke_key(key_id, operator())
    click.echo(f"The key {key.label!r} of {key.user.email} is revoked.")


user_commands = AppGroup("user", help="People.", short_help="People.")


@user_commands.command("create", with_appcontext=False)
@click.option("--email", required=True)
@click.option("--name", default="", help="What to call them.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value, show_default=True)
@click.option("--project", "project_ids", type=int, multiple=True, help="Projects to join; by default all.")
@as_json
@in_plain_words
def create_user(email: str, name: str, role: str, project_ids: tuple[int, ...], wants_json: bool) -> None:
    """Create a person and print a link that signs them in."""
    joined = [projects.project_by_id(project_id) for project_id in project_ids] or projects.all_projects()
    user = accounts.create_user(email, name, joined, Role(role), by=operator())
    link = _sign_in_url(user)
    facts = {"id": user.id, "email": user.email, "sign_in_url": link}
    click.echo(json.dumps(facts) if wants_json else f"{user.email} signs in, once and within 24 hours, by\n{link}")


project_commands = AppGroup("project", help="Projects.", short_help="Projects.")


@project_commands.command("create", with_appcontext=False)
@click.option("--name", required=True)
@for_person
@as_json
@in_plain_words
def create_project(name: str, email: str | None, wants_json: bool) -> None:
    """Create a project and print its id and ingestion token; --email becomes its admin."""
    project = projects.create_project(name, _person(email), by=operator())
    token = tokens.ingestion_token(project.id)
    facts = {"id": project.id, "slug": project.slug, "name": project.name, "ingestion_token": token}
    click.echo(json.dumps(facts) if wants_json else f"Project {project.id} ({project.slug})\n{token}")


def _person(email: str | None) -> User:
    return accounts.user_by_email(email) if email else accounts.first_user()


def _first_project(user: User) -> Project:
    mine = projects.projects_of(user)
    if not mine:
        raise click.ClickException(f"{user.email} is not a member of any project.")
    return next((project for project in mine if project.slug == accounts.DEFAULT_SLUG), mine[0])


def _sign_in_url(user: User) -> str:
    return f"{settings.base_url}/sign-in/{accounts.create_sign_in_link(user, operator())}"


def _require_running() -> None:
    if is_running(settings.data_dir):  # its public address may not be reachable from here
        return
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{settings.base_url}/healthz", timeout=5):
            return
    except (OSError, ValueError):
        raise click.ClickException(
            f"Hedgerow does not answer at {settings.base_url}. Start it with ./hedgerow, then run this again."
        ) from None


def duration(option: str, text: str) -> timedelta:
    """Read a length of time as people write it."""
    match = re.fullmatch(r"(0|[1-9]\d{0,5})([mhdw])", text.strip())
    if match is None:
        raise click.ClickException(f"{option} is {text!r}, but must be a number and a unit: 30m, 12h, 90d or 52w.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def _expiry(text: str | None) -> datetime | None:
    if text is None:
        return None
    life = duration("--expires-in", text)
    if not life:
        raise click.ClickException(f"--expires-in is {text!r}, but must be at least a minute: 30m, 12h, 90d or 52w.")
    try:
        return utc_now() + life
    except OverflowError:
        raise click.ClickException(
            "--expires-in is too far in the future; leave it out for a key without end."
        ) from None


def _key_facts(key: PersonalApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "label": key.label,
        "email": key.user.email,
        "scopes": key.scopes,
        "project_ids": key.project_ids,
        "value_end": f"…{key.value_end}",
        "state": key.state,
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
    }
