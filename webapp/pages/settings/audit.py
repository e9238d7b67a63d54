"""The audit log of a project, for its admins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.errors import ValidationFailed
from webapp.models import AuditEntry, Role
from webapp.pages.access import open_project_as, require_sign_in
from webapp.pages.logs.text import render
from webapp.pages.settings.frame import frame
from webapp.services.audit import entries

PAGE_ENTRIES = 50
VALUE_CHARACTERS = 200
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
KINDS = {
    "": "Everything",
    "project": "Project",
    "member": "Members",
    "invitation": "Invitations",
    "token": "Tokens",
    "view": "Saved views",
}
ACTORS = {"key": "API key", "operator": "operator", "system": "", "user": "", "anyone": ""}

blueprint = Blueprint("audit", __name__, url_prefix="/p/<slug>/settings/audit")
require_sign_in(blueprint)


@dataclass(frozen=True, slots=True)
class Change:
    """A value as it was and as it is; one that was not there before, or is not any more, is None."""

    name: str
    before: Markup | None
    after: Markup | None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the page shows it: every text in it may be of a stranger's making."""

    at: datetime
    actor: Markup
    actor_kind: str
    address: str
    action: str
    object: Markup
    changes: list[Change]
    times: int


@blueprint.get("")
def audit(slug: str) -> ResponseReturnValue:
    """List who changed what, the newest first; ``kind`` chooses, ``before`` is the id where an older page begins."""
    project = open_project_as(slug, Role.ADMIN)
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        raise ValidationFailed(f"The kind must be one of {', '.join(filter(None, KINDS))}.", attr="kind")
    found = entries(project_id=project.id, action=kind, limit=PAGE_ENTRIES + 1, before_id=_before())
    shown = found[:PAGE_ENTRIES]

    def at(**changes: str | int) -> str:
        query: dict[str, Any] = {name: value for name, value in {"kind": kind, **changes}.items() if value}
        return url_for("audit.audit", slug=project.slug, **query)

    return render_template(
        "settings/audit.html",
        **frame("audit.audit", project),
        lines=[_line(entry) for entry in shown],
        kinds=[(label, at(kind=name), name == kind) for name, label in KINDS.items()],
        older_url=at(before=shown[-1].id) if len(found) > PAGE_ENTRIES else "",
        newest_url=at() if "before" in request.args else "",
    )


def _before() -> int | None:
    text = request.args.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValidationFailed("The address must hold the id of an entry: go back to the newest.", attr="before")
    return int(text)


def _line(entry: AuditEntry) -> Line:
    before, after = entry.before or {}, entry.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return Line(
        at=entry.at,
        actor=_shown(entry.actor or "somebody who has not signed in"),
        actor_kind=ACTORS[entry.actor_kind.value],
        address=entry.address,
        action=entry.action.replace(".", " ").replace("_", " "),
        object=_shown(entry.object),
        changes=[Change(name.replace("_", " "), _value(before, name), _value(after, name)) for name in names],
        times=entry.times,
    )


def _value(values: dict[str, Any], name: str) -> Markup | None:
    return _shown(_text(values[name])) if name in values else None


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    text = "none" if value is None else str(value)
    return text[:16].replace("T", " ") if MOMENT.fullmatch(text) else text


def _shown(text: str) -> Markup:
    return render(text, limit=VALUE_CHARACTERS)
