"""Two projects side by side: one with secrets, and somebody of the other who knows every id of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from tests.support import stored
from tests.support.api import Api, Person, Reply
from tests.support.logs import HOUR_NS, NOON_NS, Log, insert
from webapp.extensions import db, store
from webapp.models import Role, User
from webapp.queries.cursor import Cursor
from webapp.queries.scope import Scope, TimeRange
from webapp.services import accounts, invitations, keys, logs, projects, views
from webapp.services.actors import operator
from webapp.services.log_rows import LogRow

TRACE = "0af7651916cd43dd8448eb211c80319c"
FINGERPRINT = 4_711_000_000_000_000_001
GUEST = "guest-of-the-vault@example.org"
VAULT: dict[str, Any] = {
    "body": "the vault is behind the picture",
    "service_name": "vault-service",
    "attributes": {"vault.code": "4-8-15-16-23-42"},
    "resource_attributes": {"vault.host": "vault-host-1"},
    "event_name": "vault.opened",
}
BESIDES_USE = {"last_used_at", "last_project_id"}  # columns that say who was here; looking changes them


@dataclass(frozen=True)
class Ask:
    """A request that somebody makes.

    Attributes:
        key: what stands in the Authorization header; none is a session.
        form: the fields of a form; its token is added.
        status: the answers that are right.
        tells: secrets that the answer may tell, to those who know this much.
    """

    path: str
    key: str = ""
    json: Any = None
    form: dict[str, str] = field(default_factory=dict)
    status: tuple[int, ...] = (403, 404)
    tells: tuple[str, ...] = ()

    @property
    def sent(self) -> str:
        """Everything that the request says, so that an answer which repeats it tells nothing new."""
        return self.path + json.dumps(self.json) + json.dumps(self.form)


@dataclass(frozen=True)
class Neighbours:
    """Ada with a vault, and Bob, who knows every id, cursor and link of it."""

    api: Api
    url: str
    row: LogRow
    slug: str
    bobs_slug: str
    key_id: str
    view_id: str
    user_uuid: str
    invitation_id: int
    invitation: str
    used_link: str
    secrets: tuple[str, ...]

    @property
    def ada(self) -> Person:
        """Whose vault it is."""
        return self.api.ada

    @property
    def bob(self) -> Person:
        """Who wants to look into it."""
        return self.api.bob

    @property
    def cursor(self) -> str:
        """A cursor right before Ada's row, for those who read from the latest."""
        return Cursor(self.row.timestamp_ns + 1, self.row.uuid).encode()

    def perform(self, ask: Ask, method: str, who: Person) -> Reply:
        """Make the request as somebody who has signed in, or with its key."""
        token = self.api.sign_in(who)
        options: dict[str, Any] = {"headers": {} if ask.key else {"X-CSRFToken": token}}
        if ask.json is not None:
            options["json"] = ask.json
        elif method != "GET":
            options["data"] = {"csrf_token": token, **ask.form}
        return self.api.call(method, ask.path, ask.key, **options)

    def leaks(self, ask: Ask, response: Reply) -> list[str]:
        """Return the secrets that an answer tells to somebody who did not know them."""
        told, known = f"{response.text}{response.headers}".lower(), (ask.sent, *ask.tells)
        return [
            secret for secret in self.secrets if secret.lower() in told and not any(secret in text for text in known)
        ]

    def state(self) -> dict[str, list[Any]]:
        """Return everything that is Ada's: of every SQL table what belongs to her or her project, and the logs."""
        db.session.rollback()
        found: dict[str, list[Any]] = {}
        for table in db.metadata.sorted_tables:
            rows = [
                dict(row._mapping) for row in db.session.execute(select(table).order_by(table.primary_key.columns[0]))
            ]
            found[table.name] = [
                {name: value for name, value in row.items() if name not in BESIDES_USE}
                for row in rows
                if self._is_adas(table.name, row)
            ]
        found["logs"] = stored.rows(self.url, f"project_id = {self.ada.project_id}")
        return found

    def _is_adas(self, table: str, row: dict[str, Any]) -> bool:
        project_id = row["id"] if table == "projects" else row.get("project_id")
        user_id = row["id"] if table == "users" else row.get("user_id")
        return project_id == self.ada.project_id or user_id == self.ada.id


def make_neighbours(api: Api, url: str) -> Neighbours:
    """Give Ada's project a row, an invitation, a key and a token whose every word is a secret, and Bob's a row."""
    ada = db.session.get_one(User, api.ada.id)
    project = projects.rename_project(api.ada.project_id, "Vault below the stairs", operator())
    insert(store, [Log(project_id=project.id, trace_id=TRACE, resource_fingerprint=FINGERPRINT, **VAULT)])
    insert(store, [Log(project_id=api.bob.project_id, body="what Bob may read", timestamp_ns=NOON_NS - 1)])
    (row,) = logs.search(Scope(project.id, TimeRange(NOON_NS - HOUR_NS, NOON_NS + HOUR_NS))).rows
    invitation, link = invitations.invite(project.id, GUEST, Role.MEMBER, operator())
    key, value = keys.create_key(ada, "key of the vault", ["*"])
    view = views.create_view(project.id, {"name": "View of the vault", "filters": {"searchTerm": "secret"}}, operator())
    used_link = accounts.create_sign_in_link(ada)
    accounts.use_sign_in_link(used_link)
    words = (VAULT["body"], VAULT["service_name"], "vault.code", "4-8-15-16-23-42", "vault-host-1", "vault.opened")
    names = (project.name, f"/p/{project.slug}/", ada.email, GUEST, key.label, view.name, TRACE, str(FINGERPRINT))
    ids = (str(row.uuid), row.uuid.hex, str(project.uuid), str(ada.uuid), str(key.uuid))
    values = (value, link, used_link, api.ada.token, api.ada.key)
    return Neighbours(
        api,
        url,
        row,
        project.slug,
        projects.project_by_id(api.bob.project_id).slug,
        str(key.uuid),
        view.short_id,
        str(ada.uuid),
        invitation.id,
        link,
        used_link,
        tuple(map(str, (*words, *names, *ids, *values))),
    )
