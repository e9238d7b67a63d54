"""``./hedgerow audit``: who changed what."""

from __future__ import annotations

import json

import click

from webapp.cli import NUMBER, as_json, in_plain_words
from webapp.models import AuditEntry
from webapp.services.audit import MAX_ENTRIES, as_facts, entries


@click.command("audit")
@click.option("--project", "project_id", type=NUMBER, help="Of this project; by default of all, and of the instance.")
@click.option("--action", default="", metavar="member", help="Only these: member.removed, or all of member.")
@click.option("--limit", type=click.IntRange(1, MAX_ENTRIES), default=100, show_default=True)
@click.option("--before", "before_id", type=NUMBER, help="Only entries older than the one of this id.")
@as_json
@in_plain_words
def audit_command(project_id: int | None, action: str, limit: int, before_id: int | None, wants_json: bool) -> None:
    """List changes of accounts, projects, keys and tokens, newest first."""
    found = entries(project_id=project_id, action=action, limit=limit, before_id=before_id)
    if wants_json:
        click.echo(json.dumps([as_facts(entry) for entry in found]))
        return
    for entry in found:
        click.echo(_line(entry))


COMMANDS = (audit_command,)


def _line(entry: AuditEntry) -> str:
    who = f"{entry.actor_kind.value} {entry.actor}".rstrip()
    parts = [f"{entry.at:%Y-%m-%d %H:%M:%S}", f"{entry.id:>5}", f"{entry.action:<22}", entry.object, f"by {who}"]
    if entry.address:
        parts.append(f"from {entry.address}")
    if entry.project_id is not None:
        parts.append(f"in project {entry.project_id}")
    if entry.times > 1:
        parts.append(f"{entry.times} times")
    names = [*(entry.before or {}), *(name for name in entry.after or {} if name not in (entry.before or {}))]
    changes = [f"{name}: {_value(entry.before, name)}{_value(entry.after, name, ' → ')}" for name in names]
    return "  ".join([*parts, *changes])


def _value(values: dict[str, object] | None, name: str, arrow: str = "") -> str:
    return f"{arrow}{values[name]}" if values is not None and name in values else ""
