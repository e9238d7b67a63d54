"""What every answer carries: the page or its part, headers, size, and errors that give nothing away."""

from __future__ import annotations

import gzip
import random
import re
from ipaddress import IPv4Address
from typing import NoReturn

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, MINUTE_NS, NOON_NS, Log, insert
from webapp.pages.logs import blocks

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
PAGE_BYTES = 20_000
LEAKS = re.compile(r"Traceback|File \"|site-packages|werkzeug|sqlalchemy|clickhouse://|DB::Exception", re.IGNORECASE)


@pytest.fixture
def filled(app: Flask, ada: Member) -> Member:
    """Ada with 130 lines as services write them."""
    chance = random.Random(7)
    services = ("checkout", "payments-gateway", "catalogue", "frontend-proxy")
    insert(
        app.extensions["hedgerow_store"],
        [
            Log(
                project_id=ada.project_id,
                timestamp_ns=NOON_NS - index * MINUTE_NS // 7,
                severity_text=chance.choice(("info", "info", "debug", "warn", "error")),
                service_name=chance.choice(services),
                body=f"{chance.choice(('GET', 'POST'))} /api/v1/orders/{chance.getrandbits(40):x} answered "
                f"{chance.choice((200, 201, 404, 502))} in {chance.randrange(2000)} ms "
                f"for user {chance.getrandbits(24)} from {IPv4Address(chance.getrandbits(32))}",
            )
            for index in range(130)
        ],
    )
    return ada


def test_htmx_gets_the_part_and_everyone_else_the_page(visitor: Visitor, filled: Member) -> None:
    address = f"{filled.logs}?q=answered&{WINDOW}"
    page, part = visitor.get(address), visitor.part(address)
    assert page.text.startswith("<!doctype html>")
    assert "<html" not in part.text
    assert '<main id="explorer"' in part.text
    assert part.headers["HX-Push-Url"] == f"{filled.logs}?q=answered"
    restored = visitor.part(address, **{"HX-History-Restore-Request": "true"})
    assert restored.text.startswith("<!doctype html>")


def test_the_part_brings_the_title_of_its_page(visitor: Visitor, filled: Member) -> None:
    titles = [
        re.findall("<title>(.*?)</title>", found(f"{filled.logs}?q=a%3Cb").text)
        for found in (visitor.get, visitor.part)
    ]
    assert titles == [[f"a&lt;b · {'ada&#39;s shop'} · Hedgerow"]] * 2
    assert visitor.part(f"{filled.logs}?q=a").text.lstrip().startswith("<title>")  # htmx looks for it at the top only


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/rows",
        "/summary",
        "/hints",
        "/panel",
        "/row/1.2",
        "/row/nonsense",
        "/facets",
        "/facets/values?facet=level",
        "/facets/keys",
        "?q=%22open",
        "?row=1.2",
    ],
)
def test_no_cache_hands_a_part_to_somebody_who_wants_the_page(visitor: Visitor, filled: Member, path: str) -> None:
    for response in (visitor.get(filled.logs + path), visitor.part(filled.logs + path)):
        assert "HX-Request" in response.headers["Vary"]
        assert response.headers["Cache-Control"] == "private, no-cache"


def test_an_error_outside_the_views_varies_too_and_leaves_the_page_alone(visitor: Visitor) -> None:
    page, part = visitor.get("/p/nobodys/logs"), visitor.part("/p/nobodys/logs")
    assert "HX-Request" in page.headers["Vary"]
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" in page.text
    assert "<html" not in part.text
    assert part.headers["HX-Retarget"] == "#notice"


def test_the_policy_allows_our_own_files_and_nothing_inline(visitor: Visitor, filled: Member) -> None:
    for path in ("/login", filled.logs, f"{filled.logs}/rows", "/p/nobodys/logs", "/nowhere"):
        policy = visitor.get(path).headers["Content-Security-Policy"]
        directives = dict(part.split(" ", 1) for part in policy.split("; "))
        assert directives["default-src"] == "'none'"
        assert re.fullmatch(r"'self'( 'nonce-[\w-]{22}')?", directives["script-src"])
        assert re.fullmatch(r"'self'( 'nonce-[\w-]{22}')?", directives["style-src"])
        assert {directives["frame-ancestors"], directives["base-uri"]} == {"'none'"}
        assert "unsafe" not in policy
        assert "http" not in policy


def test_no_two_answers_share_a_nonce(visitor: Visitor, filled: Member) -> None:
    found = [re.findall(r"nonce-([\w-]+)", visitor.get(filled.logs).headers["Content-Security-Policy"]) for _ in "ab"]
    assert not set(found[0]) & set(found[1])


