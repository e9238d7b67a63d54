"""People with projects and keys, and a caller for the API that starts every request from nothing."""

from __future__ import annotations

import time
from contextvars import Context
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from webapp.models import Role
from webapp.services import accounts, keys, projects, tokens


class SeparateClient(FlaskClient):
    """Runs each request in a context of its own, as a server does.

    The test's own application context would otherwise be the request's too: with it, the person who signed in once
    would stay signed in, whatever the next request brings. The answer is read in that context, too: a stream goes on
    in it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        return Context().run(super().open, *args, **kwargs)


class Reply(TestResponse):
    """A response whose JSON may be looked into without asking whether there is any."""

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return self.get_json()


@dataclass(frozen=True)
class Person:
    """Someone with a project, its ingestion token and a key for everything."""

    id: int
    session_id: str
    project_id: int
    token: str
    key: str


@dataclass
class Api:
    """Calls the API as a person's program does."""

    app: Flask
    client: FlaskClient
    ada: Person
    bob: Person

    def call(self, method: str, path: str, key: str | None = None, **options: Any) -> Reply:
        """Call with Ada's key, another one, or none if it is empty; a relative path continues that of Ada's logs."""
        key = self.ada.key if key is None else key
        headers = (
            {"Authorization": f"Bearer {key}", **options.pop("headers", {})} if key else options.pop("headers", {})
        )
        url = path if path.startswith("/") else f"/api/projects/{self.ada.project_id}/logs/{path}"
        return cast(Reply, self.client.open(url, method=method, headers=headers, **options))

    def get(self, path: str, key: str | None = None, **options: Any) -> Reply:
        """Read."""
        return self.call("GET", path, key, **options)

    def post(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> Reply:
        """Ask with a JSON body."""
        options.setdefault("json", body)
        return self.call("POST", path, key, **options)

    def rows(self, **query: Any) -> list[dict[str, Any]]:
        """Search Ada's project and return the rows."""
        response = self.post("query/", {"query": query})
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json["results"]
        return found

    def bodies(self, **query: Any) -> list[str]:
        """Search Ada's project and return the bodies."""
        return [row["body"] for row in self.rows(**query)]

    def count(self, **query: Any) -> int:
        """Count in Ada's project."""
        response = self.post("count/", {"query": query})
        assert response.status_code == 200, response.text
        found: int = response.json["count"]
        return found

    def send(self, *records: dict[str, Any], to: Person | None = None, resource: dict[str, str] | None = None) -> None:
        """Send logs by OTLP; each record is a ``logRecord``, a text body is enough, and the time defaults to now."""
        for record in records:
            record.setdefault("timeUnixNano", str(time.time_ns()))
            if isinstance(record.get("body"), str):
                record["body"] = {"stringValue": record["body"]}
        message = {
            "resource": {"attributes": attributes(resource or {"service.name": "api"})},
            "scopeLogs": [{"scope": {"name": "shop.cart", "version": "1.2"}, "logRecords": list(records)}],
        }
        response = self.post("/v1/logs", {"resourceLogs": [message]}, key=(to or self.ada).token)
        assert response.status_code == 200, response.text
        assert "partialSuccess" not in response.json, response.text

    def sign_in(self, person: Person) -> str:
        """Give the client a session, and return its CSRF token."""
        with self.client.session_transaction() as session:
            session.update(_user_id=person.session_id, _fresh=True, csrf_token="raw")
        serializer = URLSafeTimedSerializer(self.app.config["SECRET_KEY"], salt="wtf-csrf-token")
        return str(serializer.dumps("raw"))


def attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    """Write a map of texts as OTLP does."""
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def make_person(name: str) -> Person:
    """Create someone with a project of their own."""
    user = accounts.create_user(f"{name}@example.org", name, [])
    project = projects.create_project(name, user)
    assert projects.require_role(user, project.id, Role.ADMIN)
    _, key = keys.create_key(user, "everything", ["*"])
    return Person(user.id, user.get_id(), project.id, tokens.ingestion_token(project.id), key)


def make_api(app: Flask) -> Api:
    """Create Ada and Bob, who have a project each, and a caller for this application."""
    return call_api(app, make_person("ada"), make_person("bob"))


def call_api(app: Flask, ada: Person, bob: Person) -> Api:
    """Return a caller for an application that knows Ada and Bob."""
    app.test_client_class = SeparateClient
    return Api(app, app.test_client(), ada, bob)
