"""Commands for passwords, members, invitations, tokens, projects and the audit log."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.support.commands import Commands
from webapp.extensions import db
from webapp.models import Role
from webapp.services import accounts, invitations, projects, sign_in, tokens

PASSWORD = "correct horse battery"
ADA = ("--email", "ada@example.org")


@pytest.fixture
def ada(run: Commands) -> None:
    """Somebody who is a member of the first project alone."""
    accounts.create_user("ada@example.org", "Ada", [projects.project_by_id(1)])


def test_a_password_is_taken_from_stdin_and_never_printed(run: Commands, ada: None) -> None:
    result = run("user", "password", *ADA, typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert PASSWORD not in result.output
    assert sign_in.sign_in("ada@example.org", PASSWORD, "").email == "ada@example.org"


def test_a_password_that_cannot_be_one_is_refused_in_a_sentence(run: Commands, ada: None) -> None:
    for typed, words in (("short\n", "at least 12 characters"), ("", "at least 12 characters")):
        result = run("user", "password", *ADA, typed=typed)
        assert (result.exit_code, result.stdout) == (1, "")
        assert words in result.stderr
    assert "Nobody here has the address" in run.refused("user", "password", "--email", "eve@example.org")
    assert accounts.user_by_email("ada@example.org").password_hash is None


def test_members_are_listed_changed_removed_and_added(run: Commands, ada: None) -> None:
    here = ("--project", "1")
    assert [(found["email"], found["role"]) for found in run.json("member", "list", *here)] == [
        ("admin@localhost", "admin"),
        ("ada@example.org", "member"),
    ]
    assert "is now admin of Default" in run("member", "role", *here, *ADA, "--role", "admin").stdout
    assert "ada@example.org  Ada" in run("member", "list", *here).stdout
    assert "is not a member" in run("member", "remove", *here, *ADA).stdout
    assert "Nobody of that id" in run.refused("member", "remove", *here, *ADA)
    assert "is now viewer" in run("member", "add", *here, *ADA, "--role", "viewer").stdout
    assert "last admin" in run.refused("member", "remove", *here, "--email", "admin@localhost")
    assert "last admin" in run.refused("member", "role", *here, "--email", "admin@localhost", "--role", "viewer")
    assert "There is no project 99" in run.refused("member", "list", "--project", "99")
    assert "owner" in run.refused("member", "role", *here, *ADA, "--role", "owner")
    assert "2147483647" in run.refused("member", "list", "--project", str(2**31))


def test_an_invitation_is_made_listed_accepted_and_revoked(run: Commands) -> None:
    options = ("--project", "1", "--email", "Grace@example.org", "--role", "viewer")
    made = run.json("invite", "create", *options)
    address, _, token = made["url"].rpartition("/")
    assert address == "http://127.0.0.1:8000/invitations"
    assert token not in run("invite", "list", "--project", "1").stdout
    user = invitations.accept_as_new(token, "Grace", PASSWORD)
    assert [(found.project_id, found.role) for found in user.memberships] == [(1, Role.VIEWER)]
    assert "is a member of this project already" in run.refused("invite", "create", *options)
    other = run.json("invite", "create", "--project", "1", "--email", "bob@example.org", "--role", "member")
    assert "is revoked" in run("invite", "revoke", str(other["id"])).stdout
    found = run.json("invite", "list", "--project", "1")
    assert [(one["email"], one["state"], one["invited_by"]) for one in found] == [
        ("bob@example.org", "revoked", None),
        ("grace@example.org", "accepted", None),
    ]
    assert "revoked" in run("invite", "list", "--project", "1").stdout
    assert "no invitation with the id 99" in run.refused("invite", "revoke", "99")


def test_tokens_are_made_rotated_and_revoked(run: Commands) -> None:
    first = run.json("token", "list", "--project", "1")[0]
    assert (first["label"], first["state"], first["last_used_at"]) == ("First token", "active", None)
    old = tokens.ingestion_token(1)
    rotated = run.json("token", "rotate", str(first["id"]), "--grace", "7d")
    assert tokens.ingestion_token(1) == rotated["value"]
    assert tokens.project_by_ingestion_token(old).project_id == 1
    listed = run.json("token", "list", "--project", "1")
    assert [token["state"] for token in listed] == ["active", "rotated"]
    grace = datetime.fromisoformat(listed[1]["works_until"]) - datetime.fromisoformat(listed[0]["created_at"])
    assert round(grace.total_seconds() / 3600) == 7 * 24
    value = run("token", "create", "--project", "1", "--label", "billing").stdout.strip()
    assert tokens.project_by_ingestion_token(value).slug == "default"
    assert value not in run("token", "list", "--project", "1").stdout
    assert "is revoked" in run("token", "revoke", str(first["id"])).stdout
    assert "is revoked already" in run.refused("token", "rotate", str(first["id"]))
    for grace_text, words in (("soon", "--grace is 'soon'"), ("91d", "from 0 to 90 days")):
        assert words in run.refused("token", "rotate", str(rotated["id"]), "--grace", grace_text)
    assert "no ingestion token with the id 99" in run.refused("token", "revoke", "99")


def test_projects_are_listed_renamed_and_given_another_retention(run: Commands) -> None:
    assert "is called The shop" in run("project", "rename", "1", "--name", "The shop").stdout
    assert "kept for 7 days" in run("project", "retention", "1", "--days", "7").stdout
    assert run.json("project", "list")[0] == {"id": 1, "slug": "default", "name": "The shop", "retention_days": 7}
    assert "7 days  default  The shop" in run("project", "list").stdout
    assert "1 to 3650 days" in run.refused("project", "retention", "1", "--days", "0")
    assert "There is no project 99" in run.refused("project", "rename", "99", "--name", "x")


def test_the_audit_log_names_the_operator_and_what_changed(run: Commands, ada: None) -> None:
    run("member", "role", "--project", "1", *ADA, "--role", "admin")
    run("project", "rename", "2", "--name", "Own logs")
    (entry,) = run.json("audit", "--project", "1", "--action", "member.role_changed")
    assert (entry["by"]["kind"], entry["object"]["label"]) == ("operator", "ada@example.org")
    assert (entry["before"], entry["after"]) == ({"role": "member"}, {"role": "admin"})
    line = run("audit", "--project", "1", "--limit", "1").stdout.strip()
    assert "member.role_changed" in line
    assert "ada@example.org  by operator" in line
    assert line.endswith("in project 1  role: member → admin")
    assert "\n" not in line
    everything = run.json("audit")
    assert everything[0]["action"] == "project.renamed"
    assert run.json("audit", "--before", str(everything[0]["id"]), "--limit", "1")[0]["id"] == everything[1]["id"]
    assert "--limit" in run.refused("audit", "--limit", "0")


def test_the_audit_log_outlives_what_it_names(run: Commands, ada: None) -> None:
    db.session.delete(accounts.user_by_email("ada@example.org"))
    db.session.delete(projects.project_by_id(1))
    db.session.commit()
    labels = {entry["object"]["label"] for entry in run.json("audit", "--project", "1")}
    assert {"ada@example.org", "Default"} <= labels