def test_a_page_of_a_hundred_rows_is_small(visitor: Visitor, filled: Member) -> None:
    response = visitor.get(f"{filled.logs}?{WINDOW}", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data).decode().count('<div class="row ') == blocks.PAGE_ROWS == 100
    assert len(response.data) <= PAGE_BYTES


def test_only_files_of_the_present_version_may_be_kept_for_good(stranger: Visitor, app: Flask) -> None:
    version = app.extensions["hedgerow_static_version"]
    assert f"/static/{version}/css/all.css" in stranger.get("/login").text
    with stranger.get(f"/static/{version}/css/all.css") as kept:
        pass
    assert kept.status_code == 200
    assert kept.cache_control.immutable
    assert kept.cache_control.max_age == 365 * 24 * 3600
    with stranger.get("/static/another/css/all.css") as other:
        pass
    assert other.status_code == 200
    assert not other.cache_control.immutable
    assert other.cache_control.max_age == 0
    assert stranger.get(f"/static/{version}/css/none.css").status_code == 404
    assert stranger.get(f"/static/{version}/../settings.py").status_code == 404
    assert stranger.get(f"/static/{version}/%2e%2e/settings.py").status_code == 404


def test_a_page_that_does_not_exist_says_so_in_the_frame(visitor: Visitor, stranger: Visitor) -> None:
    for somebody in (visitor, stranger):
        page = somebody.get("/nowhere?<script>alert(1)</script>")
        assert page.status_code == 404
        assert "<h1>Not found</h1>" in page.text
        assert "alert(1)" not in page.text
        assert not LEAKS.search(page.text)


def test_an_error_that_nobody_expected_gives_nothing_away(
    visitor: Visitor, filled: Member, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    def broken() -> NoReturn:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setitem(app.view_functions, "session.sign_in", broken)
    for response in (visitor.get("/login"), visitor.part("/login")):
        assert response.status_code == 500
        assert "Something broke" in response.text
        assert "hunter2" not in response.text
        assert not LEAKS.search(response.text)
        assert f"Request {response.headers['X-Request-Id']}" in response.text


def test_an_old_form_says_what_to_do(visitor: Visitor) -> None:
    response = visitor.post("/preferences/theme", data={"theme": "dark", "csrf_token": "old"})
    assert response.status_code == 400
    assert "load the page again" in response.text


WILD = [
    "t=1970-01-01..2261-12-31",
    "w=0-9223372036854775807",
    "w=9223372036854775806-9223372036854775807",
    "w=0-1",
    "t=2261-12-31",
    "after=nonsense",
    "after=eyJ0aW1lc3RhbXAiOiAiOTk5OS0wMS0wMVQwMDowMDowMC4wMDAwMDAwMDBaIiwgInV1aWQiOiAiMDAifQ==",
    "row=nonsense",
    "row=99999999999999999999.00000000000000000000000000000000",
    "row=-9223372036854775807.00000000000000000000000000000000",
    "row=1",
    "q=" + "%28" * 200,
    "q=" + "a" * 5000,
    "q=%00",
    "tz=%00",
    "t=%00",
    "q=%ff%fe",
    "sort=sideways",
    "tab=patterns&w=0-9223372036854775807",
    "tab=groups&inline=1&group=%00,%22,,%ff&order=up",
    "tab=patterns&inline=1&q=%22",
]


@pytest.mark.parametrize("path", ["", "/rows", "/summary", "/hints", "/panel", "/row/1.2"])
def test_no_address_breaks_a_page(visitor: Visitor, ada: Member, path: str, subtests: pytest.Subtests) -> None:
    for query in WILD:
        with subtests.test(query=query[:60]):
            for response in (visitor.get(f"{ada.logs}{path}?{query}"), visitor.part(f"{ada.logs}{path}?{query}")):
                assert response.status_code < 500
                assert len(gzip.compress(response.data)) < 2 * PAGE_BYTES
                assert not LEAKS.search(response.text)


def test_a_time_that_a_form_sent_becomes_the_address_that_means_it(visitor: Visitor, ada: Member) -> None:
    typed = visitor.get(f"{ada.logs}?q=a%20b&t=2026-11-22+14:00-15:00&tz=Europe/Berlin")
    assert typed.status_code == 302
    assert typed.location == f"{ada.logs}?q=a%20b&t=2026-11-22T13:00Z..2026-11-22T14:00Z&tz=Europe/Berlin"
    assert visitor.get(typed.location).status_code == 200
    assert visitor.get(f"{ada.logs}?t=now-15m..now").status_code == 200
    assert visitor.get(f"{ada.logs}?t=when+pigs+fly").status_code == 422
    assert visitor.get(f"{ada.logs}?t=15m&utm=mail").status_code == 200  # or nobody would see what was ignored
