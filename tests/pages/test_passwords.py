"""Signing in with a password, and changing it, on the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from structlog.testing import capture_logs

from tests.pages.conftest import Member, Visitor
from webapp.extensions import db
from webapp.services import accounts, sign_in
from webapp.services.rate_limits import Limit

GOOD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
NEW = "another long password"


@pytest.fixture
def ada_with_password(ada: Member) -> Member:
    ada.user.password_hash = CHEAP
    db.session.commit()
    return ada


def try_password(visitor: Visitor, password: str, email: str = "ada@example.org", **headers: str) -> tuple[int, str]:
    """Send the form; return the status, and where it leads or what it says."""
    form = {"csrf_token": visitor.csrf_token("/login"), "email": email, "password": password}
    response = visitor.post("/login", data=form, headers=headers)
    return response.status_code, response.location or response.text


def change(visitor: Visitor, **form: str) -> tuple[int, str]:
    token = visitor.csrf_token("/settings/password")
    response = visitor.post("/settings/password", data={"csrf_token": token, **form})
    return response.status_code, response.location or response.text


def test_a_password_leads_to_the_page_that_was_asked_for(stranger: Visitor, ada_with_password: Member) -> None:
    wanted = f"{ada_with_password.logs}?q=a"
    stranger.get(wanted)
    assert try_password(stranger, GOOD) == (302, wanted)
    assert stranger.get(wanted).status_code == 200


def test_a_wrong_password_says_no_more_than_that_and_keeps_the_address(
    stranger: Visitor, ada_with_password: Member
) -> None:
    answers = [try_password(stranger, "wrong" * 3, email) for email in ("ada@example.org", "eve@example.org")]
    assert [status for status, _ in answers] == [401, 401]
    assert all("email address or the password is wrong" in text for _, text in answers)
    assert 'value="ada@example.org"' in answers[0][1]
    assert "wrong" * 3 not in answers[0][1]
    assert stranger.get(ada_with_password.logs).status_code == 302


def test_signing_in_takes_a_token_of_this_very_session(stranger: Visitor, ada_with_password: Member) -> None:
    form = {"email": "ada@example.org", "password": GOOD}
    assert stranger.post("/login", data=form).status_code == 400
    other = Visitor(stranger.client.application)
    assert stranger.post("/login", data={**form, "csrf_token": other.csrf_token("/login")}).status_code == 400
    assert stranger.get(ada_with_password.logs).status_code == 302


def test_a_session_from_before_is_not_carried_over(stranger: Visitor, ada_with_password: Member) -> None:
    with stranger.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    try_password(stranger, GOOD)
    with stranger.client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"]


def test_too_many_attempts_are_told_when_to_come_back(stranger: Visitor, ada_with_password: Member) -> None:
    form = {"csrf_token": stranger.csrf_token("/login"), "email": "ada@example.org", "password": ""}
    for _ in range(sign_in.BY_ACCOUNT.times):
        assert stranger.post("/login", data=form).status_code == 401
    refused = stranger.post("/login", data={**form, "password": GOOD})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Too many attempts. Try again in 15 minutes." in refused.text


def test_one_address_cannot_go_through_many_accounts_and_a_forged_header_is_no_other_address(
    stranger: Visitor, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "BY_ADDRESS", Limit("test-address", 3, 900))
    found = [
        try_password(stranger, "x", f"{number}@example.org", **{"X-Forwarded-For": f"192.0.2.{number}"})[0]
        for number in range(5)
    ]
    assert found == [401, 401, 401, 429, 429]


def test_a_password_is_changed_with_the_old_one_and_ends_other_sessions(
    app: Flask, stranger: Visitor, ada_with_password: Member
) -> None:
    elsewhere = Visitor(app)
    assert try_password(elsewhere, GOOD)[0] == 302
    assert try_password(stranger, GOOD)[0] == 302
    status, text = change(stranger, old="not this one", password=NEW)
    assert (status, "not your present password" in text) == (422, True)
    status, text = change(stranger, old=GOOD, password="short")
    assert (status, "at least 12 characters" in text) == (422, True)
    assert change(stranger, old=GOOD, password=NEW) == (302, "/settings/password?done=1")
    assert "Your password is set" in stranger.get("/settings/password?done=1").text
    assert stranger.get(ada_with_password.logs).status_code == 200
    assert elsewhere.get(ada_with_password.logs).status_code == 302
    assert try_password(Visitor(app), GOOD)[0] == 401
    assert try_password(Visitor(app), NEW)[0] == 302


def test_a_fresh_link_is_as_good_as_the_old_password_for_a_quarter_of_an_hour(visitor: Visitor, ada: Member) -> None:
    assert "Present password" not in visitor.get("/settings/password").text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=15, seconds=1)):
        page = visitor.get("/settings/password").text
        assert "sign in by a new link first" in page
        assert f"./hedgerow sign-in-link --email {ada.user.email}" in page
    assert change(visitor, password=NEW)[0] == 302
    assert "Present password" in visitor.get("/settings/password").text  # the link has done its work


def test_an_old_session_cannot_set_a_first_password(visitor: Visitor, ada: Member) -> None:
    token = visitor.csrf_token(ada.logs)
    with visitor.client.session_transaction() as session:
        session.pop("link_at")
    refused = visitor.post("/settings/password", data={"csrf_token": token, "password": NEW, "old": ""})
    assert refused.status_code == 422
    db.session.expire_all()
    assert ada.user.password_hash is None


@pytest.mark.parametrize("path", ["/login", "/settings/password"])
def test_every_form_of_passwords_takes_a_token(visitor: Visitor, path: str) -> None:
    form = {"email": "ada@example.org", "old": "", "password": NEW}
    assert visitor.post(path, data=form).status_code == 400
    assert visitor.post(path, data={**form, "csrf_token": "wrong"}).status_code == 400


def test_addresses_with_a_secret_are_told_to_nobody_and_written_nowhere(stranger: Visitor, ada: Member) -> None:
    token = accounts.create_sign_in_link(ada.user)
    paths = [
        f"/sign-in/{token}",
        f"/sign-in/{token}/",
        f"//sign-in/{token}",
        f"/invitations/{token}",
        f"/Sign-In/{token}.",
    ]
    with capture_logs() as lines:
        answers = [stranger.get("/", environ_overrides={"PATH_INFO": path}) for path in paths]
    assert token not in str(lines)
    assert len(lines) >= len(paths)
    assert answers[0].status_code == 302
    assert [answers[number].headers["Referrer-Policy"] for number in (0, 3)] == ["strict-origin"] * 2
    assert stranger.get("/login").headers["Cache-Control"] == "no-store"


def test_the_access_log_names_the_person_without_the_version_of_their_session(visitor: Visitor, ada: Member) -> None:
    with capture_logs() as lines:
        visitor.get(ada.logs)
    assert [line["user_id"] for line in lines if "user_id" in line] == [str(ada.user.uuid)]


@pytest.mark.parametrize(
    ("referrer", "status"),
    [("https://localhost/", 401), ("https://localhost/login", 401), ("https://evil.example/", 400), ("", 400)],
)
def test_behind_tls_a_form_names_its_host_and_need_not_name_its_page(
    stranger: Visitor, referrer: str, status: int
) -> None:
    form = {"csrf_token": stranger.csrf_token("/login"), "email": "eve@example.org", "password": "x"}
    headers = {"Referer": referrer} if referrer else {}
    assert stranger.post("/login", data=form, base_url="https://localhost", headers=headers).status_code == status
