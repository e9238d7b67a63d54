"""The histogram by any field, and everything beside the period before."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.pages.test_tabs import links, rows_at, text
from tests.support.logs import HOUR_NS, MINUTE_NS, NOON_NS, Log, insert, next_uuid
from tests.support.slow import endless_before
from webapp import create_app
from webapp.extensions import store
from webapp.language.tree import attribute
from webapp.services import facet_pins
from webapp.services.actors import person
from webapp.settings import Settings

# The hour from noon on, after the hour before it.
WINDOW = f"w={NOON_NS}-{NOON_NS + HOUR_NS}"
HOSTILE = ["<script>alert(1)</script>", 'a" onclick="alert(2)', "rtl \u202e gnp {{7*7}}", "two\nlines – three"]


def lines(minute: int, count: int, **log: object) -> list[Log]:
    """Rows of one minute, counted from noon."""
    made = Log(timestamp_ns=NOON_NS + minute * MINUTE_NS, **log)  # type: ignore[arg-type]
    return [replace(made, timestamp_ns=made.timestamp_ns + n, uuid=next_uuid()) for n in range(count)]


def keep(app: Flask, ada: Member, *logs: list[Log]) -> None:
    insert(app.extensions["hedgerow_store"], [replace(log, project_id=ada.project_id) for log in chain(*logs)])


@pytest.fixture
def filled(app: Flask, ada: Member) -> Member:
    """Ada with two hours: seven tenants, more errors than before, a service and a line that are gone, some new."""
    failed = {"severity_text": "error", "service_name": "payments", "body": "cannot reach the bank"}
    keep(
        app,
        ada,
        *(lines(n, 8 - n, attributes={"tenant": f"t{n}"}, body=f"order {n}") for n in range(7)),
        lines(10, 4, **failed),
        lines(-50, 10, attributes={"tenant": "t0"}, body="order 1"),
        lines(-20, 1, **failed),
        lines(-20, 3, service_name="legacy", attributes={"tenant": "t9"}, body="a line of old"),
    )
    return ada


def part(visitor: Visitor, ada: Member, path: str, state: str) -> str:
    response = visitor.part(f"{ada.logs}/{path}?{WINDOW}&{state}")
    assert response.status_code == 200
    return response.text


def legend(shown: str) -> list[str]:
    found = re.search(r'<div class="legend".*?</div>', shown, re.DOTALL)
    assert found is not None
    return [
        text(entry)
        for entry in re.findall(r"<i class=.*?(?=</a>|</span>\s*(?:<a|<span title|</div>|$))", found[0], re.DOTALL)
    ]


def query_of(address: str) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_the_histogram_is_broken_down_by_the_most_frequent_values(visitor: Visitor, filled: Member) -> None:
    shown = part(visitor, filled, "summary", "by=tenant")
    assert legend(shown) == ["t0 8", "t1 7", "t2 6", "t3 5", "t4 4", "other 5", "not set 4"]
    assert re.findall(r'<path class="bar-(\w+)"', shown) == ["v1", "v2", "v3", "v4", "v5", "other", "unset"]
    assert "12:10 – 12:11\n4 rows: not set 4" in html.unescape(shown)
    assert "<b>39</b> rows" in shown
    table = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", shown)
    assert table[:9] == ["From", "Rows", "t0", "t1", "t2", "t3", "t4", "other", "not set"]
    assert len(table) == 9 * 9


def test_a_value_of_the_legend_shows_only_its_rows_and_lets_go_again(visitor: Visitor, filled: Member) -> None:
    shown = part(visitor, filled, "summary", "by=tenant")
    [only] = links(shown, "Only t3")
    assert query_of(only) == {"q": ["tenant:t3"], "by": ["tenant"]}
    assert rows_at(visitor, f"{only}&{WINDOW}") == ["order 3"] * 5
    [unset] = links(shown, "Only rows without it")
    assert rows_at(visitor, f"{unset}&{WINDOW}") == ["cannot reach the bank"] * 4
    assert links(shown, "All other values") == []
    [again] = links(part(visitor, filled, "summary", "by=tenant&q=tenant:t3"), "All rows again")
    assert query_of(again) == {"by": ["tenant"]}


def test_by_service_and_by_level_too(visitor: Visitor, filled: Member) -> None:
    assert legend(part(visitor, filled, "summary", "by=service")) == ["api 35", "payments 4"]
    assert legend(part(visitor, filled, "summary", "")) == ["error 4", "info 35"]
    assert legend(part(visitor, filled, "summary", "by=no.such.key")) == ["not set 39"]


def test_the_menu_has_the_usual_fields_those_of_ones_own_and_the_present_one(visitor: Visitor, filled: Member) -> None:
    facet_pins.pin(filled.project_id, attribute("http.route"), person(filled.user))
    shown = part(visitor, filled, "summary", "by=tenant&q=order&vs=before")
    addresses = [query_of(address) for address in links(shown, 'class="menu__item"')]
    assert addresses[0] == {"q": ["order"], "vs": ["before"]}
    assert [address["by"] for address in addresses[1:3]] == [["service"], ["resource.deployment.environment.name"]]
    assert [address["by"] for address in addresses[-2:]] == [["http.route"], ["tenant"]]
    page = visitor.get(f"{filled.logs}?inline=1&by=tenant&{WINDOW}").text
    assert [query_of(address)["inline"] for address in links(page, "Compare with the period before")] == [["1"]]


def test_hostile_values_are_text_in_the_legend_the_tooltips_and_the_table(
    visitor: Visitor, ada: Member, app: Flask
) -> None:
    values = enumerate([*HOSTILE, ""])
    keep(app, ada, *(lines(n, 9 - n, attributes={value or "x": value, "key": value}) for n, value in values))
    for by in ("key", *HOSTILE):
        shown = part(visitor, ada, "summary", urlencode({"by": by, "vs": "before"}))
        assert "<script" not in shown
        assert ' onclick="' not in shown
        assert "\u202e" not in shown
    shown = part(visitor, ada, "summary", "by=key")
    assert [entry.rpartition(" ")[0] for entry in legend(shown)] == [
        "<script>alert(1)</script>",
        'a" onclick="alert(2)',
        "rtl ⟨U+202E⟩ gnp {{7*7}}",
        "two ⏎ lines – three",
        "(empty)",
    ]
    assert len(links(shown, "Only two")) == 0  # no search box takes a line end


def test_the_chart_says_how_much_more_there_is_than_before(visitor: Visitor, filled: Member) -> None:
    shown = part(visitor, filled, "summary", "vs=before")
    assert "39 rows, ↑ 2.8× before 14 error" in text(shown)
    assert legend(shown) == ["error 4, ↑ 4.0×", "info 35, ↑ 2.7×"]
    assert len(re.findall('class="delta delta--worse"', shown)) == 1
    assert len(re.findall('<path class="ghost', shown)) == 2
    assert "12:10 – 12:11\n4 rows, before 10: error 4" in html.unescape(shown)
    shown = part(visitor, filled, "summary", "by=service&vs=before")
    assert legend(shown) == ["api 35, ↑ 3.5×", "payments 4, ↑ 4.0×", "other 0, gone"]


def test_without_comparison_there_is_none(visitor: Visitor, filled: Member) -> None:
    for path, state in (("summary", ""), ("facets", ""), ("panel", "tab=patterns")):
        shown = part(visitor, filled, path, state)
        assert "delta" not in shown
        assert "ghost" not in shown
        assert ">gone<" not in shown


def test_facets_say_how_their_values_have_changed(visitor: Visitor, filled: Member) -> None:
    shown = part(visitor, filled, "facets", "vs=before")
    values = [text(value) for value in re.findall(r'<li class="value.*?</li>', shown, re.DOTALL)]
    assert values[:3] == ["fatal 0", "error 4, ↑ 4.0×", "warn 0"]
    assert values[6:9] == ["api 35, ↑ 3.5×", "payments 4, ↑ 4.0×", "legacy 0, gone"]
    assert re.findall(r'class="(value[^"]*is-zero)"', shown)[-1] == "value is-zero"
    one = part(visitor, filled, "facets/values", "facet=tenant&vs=before&find=t9")
    assert [text(value) for value in re.findall(r'<li class="value.*?</li>', one, re.DOTALL)] == ["t9 0, gone"]


def test_patterns_are_new_gone_or_have_changed(visitor: Visitor, filled: Member) -> None:
    shown = part(visitor, filled, "panel", "tab=patterns&vs=before")
    lines = [text(line) for line in re.findall("<summary.*?</summary>", shown, re.DOTALL)]
    assert lines == [
        "Iinfo order num35 rows, , ↑ 3.5×89.7 %api",
        "Eerror cannot reach the bank4 rows, , ↑ 4.0×10.3 %4 errorspayments",
        "Iinfo a line of old0 rows, , gonelegacy",
    ]
    assert "all 14 rows" in shown
    [*_, old] = links(shown, "Show matching")
    assert query_of(old)["t"] == ["2026-09-27T11:00Z..2026-09-27T12:00Z"]
    assert re.findall('class="m"[^>]*>(.*?)</span></div>', visitor.get(old).text) == ["<mark>a line of old</mark>"] * 3
    assert len(links(shown, "Hide")) == 2
    new = part(visitor, filled, "panel", "tab=patterns&vs=before&q=-payments").replace(WINDOW, "")
    assert ">new<" not in new
    later = f"w={NOON_NS + 5 * MINUTE_NS}-{NOON_NS + 12 * MINUTE_NS}"
    assert ">new<" in visitor.part(f"{filled.logs}/panel?tab=patterns&vs=before&{later}").text


def test_what_cannot_be_compared_says_so_and_is_there_without(settings: Settings, ada: Member, app: Flask) -> None:
    before = [line for minute in range(60) for line in lines(minute - 60, 1, body="no end to it")]
    keep(app, ada, before, lines(1, 3, severity_text="error", body="still here"))
    with endless_before(settings, NOON_NS) as slow:
        other = create_app(replace(slow, query_timeout_s=1, search_budget_s=0))
        with other.app_context():
            visitor = Visitor(other)
            visitor.sign_in(ada)
            chart = part(visitor, ada, "summary", "vs=before&by=service")
            column = part(visitor, ada, "facets", "vs=before")
            values = part(visitor, ada, "facets/values", "vs=before&facet=service")
            patterns = part(visitor, ada, "panel", "tab=patterns&vs=before")
            store.close()
    assert "Not compared" in chart
    assert legend(chart) == ["api 3"]
    assert "Not compared" in column
    assert "error" in text(column)
    assert "Not compared" in patterns
    assert "still here" in patterns
    assert "Not compared" in values
    for shown in (chart, column, values, patterns):
        assert 'role="alert"' in shown
        assert 'class="delta' not in shown
        assert "ghost" not in shown


def test_a_broken_down_page_is_not_much_larger(visitor: Visitor, filled: Member, app: Flask) -> None:
    names = [f"a-tenant-with-a-long-name-{number}" for number in range(7)]
    keep(
        app,
        filled,
        *(
            lines(n, 7 + n * at % 97, attributes={"tenant": name})
            for n in range(-60, 60)
            for at, name in enumerate(names)
        ),
    )
    sizes = []
    for state in ("", "&by=tenant&vs=before"):
        response = visitor.get(
            f"{filled.logs}/summary?{WINDOW}{state}", headers={"HX-Request": "true", "Accept-Encoding": "gzip"}
        )
        sizes.append(len(response.data))
    assert sizes[1] - sizes[0] <= 6000
