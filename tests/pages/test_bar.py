"""The bar: the search as chips, what it could go on with, and which moments a time means."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.pages.conftest import Member, Visitor
from tests.pages.test_facets import HOSTILE, filled
from tests.pages.test_outages import WINDOW, member, storeless, waiting

__all__ = ["filled", "member", "storeless", "waiting"]  # fixtures


@dataclass(frozen=True)
class Chip:
    """What a chip says, the text of the box that it stands for, and the search without it."""

    shown: str
    stands_for: str
    without: str


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def chips(page: str, query: str) -> list[Chip]:
    """The chips of a page, which count in UTF-16 units."""
    units = query.encode("utf-16-le")
    found = re.findall(
        r'<li class="chip.*?data-start="(\d+)" data-end="(\d+)">(.*?)</label><a href="([^"]*)"', page, re.DOTALL
    )
    return [
        Chip(
            text_of(label),
            units[2 * int(start) : 2 * int(end)].decode("utf-16-le"),
            parse_qs(urlsplit(html.unescape(url)).query).get("q", [""])[0],
        )
        for start, end, label, url in found
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'order -service:web  "two words"',
            [
                Chip("order", "order", '-service:web  "two words"'),
                Chip("not service:web", "-service:web", 'order "two words"'),
                Chip('"two words"', '"two words"', "order -service:web"),
            ],
        ),
        ("a OR b", [Chip("(a OR b)", "a OR b", "")]),
        ("🚀 (a OR b)", [Chip("🚀", "🚀", "(a OR b)"), Chip("(a OR b)", "(a OR b)", "🚀")]),
        ("k:<b>\u202e", [Chip("k:<b>⟨U+202E⟩", "k:<b>\u202e", "")]),
        ('"open', []),
        (" ".join("a" * 300), []),  # more terms than a search may have
        ("", []),
    ],
)
def test_a_search_shows_as_chips_that_can_be_taken_away(
    visitor: Visitor, ada: Member, query: str, expected: list[Chip]
) -> None:
    page = visitor.get(f"{ada.logs}?q={quote(query)}&t=now-4h..now").text
    assert chips(page, query) == expected
    assert f'name="q" type="text" value="{html.escape(query, quote=True).replace("&quot;", "&#34;")}"' in page


def test_a_long_search_shows_its_first_chips_and_how_many_more_there_are(visitor: Visitor, ada: Member) -> None:
    query = " ".join(f"{letter}{'x' * 100}" for letter in "abcdefghijklmnopqrstuvw")
    page = visitor.get(f"{ada.logs}?q={query}").text
    shown = chips(page, query)
    assert len(shown) == 20
    assert shown[0].shown == f"a{'x' * 79}…"
    assert ">+3</label>" in page


Found = list[tuple[str, str, str]]


def complete(visitor: Visitor, member: Member, marked: str, *, more: bool = True) -> Found:
    """The suggestions at the |: what they say, what stands beside it, and the search with them put in place."""
    text, cursor = marked.replace("|", "", 1), len(marked[: marked.index("|")].encode("utf-16-le")) // 2
    address = f"{member.logs}/complete?q={quote(text)}&at={cursor}&{WINDOW}{'&more=1' if more else ''}"
    answer = visitor.part(address)
    assert answer.status_code == 200
    place = re.search(r'data-start="(\d+)" data-tail="(\d+)"', answer.text)
    assert place is not None
    units = text.encode("utf-16-le")
    before, behind = units[: 2 * int(place[1])], units[len(units) - 2 * int(place[2]) :]
    found = re.findall(r'data-insert="([^"]*)"><span>(.*?)</span>(?:<small>(.*?)</small>)?</div>', answer.text)
    return [
        (text_of(label), note, before.decode("utf-16-le") + html.unescape(insert) + behind.decode("utf-16-le"))
        for insert, label, note in found
    ]


def test_keys_are_columns_at_once_and_then_attributes(visitor: Visitor, filled: Member) -> None:
    at_once = complete(visitor, filled, "order se| x", more=False)
    assert at_once[0] == ("service", "", "order service: x")
    assert ("level", "severity", "order level: x") in at_once
    assert complete(visitor, filled, "-ht|", more=False) == []
    assert complete(visitor, filled, "-ht|") == [("http.route", "", "-http.route:")]
    assert sorted(search for _, _, search in complete(visitor, filled, "(a OR name|")) == [
        "(a OR event:",
        "(a OR resource.host.name:",
        "(a OR resource.k8s.pod.name:",
        "(a OR service:",
    ]


def test_a_whole_key_goes_on_with_signs_said_in_words(visitor: Visitor, filled: Member) -> None:
    signs = complete(visitor, filled, "🚀 http.route|")
    assert signs[0] == ("http.route:", "is", "🚀 http.route:")
    assert ("http.route>=", "is at least", "🚀 http.route>=") in signs
    assert signs[-1] == ("http.route:*", "is set", "🚀 http.route:* ")
    assert [sign for sign, _, _ in complete(visitor, filled, "http.route>|")] == ["http.route>", "http.route>="]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("service:|", [("web", "16"), ("evil", "6"), ("payments", "4")]),
        ("level:error service:|", [("payments", "4")]),
        ("-level:error service:|", [("web", "16"), ("evil", "6")]),
        ("level:error (a OR service:|", [("payments", "4")]),
        ("service:pay|", [("payments", "4")]),
        ("resource.host.name:| level:error", [("node-0", "2"), ("node-1", "2")]),
        (
            "level:| service:payments",
            [("fatal", ""), ("error", "4"), *((n, "") for n in ("warn", "info", "debug", "trace"))],
        ),
        ("http.route:01|", [("/orders/01", "1")]),
        ('service:payments http.route:"/orders/0|', [("/orders/00", "1"), ("/orders/05", "1")]),
        ("message:|", []),
        ("trace_id:|", []),
        ('service~"|', []),
        ('"serv|', []),
    ],
)
def test_values_come_with_their_rows_under_the_other_filters(
    visitor: Visitor, filled: Member, marked: str, expected: list[tuple[str, str]]
) -> None:
    assert [(value, note) for value, note, _ in complete(visitor, filled, marked)] == expected


def test_hostile_values_are_suggested_as_text_and_those_that_cannot_be_typed_are_not(
    visitor: Visitor, filled: Member
) -> None:
    found = complete(visitor, filled, "evil:|")
    assert {shown for shown, _, _ in found} == {
        "<script>alert(1)</script>",
        'a" onclick="alert(2)',
        "rtl ⟨U+202E⟩ gnp.exe",
        "esc red ␇",
        "(empty)",
    }
    assert ("(empty)", "1", 'evil:"" ') in found
    assert {search for _, _, search in found} >= {
        f"evil:{HOSTILE[0]} ",
        'evil:"a\\" onclick=\\"alert(2)" ',
    }
    part = visitor.part(f"{filled.logs}/complete?q=evil:&at=5&more=1&{WINDOW}").text
    assert "<script" not in part
    assert ' onclick="' not in part


def test_without_the_log_store_there_are_columns_signs_and_levels(waiting: Visitor, member: Member) -> None:
    assert complete(waiting, member, "serv|")[0] == ("service", "", "service:")
    assert complete(waiting, member, "service|")[0] == ("service:", "is", "service:")
    assert [value for value, _, _ in complete(waiting, member, "level:err|")] == ["error"]
    assert complete(waiting, member, "service:|") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-11-23 14:00-15:00", "Shows Mon 23 Nov 14:00:00 – 15:00:00 Europe/Berlin"),
        ("half past\u202e", '"half past⟨U+202E⟩" is not a time range.'),
        ("2026-11-23 15:00..14:00", "is not before its end."),
    ],
)
def test_what_is_typed_as_a_time_is_told_in_the_zone_of_the_page(
    visitor: Visitor, ada: Member, typed: str, said: str
) -> None:
    page = html.unescape(visitor.get(f"{ada.logs}?tz=Europe/Berlin").text)
    address = re.search(r'hx-get="([^"]*/range[^"]*)"', page)
    assert address is not None
    assert said in text_of(visitor.part(f"{address[1]}&t={quote(typed)}").text)
