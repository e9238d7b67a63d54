"""The pages with two people who have a project each, and a visitor whose every request starts from nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.api import SeparateClient
from webapp.models import User
from webapp.services import accounts, projects

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Member:
    """Someone with a project of their own."""

    user: User
    project_id: int
    slug: str

    @property
    def logs(self) -> str:
        """Path of their explorer."""
        return f"/p/{self.slug}/logs"


class Visitor:
    """A browser without scripts; ``part`` asks as htmx does."""

    def __init__(self, app: Flask) -> None:
        app.test_client_class = SeparateClient
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.client.post(path, **options)

    def part(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"HX-Request": "true", **headers})

    def sign_in(self, member: Member) -> TestResponse:
        return self.get(f"/sign-in/{accounts.create_sign_in_link(member.user)}")

    def csrf_token(self, path: str) -> str:
        """The token in the forms of a page."""
        found = CSRF.search(self.get(path).text)
        assert found is not None
        return found[1]


def make_member(name: str) -> Member:
    user = accounts.create_user(f"{name}@example.org", name, [])
    project = projects.create_project(f"{name}'s shop", user)
    return Member(user, project.id, project.slug)


@pytest.fixture
def ada(app: Flask) -> Member:
    return make_member("ada")


@pytest.fixture
def bob(app: Flask) -> Member:
    return make_member("bob")


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)


@pytest.fixture
def visitor(app: Flask, ada: Member) -> Visitor:
    """Ada, signed in."""
    visitor = Visitor(app)
    assert visitor.sign_in(ada).status_code == 302
    return visitor
