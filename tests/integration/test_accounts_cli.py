"""The commands, as programs and people call them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.accounts import make_app
from tests.support.commands import Commands
from webapp.instance import InstanceLock
from webapp.services import accounts, keys, projects, tokens
from webapp.settings import Settings

PREPARED = "Nothing is prepared here yet"


@pytest.fixture
def running(run: Commands) -> Iterator[Commands]:
    """The same while an instance holds the data directory."""
    with InstanceLock(run.settings.data_dir).take():
        yield run


def test_credentials_are_those_of_the_default_project(running: Commands) -> None:
    found = running.json("credentials")
    assert set(found) == {"url", "project_id", "ingestion_token", "email", "sign_in_url"}
    assert (found["url"], found["email"]) == ("http://127.0.0.1:8000", "admin@localhost")
    assert tokens.project_by_ingestion_token(found["ingestion_token"]).project_id == found["project_id"]
    assert projects.project_by_id(found["project_id"]).slug == "default"
    address, _, token = found["sign_in_url"].rpartition("/")
    assert address == "http://127.0.0.1:8000/sign-in"
    assert accounts.use_sign_in_link(token).email == "admin@localhost"


def test_credentials_for_people_hold_the_same(running: Commands) -> None:
    result = running("credentials")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert tokens.ingestion_token(accounts.first_user().memberships[0].project_id) in result.stdout
    assert re.search(r"http://127\.0\.0\.1:8000/sign-in/\S{40,}", result.stdout)


def test_credentials_of_an_instance_that_is_not_running_are_refused(run: Commands) -> None:
    run.app.extensions["hedgerow_settings"] = Settings(
        data_dir=run.settings.data_dir, public_url="http://127.0.0.1:9", secret_key="k" * 32
    )
    sentence = run.refused("credentials", "--json")
    assert (
        sentence
        == "Error: Hedgerow does not answer at http://127.0.0.1:9. Start it with ./hedgerow, then run this again.\n"
    )


def test_credentials_of_an_instance_under_another_supervisor_are_given(run: Commands) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    run.app.extensions["hedgerow_settings"] = Settings(
        data_dir=run.settings.data_dir, public_url=address, secret_key=run.settings.secret_key
    )
    try:
        assert run.json("credentials")["url"] == address
    finally:
        server.shutdown()
        server.server_close()


def test_a_command_before_the_first_start_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "credentials", "--json"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HEDGEROW_DATA": str(tmp_path / "data")},
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {PREPARED}")
    assert done.stderr.count("\n") == 1


def test_so_do_the_others(tmp_path: Path, commands: type[Commands]) -> None:
    folder = tmp_path / "data"
    early = commands(make_app(f"sqlite:///{folder / 'hedgerow.sqlite3'}", folder))
    for arguments in (["credentials"], ["key", "list"], ["sign-in-link"], ["project", "create", "--name", "x"]):
        said = early.refused(*arguments)
        assert said.startswith(f"Error: {PREPARED}")
        assert said.count("\n") == 1


def test_a_key_is_printed_once_and_alone(run: Commands) -> None:
    result = run("key", "create", "--label", "deploys", "--scopes", "logs:read, logs:write")
    assert result.exit_code == 0
    assert result.stderr == ""
    value = result.stdout.removesuffix("\n")
    key = keys.authenticate_key(value)
    assert (key.label, key.scopes, key.user.email) == ("deploys", ["logs:read", "logs:write"], "admin@localhost")
    assert key.project_ids is None
    assert key.expires_at is None
    assert value not in run("key", "list").stdout


def test_a_key_can_be_restricted_and_end(run: Commands) -> None:
    options = ["--label", "x", "--scopes", "*", "--project", "1", "--project", "2", "--expires-in", "90d"]
    made = run.json("key", "create", *options)
    assert keys.authenticate_key(made["value"]).id == made["id"]
    assert made["project_ids"] == [1, 2]
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scopes", "logs:delete"], "'logs:delete' is not a scope. Choose from *, logs:read"),
        (["--scopes", ","], "at least one scope"),
        (["--scopes", "*", "--project", "99"], "Project 99"),
        (["--scopes", "*", "--expires-in", "soon"], "30m, 12h, 90d or 52w"),
        (["--scopes", "*", "--expires-in", "0d"], "30m, 12h, 90d or 52w"),
        (["--scopes", "*", "--expires-in", "999999w"], "too far in the future"),
        (["--scopes", "*", "--email", "nobody@example.org"], "Nobody here has the address"),
        ([], "--scopes"),
    ],
)
def test_a_key_that_cannot_be_made_is_said_in_a_sentence(run: Commands, options: list[str], words: str) -> None:
    assert words in run.refused("key", "create", "--label", "x", *options)
    assert keys.all_keys() == []


def test_keys_are_listed_and_revoked_by_id(run: Commands) -> None:
    made = run.json("key", "create", "--label", "deploys", "--scopes", "*")
    run("key", "create", "--label", "other", "--scopes", "*")
    assert "is revoked" in run("key", "revoke", str(made["id"])).stdout
    listed = run.json("key", "list")
    assert [(key["label"], key["state"]) for key in listed] == [("other", "active"), ("deploys", "revoked")]
    lines = run("key", "list").stdout.splitlines()
    assert len(lines) == 2
    assert "revoked" in lines[1]
    assert "no personal API key with the id 99" in run.refused("key", "revoke", "99")


def test_a_person_is_created_with_a_link_and_the_projects(run: Commands) -> None:
    made = run.json("user", "create", "--email", "Ada@example.org", "--name", "Ada", "--role", "viewer")
    user = accounts.use_sign_in_link(made["sign_in_url"].rpartition("/")[2])
    assert (user.email, user.name) == ("ada@example.org", "Ada")
    assert [(found.project.slug, found.role) for found in user.memberships] == [
        ("default", "viewer"),
        ("hedgerow", "viewer"),
    ]
    assert "has an account already" in run.refused("user", "create", "--email", "ada@example.org")


def test_a_person_can_join_one_project_only(run: Commands) -> None:
    run.json("user", "create", "--email", "ada@example.org", "--project", "1")
    assert [found.project_id for found in accounts.user_by_email("ada@example.org").memberships] == [1]
    assert "There is no project 99" in run.refused("user", "create", "--email", "b@example.org", "--project", "99")


def test_a_project_is_created_with_its_token(run: Commands) -> None:
    made = run.json("project", "create", "--name", "Web shop")
    assert tokens.project_by_ingestion_token(made["ingestion_token"]).slug == made["slug"] == "web-shop"
    plain = run("project", "create", "--name", "Web shop").stdout
    assert plain.startswith(f"Project {made['id'] + 1} (web-shop-2)\nphc_")


def test_a_sign_in_link_is_made_for_the_person_named(run: Commands) -> None:
    run.json("user", "create", "--email", "ada@example.org")
    link = run("sign-in-link", "--email", "ada@example.org").stdout.strip()
    assert accounts.use_sign_in_link(link.rpartition("/")[2]).email == "ada@example.org"
    assert "Nobody here has the address" in run.refused("sign-in-link", "--email", "eve@example.org")


def test_the_documented_commands_work(run: Commands) -> None:
    page = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text()
    commands = [shlex.split(line)[1:] for line in page.splitlines() if line.startswith("./hedgerow ")]
    assert len(commands) == 24
    for command in commands:
        result = run(*command, typed="correct horse battery\n" if "password" in command else "")
        assert (result.exit_code, result.stderr) == (0, ""), command
