"""The tabs over the list: the same rows as patterns and in groups, and links that lead to just those rows."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from clickhouse_driver import Client
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert
from webapp.settings import Settings

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HOSTILE = [
    "<script>alert(1)</script> 12",
    "\"'></details></li></main><svg onload=alert(1)> {{7*7}}",
    "safe \u202ecod.exe\u202c \x1b[31mred\x1b[0m a\x00b \u200bc",
    "two\nlines",
    "",
    "x" * 10_000,
]


def keep(app: Flask, ada: Member, *logs: Mapping[str, object]) -> None:
    made = [
        Log(**{"project_id": ada.project_id, "timestamp_ns": NOON_NS + n * SECOND_NS, **log})  # type: ignore[arg-type]
        for n, log in enumerate(logs)
    ]
    insert(app.extensions["hedgerow_store"], made)


def panel(visitor: Visitor, ada: Member, state: str) -> str:
    response = visitor.part(f"{ada.logs}/panel?{WINDOW}&{state}")
    assert response.status_code == 200
    return response.text


def links(shown: str, title: str) -> list[str]:
    """Addresses of the links whose tag or text says so."""
    found = re.findall(r'<a ([^>]*href="([^"]*)"[^>]*)>(.*?)</a>', shown, re.DOTALL)
    return [html.unescape(href) for tag, href, text in found if title in tag + text]


def rows_at(visitor: Visitor, address: str) -> list[str]:
    """The messages of the rows that a link leads to, as they are shown."""
    page = visitor.get(f"{address}&{WINDOW}").text
    found = re.findall(r'<span class="m" role="gridcell">(.*?)</span></div>', page)
    return [html.unescape(re.sub("<[^>]*>", "", message)) for message in found]


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", "", markup))).strip()


def test_a_pattern_has_its_numbers_and_leads_to_its_rows(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(
        app,
        ada,
        *({"body": f"took {n} ms for a", "severity_text": "error", "service_name": "web"} for n in (5, 17)),
        {"body": "took 3 ms for a"},
        {"body": "something else (entirely) [x+]"},
    )
    shown = panel(visitor, ada, "tab=patterns")
    assert "<b>2 patterns</b> in all 4 rows" in shown
    first, other = re.findall("<summary.*?</summary>", shown, re.DOTALL)
    assert 'took <i class="mask mask--num">num</i> ms for a' in first
    assert text(first) == "Eerror took num ms for a3 rows, 75.0 %2 errorsweb, api"
    assert text(other).endswith("1 row, 25.0 %api")
    assert "2026-09-27 12:00:02" in shown
    matching, _ = links(shown, "Show matching")
    assert "tab=" not in matching
    assert sorted(rows_at(visitor, matching)) == ["took 17 ms for a", "took 3 ms for a", "took 5 ms for a"]
    hiding, _ = links(shown, "Hide")
    assert "tab=patterns" in hiding
    assert rows_at(visitor, hiding.replace("tab=patterns", "tab=logs")) == ["something else (entirely) [x+]"]


def test_groups_lead_to_their_rows_and_values_to_those_with_it(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(
        app,
        ada,
        {"body": "one", "attributes": {"tier": "a, b"}, "severity_text": "error"},
        {"body": "two", "attributes": {"tier": "a, b"}, "severity_text": "error", "trace_id": TRACE},
        {"body": "three", "attributes": {"tier": "a, b"}},
        {"body": "four", "attributes": {"tier": ""}},
        {"body": "five"},
    )
    shown = panel(visitor, ada, "tab=groups&group=tier,level&order=error_count")
    assert "<b>3 groups</b> of 4 rows" in shown
    assert "Rows that lack one of the keys are left out." in shown
    assert re.search(r"\d+(\.\d)? m?s · [1-9]\d* rows · [\d.]+ \w+ read", text(shown))
    table = [text(row) for row in re.findall("<tr.*?</tr>", shown, re.DOTALL)]
    assert table == [
        "tierlevel Rows Errors ↓ Error share Last seen",
        "a, b error 2 2 100 % 2026-09-27 12:00:01",
        "empty info 1 2026-09-27 12:00:03",
        "a, b info 1 2026-09-27 12:00:02",
    ]
    groups = links(shown, "Show these rows")
    assert [rows_at(visitor, group) for group in groups] == [["two", "one"], ["four"], ["three"]]
    value = links(shown, "Only a, b")[0]
    assert "tab=groups" in value
    assert rows_at(visitor, value.replace("tab=groups", "tab=logs")) == ["three", "two", "one"]
    assert [
        address for address in links(shown, "Most first") if "order=last_seen" in address and "tab=groups" in address
    ]
    [traced] = links(panel(visitor, ada, "tab=groups&group=trace_id"), "Show these rows")
    assert rows_at(visitor, traced) == ["two"]


def test_only_the_first_groups_and_patterns_are_shown_and_it_is_said(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(app, ada, *({"body": f"{'(' * n} started", "service_name": f"service {n}"} for n in range(103)))
    shown = panel(visitor, ada, "tab=groups")
    assert "<b>the first 100 of 103 groups</b> of 103 rows" in shown
    assert shown.count("data-group") == 100
    shown = panel(visitor, ada, "tab=patterns")
    assert "<b>100 most frequent patterns</b> in all 103 rows" in shown
    assert shown.count("<summary") == 100


def test_hostile_texts_are_text_and_cut_in_patterns_and_groups(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(
        app,
        ada,
        *({"body": body, "service_name": body, "attributes": {body: body, "key": body}} for body in HOSTILE),
    )
    for state in ("tab=patterns", "tab=groups&group=service,key", "tab=groups&group=<script>alert(1)</script>,key"):
        shown = panel(visitor, ada, state)
        assert "<script>" not in shown
        assert "<svg onload" not in shown
        seen = html.unescape(re.sub('"[^"]*"', "", shown))
        assert "x" * 700 not in seen
        assert not re.search("[\u202a-\u202e\u200b\x00\x1b]", seen)
        for address in links(shown, ""):
            assert visitor.get(address).status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in panel(visitor, ada, "tab=patterns")
    page = visitor.get(f"{ada.logs}?tab=groups&group=<script>alert(1)</script>&{WINDOW}").text
    assert "<script>alert" not in page


def test_keys_to_choose_from_are_those_of_the_time_that_can_be_typed(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(
        app,
        ada,
        {"attributes": {"http.route": "/", "level": "7", "a\u202eb": "1"}, "resource_attributes": {"host.name": "h"}},
    )
    shown = panel(visitor, ada, "tab=groups&q=nosuchword")
    offered = [html.unescape(key) for key in re.findall('<option value="([^"]*)"', shown)]
    assert offered[:3] == ["level", "service", "event"]
    assert {"http.route", '"level"', "resource.host.name"} <= set(offered)
    assert not [key for key in offered if "\u202e" in key]
    assert "No groups" in shown


def test_with_scripts_off_the_table_is_in_the_page(visitor: Visitor, ada: Member, app: Flask) -> None:
    keep(app, ada, {"body": "took 5 ms"})
    for tab, found in (("patterns", "1 pattern"), ("groups", "1 group")):
        page = visitor.get(f"{ada.logs}?tab={tab}&{WINDOW}").text
        assert 'id="panel"' in page
        assert 'id="list"' not in page
        assert found not in page
        refresh = re.search('<noscript><meta http-equiv="refresh" content="0;url=([^"]*)">', page)
        assert refresh is not None
        inline = visitor.get(f"{html.unescape(refresh[1])}&{WINDOW}").text
        assert found in inline
        assert 'http-equiv="refresh"' not in inline
        assert "1</b> row" in inline
        assert found not in visitor.part(f"{ada.logs}?tab={tab}&inline=1&{WINDOW}").text


def test_the_boxes_of_the_form_become_one_key_of_the_address(visitor: Visitor, ada: Member) -> None:
    sent = visitor.get(f"{ada.logs}?q=a%20b&order=log_count&tab=groups&group=level&group=a%20key&group=&group=level")
    assert sent.status_code == 302
    assert sent.location == f"{ada.logs}?q=a%20b&group=level,%22a%20key%22&tab=groups"
    assert visitor.part(f"{ada.logs}?tab=groups&group=&group=").headers["HX-Push-Url"] == f"{ada.logs}?tab=groups"
    ignored = visitor.get(f"{ada.logs}?tab=groups&group=message&group=").text
    assert "Ignored in the address: <code>group=message</code>" in ignored


def test_a_tab_keeps_the_search_the_time_and_the_zone_and_shows_no_row(
    visitor: Visitor, ada: Member, app: Flask
) -> None:
    keep(app, ada, {})
    kept = "q=hello&t=now-4h..now&tz=Asia/Tokyo"
    page = visitor.get(f"{ada.logs}?{kept}&tab=patterns&row={NOON_NS}.{'0' * 32}").text
    assert [f"{ada.logs}?{kept}{tab}" for tab in ("", "&tab=patterns", "&tab=groups")] == [
        html.unescape(href) for href in re.findall(r'id="tab-\w+" href="([^"]*)"', page)
    ]
    assert 'aria-current="true">Patterns' in page
    assert "<aside" in page
    assert "detail__head" not in page


def test_a_project_without_logs_says_how_to_send_some_on_every_tab(visitor: Visitor, ada: Member) -> None:
    for tab in ("patterns", "groups"):
        assert "Send the first log" in visitor.get(f"{ada.logs}?tab={tab}").text


def test_a_table_that_fails_says_so_in_its_place(visitor: Visitor, ada: Member, app: Flask, settings: Settings) -> None:
    keep(app, ada, {})
    with Client.from_url(settings.clickhouse_url) as admin:
        admin.execute("RENAME TABLE logs TO moved")
        failed = [visitor.part(f"{ada.logs}/panel?tab={tab}&{WINDOW}") for tab in ("patterns", "groups")]
        admin.execute("RENAME TABLE moved TO logs")
    for response in failed:
        assert response.status_code == 200  # or the part would not stand in its place
        assert response.text.lstrip().startswith('<div class="tab-panel" id="panel"')
        assert 'role="alert"' in response.text
        assert "Try again" in response.text
