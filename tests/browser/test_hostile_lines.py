"""Text in logs is text, wherever it is shown: it does not run, hide, reorder or break what is around it."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import rows
from tests.support.lines import SECOND_NS, Line

# What is sent, and what is shown of it where that differs.
MARKUP = {
    "image": "<img src=x onerror=alert(1)>",
    "script": "<script>alert(1)</script>",
    "breakout": "\"'></pre></div></main></body></html><svg onload=alert(1)>",
    "closing": "</script></style></title></textarea><script>alert(1)</script>",
    "link": "javascript:alert(1) <a href='javascript:alert(1)'>click</a>",
    "htmx": '<div hx-get="/evil" hx-trigger="load" data-hx-get="/evil" hx-on:click="alert(1)">',
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %>",
    "entity": "&lt;b&gt; &amp;amp; &#60; &nbsp;",
    "comment": "<!-- --> ]]> <![CDATA[ <?php",
    "style": "<style>*{display:none}</style> style=position:fixed",
    "refresh": "<meta http-equiv=refresh content='0;url=//evil.example'><base href=//evil.example>",
    "backslash": r"C:\new \u202e \" \x3cscript\x3e",
}
SPECIAL = {
    "ansi": ("\x1b[31mred\x1b[0m \x1b[1;4mbold\x1b[0m \x1b[2J\x1b]0;title\x07", "red bold ␛[2J␛]0;title␇"),
    "reversed": ("safe \u202ecod.exe\u202c \u2066x\u2069", "safe ⟨U+202E⟩cod.exe⟨U+202C⟩ ⟨U+2066⟩x⟨U+2069⟩"),
    "invisible": ("pass\u200bword\ufeff \u00ad", "pass⟨U+200B⟩word⟨U+FEFF⟩ ⟨U+00AD⟩"),
    "null": ("a\x00b\x08c\x7f", "a␀b␈c␡"),
}
ALL = {name: (text, text) for name, text in MARKUP.items()} | SPECIAL
LONG = "x" * 100_000
HUGE = "a megabyte " + "y" * 1_000_000
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def hostile(new_project: NewProject) -> Project:
    """A project in which every field of a row carries a hostile text, one text to a row."""
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    texts = [text for text, _shown in ALL.values()]
    project.send_lines(
        *(
            Line(
                body=text,
                at_ns=now_ns - index * 1_000_000,
                service=text,
                attributes={text: text, "copy": text},
                resource={text: text},
            )
            for index, text in enumerate([*texts, LONG, HUGE])
        )
    )
    return project


def fits(page: Page) -> None:
    """The page itself never scrolls sideways, and nothing stands beside it."""
    width, view = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= view


def row_at(page: Page, name: str) -> int:
    return [*ALL, "long", "huge"].index(name)


def test_hostile_lines_are_text_in_the_list(page: Page, hostile: Project) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(hostile.url)
    expect(rows(page)).to_have_count(len(ALL) + 2)
    shown = [text for _sent, text in ALL.values()]
    assert page.locator("#list .row .m").all_text_contents()[: len(ALL)] == shown
    services = page.locator("#list .row .c").all_text_contents()
    assert services[: len(ALL)] == [text if len(text) <= 200 else f"{text[:200]}…" for text in shown]
    assert page.locator("#list .row .m :not(span):not(mark)").count() == 0
    assert page.locator("#list .row .c :not(span)").count() == 0
    assert not [url for url in asked if "evil" in url]


def test_hostile_lines_are_text_in_the_detail(page: Page, hostile: Project) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(hostile.url)
    for name, (_sent, shown) in ALL.items():
        rows(page).nth(row_at(page, name)).locator(".t").click()
        expect(page.locator("#detail-message")).to_have_text(shown, use_inner_text=True)
        for group in ("Attributes", "Resource"):
            pairs = page.locator(f".fields h3:text-is('{group}') + dl .pair")
            assert shown in pairs.locator("dt").all_text_contents()
            assert shown in pairs.locator("dd").all_text_contents()
        assert page.locator(".pair dt :not(wbr), .pair dd.pair__value :not(span)").count() == 0
        for label in page.locator(".pair__do a").evaluate_all("links => links.map(link => link.ariaLabel)"):
            assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x1f]", label)
        assert (
            page.locator("#detail script, #detail img, #detail style, #detail form, #detail [hx-on\\:click]").count()
            == 0
        )
    assert not [url for url in asked if "evil" in url]


def test_hostile_lines_are_text_in_the_json(page: Page, hostile: Project) -> None:
    page.goto(hostile.url)
    for name in ("closing", "breakout", "template", "entity", "backslash"):
        text = MARKUP[name]
        rows(page).nth(row_at(page, name)).locator(".t").click()
        expect(page.locator("#detail-message")).to_have_text(text, use_inner_text=True)
        page.get_by_role("link", name="JSON", exact=True).click()
        expect(page.locator("#detail-json")).to_contain_text("severity_number")
        found = json.loads(page.locator("#detail-json").text_content() or "")
        assert (found["body"], found["service_name"]) == (text, text)
        assert found["attributes"][text] == text
    rows(page).nth(row_at(page, "reversed")).locator(".t").click()
    expect(page.locator("#detail-message")).to_contain_text("⟨U+202E⟩")
    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator("#detail-json")).to_contain_text("safe ⟨U+202E⟩cod.exe")


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_lines_are_text_in_patterns_and_groups(page: Page, hostile: Project, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(hostile.at(tab="patterns"))
    expect(page.locator(".pattern").first).to_be_visible()
    fits(page)
    page.locator("#panel").evaluate("panel => panel.querySelectorAll('details').forEach(one => { one.open = true })")
    fits(page)
    examples = page.locator(".pattern__example").all_text_contents()
    assert {MARKUP["script"], MARKUP["breakout"], MARKUP["template"], SPECIAL["reversed"][1]} <= set(examples)
    page.goto(hostile.at(tab="groups", group=f'copy,{MARKUP["closing"]},"{SPECIAL["reversed"][0]}",service'))
    expect(page.locator("#panel")).to_contain_text("No groups")
    fits(page)
    page.goto(hostile.at(tab="groups", group="copy,service"))
    expect(page.locator("tr[data-group]")).to_have_count(len(ALL) + 2)
    fits(page)
    values = page.locator(".groups__value:first-child").all_text_contents()
    assert {MARKUP["image"], SPECIAL["null"][1], "x" * 200 + "…"} <= set(values)
    assert page.locator("#panel :is(script, img, style, form, [hx-get])").count() == 0


@pytest.mark.parametrize("name", ["closing", "template", "reversed"])
def test_a_search_for_a_hostile_line_is_text_in_box_title_hits_and_hints(
    page: Page, hostile: Project, name: str
) -> None:
    sent, shown = ALL[name]
    query = '"' + sent.replace("\\", "\\\\").replace('"', '\\"') + '"'
    page.goto(hostile.at(q=query))
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_label("Search", exact=True)).to_have_value(query)
    hits = page.locator("#list .row .m mark").all_text_contents()
    assert "".join(hits) == shown
    assert re.sub(r"\s+", " ", page.title()).startswith(f'"{shown}'[:50])
    page.goto(hostile.at(q=f"{query} nosuchword"))
    expect(page.locator("#hints a").first).to_be_visible()
    said = page.locator("#list").inner_text()
    assert shown in said
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", said + page.title())


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_values_are_text_in_suggestions_and_chips(page: Page, hostile: Project, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(hostile.url)
    expect(rows(page)).to_have_count(len(ALL) + 2)
    box, options = page.get_by_label("Search", exact=True), page.get_by_role("option")
    box.press_sequentially("copy:")
    expect(options.filter(has_text=SPECIAL["reversed"][1])).to_have_count(1)
    said = [text for text in options.locator("span:first-child").all_text_contents() if text]
    typeable = [shown[:120] for name, (_sent, shown) in ALL.items() if name != "null"]
    assert {text.removesuffix("…") for text in said} >= set(typeable)
    assert page.locator("#suggestions :is(script, img, style, a, [hx-get], [onload])").count() == 0
    fits(page)
    box.press_sequentially('"safe')
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    page.locator("#list").focus()
    chip = page.locator(".chip label")
    expect(chip).to_have_text(f'copy:"{SPECIAL["reversed"][1]}"')
    page.goto(hostile.at(q=f'copy:"{MARKUP["closing"]}" -"{MARKUP["image"]}" "{SPECIAL["ansi"][0]}"'))
    expect(chip).to_have_text(
        [f'copy:"{MARKUP["closing"]}"', f'not "{MARKUP["image"]}"', f'"{SPECIAL["ansi"][1]}"'], use_inner_text=True
    )
    assert page.locator(".chips :is(script, img, style, [hx-get], [onerror])").count() == 0
    fits(page)
    page.go_back()
    expect(chip).to_have_text(f'copy:"{SPECIAL["reversed"][1]}"')
    page.locator(".chip a").focus()
    for label in [page.locator(".chip a").get_attribute("aria-label"), chip.get_attribute("title"), page.title()]:
        assert label
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x1f]", label)
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(len(ALL) + 2)


def test_a_hostile_address_is_text_where_the_page_speaks_of_it(
    page: Page, hostile: Project, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    page.goto(hostile.at(**{"<img src=x onerror=alert(1)>": "1", "\u202ex": "1", "tz": "<script>alert(1)</script>"}))
    status = page.locator(".status").inner_text()
    assert "<img src=x onerror=alert(1)>" in status
    assert "tz=<script>alert(1)</script>" in status
    assert "\u202e" not in status
    page.goto(hostile.at(q='"<script>alert(1)</script>\u202e'))
    assert page.locator("#query-error pre").inner_text() == '"<script>alert(1)</script>⟨U+202E⟩'
    page.goto(hostile.at(t="<b>\u202eyesterday"))
    assert page.locator("#query-error pre").inner_text() == "<b>⟨U+202E⟩yesterday"
    assert "\u202e" not in page.locator("#query-error").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_breaks_the_layout(
    new_context: NewContext, signed_in: StorageState, hostile: Project, width: int, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    page = new_context(storage_state=signed_in, viewport={"width": width, "height": 844}).new_page()
    page.goto(hostile.url)
    expect(rows(page)).to_have_count(len(ALL) + 2)
    fits(page)
    heights = page.locator("#list .row").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(heights) <= (22 if width > 760 else 70)
    for name in ("huge", "breakout") if width > 760 else ("long", "breakout"):
        rows(page).nth(row_at(page, name)).locator(".t").click()
        expect(page.locator("#detail-message")).to_be_visible()
        fits(page)
        detail = page.locator("#detail")
        assert detail.evaluate("detail => detail.scrollWidth <= detail.clientWidth")
        page.get_by_role("link", name="JSON", exact=True).click()
        expect(page.locator("#detail-json")).to_be_visible()
        assert detail.evaluate("detail => detail.scrollWidth <= detail.clientWidth")
        page.get_by_role("link", name="Close", exact=True).click()
    page.goto(hostile.at(q=f'"{"z" * 3000}"'))
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    fits(page)
    page.goto(hostile.at(q="level:" + "z" * 3000))
    expect(page.locator("#query-error")).to_be_visible()
    fits(page)


def test_a_line_of_a_megabyte_is_shown_in_parts_and_whole_on_demand(page: Page, hostile: Project) -> None:
    page.goto(hostile.url)
    rows(page).nth(row_at(page, "huge")).locator(".t").click()
    message = page.locator("#detail-message")
    expect(message).to_be_visible()
    assert len(message.text_content() or "") == 256 * 1024 + 1
    page.locator(".detail__body").get_by_role("link", name="Load the rest: 1 MB in all").click()
    expect(page.get_by_role("link", name="Load the rest")).to_have_count(0)
    assert message.text_content() == HUGE


def test_json_in_a_message_is_laid_out_without_changing_it(page: Page, project: Project) -> None:
    body = (
        '{"price":1.10,"big":12345678901234567890,"again":1,"again":2,'
        '"text":"a,{b}:[\\u202e]","empty":{},"list":[1e5, []]}'
    )
    project.send_lines(Line(body=body), Line(body="\n\n  first lines are empty", at_ns=time.time_ns() - 2 * SECOND_NS))
    page.goto(project.url)
    rows(page).first.locator(".t").click()
    expect(page.locator("#detail-message")).to_contain_text("price")
    shown = page.locator("#detail-message").text_content() or ""
    assert shown.splitlines() == [
        "{",
        '  "price": 1.10,',
        '  "big": 12345678901234567890,',
        '  "again": 1,',
        '  "again": 2,',
        '  "text": "a,{b}:[\\u202e]",',
        '  "empty": {},',
        '  "list": [',
        "    1e5,",
        "    []",
        "  ]",
        "}",
    ]
    rows(page).nth(1).locator(".t").click()
    expect(page.locator("#detail-message")).to_contain_text("first lines")
    assert page.locator("#detail-message").text_content() == "\n\n  first lines are empty"
