"""Who may see a page, and how they get in and out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from tests.pages.conftest import Member, Visitor
from webapp.errors import API_PREFIXES
from webapp.services import accounts

# Pages and answers that need nobody to be signed in; whatever is added elsewhere asks for it.
PUBLIC = {
    "health.healthz",
    "health.readyz",
    "invitations.accept",
    "invitations.show",
    "preferences.set_theme",
    "session.sign_in",
    "session.sign_in_with_password",
    "session.sign_out",
    "session.use_link",
    "static.file",
}


def guarded(app: Flask) -> list[tuple[str, Rule]]:
    """Every page that is not declared public, with the values of its address filled in."""
    found = [
        (re.sub(r"<[^>]+>", "x", re.sub(r"<int[^>]*>", "1", rule.rule)), rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC and not rule.rule.startswith(API_PREFIXES)
    ]
    assert len(found) >= 7
    return found


def test_every_page_asks_for_a_sign_in(app: Flask, stranger: Visitor, subtests: pytest.Subtests) -> None:
    for path, rule in guarded(app):
        for method in rule.methods or ():
            with subtests.test(path=path, method=method):
                response = stranger.client.open(path, method=method)
                if method in ("GET", "HEAD"):
                    assert (response.status_code, response.location) == (302, "/login")
                elif method != "OPTIONS":
                    assert response.status_code in (400, 401)


def test_a_part_sends_the_whole_page_to_the_sign_in(app: Flask, stranger: Visitor, subtests: pytest.Subtests) -> None:
    for path, rule in guarded(app):
        if "GET" not in (rule.methods or ()):
            continue
        with subtests.test(path=path):
            response = stranger.part(path)
            assert response.status_code == 401
            assert response.headers["HX-Redirect"] == "/login"
            assert response.text == ""


def test_a_sign_in_leads_to_the_page_that_was_asked_for(stranger: Visitor, ada: Member) -> None:
    wanted = f"{ada.logs}?q=level:error%20%22a%20b%22&t=now-4h..now"
    assert stranger.get(wanted).location == "/login"
    assert "taken to the page that you asked for" in stranger.get("/login").text
    assert stranger.sign_in(ada).location == wanted
    assert stranger.get(wanted).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "/\\evil.example/", "https://evil.example/", "evil.example", "", "\\\\evil.example", 7, None],
)
def test_a_sign_in_leads_nowhere_else(stranger: Visitor, ada: Member, elsewhere: object) -> None:
    with stranger.client.session_transaction() as session:
        session["wanted"] = elsewhere
    assert stranger.sign_in(ada).location == "/"


@pytest.mark.parametrize(
    "path", ["//evil.example/p/x/logs", "/p/%2F%2Fevil.example/logs", "/p/x/logs/%0d%0aSet-Cookie:a"]
)
def test_no_address_makes_the_sign_in_lead_to_another_host(stranger: Visitor, ada: Member, path: str) -> None:
    stranger.get(path)
    location = stranger.sign_in(ada).location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_sign_in_link_works_once(stranger: Visitor, app: Flask, ada: Member) -> None:
    link = f"/sign-in/{accounts.create_sign_in_link(ada.user)}"
    assert stranger.get(link).status_code == 302
    second = Visitor(app).get(link)
    assert second.status_code == 401
    assert "was used already" in second.text
    assert stranger.get(link).status_code == 302  # whoever is in already is not told off for clicking twice


def test_looking_at_a_sign_in_link_by_head_does_not_use_it(stranger: Visitor, ada: Member) -> None:
    link = f"/sign-in/{accounts.create_sign_in_link(ada.user)}"
    assert stranger.client.head(link).status_code == 200
    assert stranger.get(ada.logs).status_code == 302
    assert stranger.get(link).status_code == 302
    assert stranger.get(ada.logs).status_code == 200


def test_a_link_that_has_run_out_or_is_unknown_signs_nobody_in(stranger: Visitor, ada: Member) -> None:
    link = f"/sign-in/{accounts.create_sign_in_link(ada.user)}"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        late = stranger.get(link)
    unknown = stranger.get("/sign-in/nonsense")
    assert (late.status_code, unknown.status_code) == (401, 401)
    assert "has run out" in late.text
    assert "is not known here" in unknown.text
    assert stranger.get(ada.logs).status_code == 302


def test_a_session_from_before_the_sign_in_is_not_carried_over(stranger: Visitor, ada: Member) -> None:
    with stranger.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    stranger.sign_in(ada)
    with stranger.client.session_transaction() as session:
        assert "planted" not in session


def test_signing_out_takes_a_post_with_a_token(visitor: Visitor, ada: Member) -> None:
    assert visitor.get("/sign-out").status_code == 405
    assert visitor.post("/sign-out").status_code == 400
    assert visitor.post("/sign-out", data={"csrf_token": "wrong"}).status_code == 400
    assert visitor.get(ada.logs).status_code == 200
    response = visitor.post("/sign-out", data={"csrf_token": visitor.csrf_token(ada.logs)})
    assert (response.status_code, response.location) == (302, "/login")
    assert visitor.get(ada.logs).status_code == 302


def test_no_answer_on_its_way_brings_a_session_back_after_the_sign_out(visitor: Visitor, ada: Member) -> None:
    visitor.csrf_token(ada.logs)  # the first page may set something of its own
    for path in ("", "/rows", "/summary", "/hints", "/arrival"):
        assert "Set-Cookie" not in visitor.part(ada.logs + path).headers


def test_a_sign_out_ends_what_a_cookie_that_was_kept_can_do_with_forms(visitor: Visitor, ada: Member) -> None:
    token = visitor.csrf_token(ada.logs)
    visitor.post("/sign-out", data={"csrf_token": token})
    assert visitor.post("/preferences/theme", data={"csrf_token": token, "theme": "dark"}).status_code == 400


def test_the_theme_takes_a_token_and_comes_back_to_where_it_was_chosen(visitor: Visitor, ada: Member) -> None:
    here = f"http://localhost{ada.logs}?q=a"
    assert visitor.post("/preferences/theme", data={"theme": "dark"}).status_code == 400
    assert 'data-theme="' not in visitor.get(ada.logs).text
    form = {"csrf_token": visitor.csrf_token(ada.logs), "theme": "dark"}
    response = visitor.post("/preferences/theme", data=form, headers={"Referer": here})
    assert (response.status_code, response.location) == (302, f"{ada.logs}?q=a")
    assert '<html lang="en" data-theme="dark">' in visitor.get(ada.logs).text
    visitor.post("/preferences/theme", data={**form, "theme": ""}, headers={"Referer": here})
    assert 'data-theme="' not in visitor.get(ada.logs).text
    assert visitor.post("/preferences/theme", data={**form, "theme": "pink"}).status_code == 400


@pytest.mark.parametrize(
    "referrer",
    ["https://evil.example/p", "http://localhost//evil.example", "http://localhost/\\evil.example", "", "localhost"],
)
def test_the_theme_leads_to_no_other_host(visitor: Visitor, ada: Member, referrer: str) -> None:
    form = {"csrf_token": visitor.csrf_token(ada.logs), "theme": "dark"}
    location = visitor.post("/preferences/theme", data=form, headers={"Referer": referrer}).location
    assert re.fullmatch(r"/([^/\\].*)?", location)


def test_a_session_that_ended_under_a_page_leads_back_to_it(stranger: Visitor, ada: Member) -> None:
    here = f"{ada.logs}?q=timeout&t=now-4h..now"
    stranger.part(f"{ada.logs}?q=other", **{"HX-Current-URL": f"http://localhost{here}"})
    assert stranger.sign_in(ada).location == here


@pytest.mark.parametrize("page", ["http://evil.example/p", "http://localhost//evil.example", "javascript:alert(1)", ""])
def test_a_session_that_ended_leads_to_no_other_host(stranger: Visitor, ada: Member, page: str) -> None:
    stranger.part(ada.logs, **{"HX-Current-URL": page})
    assert stranger.sign_in(ada).location == "/"


def test_every_form_takes_a_token_of_its_session(app: Flask, visitor: Visitor, subtests: pytest.Subtests) -> None:
    paths = [
        re.sub(r"<[^>]+>", "x", re.sub(r"<int[^>]*>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(API_PREFIXES)
    ]
    assert len(paths) >= 9
    for path in paths:
        for form in ({}, {"csrf_token": "wrong"}):
            with subtests.test(path=path, form=form):
                refused = visitor.post(path, data=form)
                assert refused.status_code == 400
                assert "load the page again" in refused.text
