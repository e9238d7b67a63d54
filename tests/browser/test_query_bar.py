"""The search box at rest and while somebody types; the times that were shown before."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, Project
from tests.support.explorer import follow, hold, let_go, rows, run, state, total, visit

COMPLETE = re.compile(r"/logs/complete\?")


def box(page: Page) -> Locator:
    return page.get_by_label("Search", exact=True)


def chips(page: Page) -> Locator:
    return page.locator(".chip label")


def options(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def remove(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=f"Remove {name}", exact=True)


def is_seen(page: Page) -> bool:
    """Whether the chips are shown, and not the text of the box."""
    found: bool = page.locator(".chips").evaluate(
        "row => row.checkVisibility({ opacityProperty: true, visibilityProperty: true })"
    )
    return found


def selected(page: Page) -> str:
    found: str = box(page).evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    return found


def test_a_search_rests_as_chips_and_is_text_while_it_is_edited(page: Page, orders: Project) -> None:
    visit(page, orders, q="placed -service:payments 🚀 OR placed")
    expect(chips(page)).to_have_text("(placed -service:payments 🚀 OR placed)")
    visit(page, orders, q='-"🚀" placed -service:payments')
    expect(chips(page)).to_have_text(['not "🚀"', "placed", "not service:payments"])
    assert is_seen(page)
    chips(page).nth(2).click()
    expect(box(page)).to_be_focused()
    assert selected(page) == "-service:payments"
    assert not is_seen(page)
    page.keyboard.press("Backspace")
    page.get_by_role("link", name="Logs", exact=True).first.focus()
    assert not is_seen(page)  # what stands in the box has not been searched for
    box(page).fill('-"🚀" placed -service:payments')
    page.get_by_role("link", name="Logs", exact=True).first.focus()
    assert is_seen(page)
    edge = box(page).bounding_box()
    assert edge is not None
    page.mouse.click(edge["x"] + edge["width"] - 20, edge["y"] + edge["height"] / 2)
    expect(box(page)).to_be_focused()


def test_a_term_is_taken_away_by_its_chip_and_back_brings_it_again(page: Page, orders: Project) -> None:
    visit(page, orders, q='level:error "declined"')
    remove(page, "level:error").click()
    expect(chips(page)).to_have_text(['"declined"'])
    expect(box(page)).to_have_value('"declined"')
    assert state(page)["q"] == '"declined"'
    total(page, 4)
    page.go_back()
    expect(chips(page)).to_have_text(["level:error", '"declined"'])
    assert is_seen(page)


def test_chips_are_taken_away_by_the_keyboard_one_after_the_other(page: Page, orders: Project) -> None:
    visit(page, orders, q="placed order -service:payments")
    box(page).focus()
    page.keyboard.press("Tab")
    expect(remove(page, "placed")).to_be_focused()
    assert is_seen(page)
    assert remove(page, "placed").evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(remove(page, "order")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(remove(page, "order")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    total(page, 20)


def test_a_search_that_cannot_be_read_stays_text(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["422"]
    visit(page, orders, q="placed")
    run(page, 'placed "open')
    expect(page.locator("#query-error mark")).to_have_text('"')
    page.get_by_role("link", name="Logs", exact=True).first.focus()
    assert not is_seen(page)
    expect(rows(page)).to_have_count(16)
    page.goto(orders.at(q='placed "open'))
    expect(chips(page)).to_have_count(0)
    expect(box(page)).to_have_value('placed "open')


def test_one_writes_a_search_by_choosing(page: Page, orders: Project) -> None:
    visit(page, orders)
    box(page).press_sequentially("order ser")
    expect(options(page).first).to_have_text("service")
    expect(options(page).first.locator("mark")).to_have_text("ser")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    first = options(page).first
    expect(first).to_have_attribute("aria-selected", "true")
    assert box(page).get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("Tab")
    expect(box(page)).to_have_value("order service:")
    expect(options(page)).to_have_text(["web16", "payments4"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("order service:payments ")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(box(page)).to_have_value("order service:")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.type("lev")
    expect(options(page).first).to_have_text("level")
    options(page).first.click()
    expect(box(page)).to_have_value("order service:payments level:")
    expect(options(page)).to_have_text(["fatal", "error4", "warn", "info", "debug", "trace"])
    expect(box(page)).to_be_focused()
    page.keyboard.type("err")
    expect(options(page)).to_have_text(["error4"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("order service:payments level:err")
    page.keyboard.type("or")
    page.keyboard.press("Enter")
    total(page, 4)
    assert state(page)["q"] == "order service:payments level:error"


def test_enter_runs_what_is_typed_where_nothing_is_chosen(page: Page, orders: Project) -> None:
    visit(page, orders)
    box(page).press_sequentially("service:web")
    expect(options(page)).to_have_text(["web16"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    total(page, 16)
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert state(page)["q"] == "service:web"


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_newer_one(page: Page, orders: Project) -> None:
    visit(page, orders)
    held = hold(page, COMPLETE, most=1)
    with page.expect_request(COMPLETE):
        box(page).press_sequentially("level:w")
    box(page).fill("level:inf")
    expect(options(page)).to_have_text(["info16"])
    let_go(page, held)
    page.evaluate("() => fetch('/healthz')")
    expect(options(page)).to_have_text(["info16"])
    with page.expect_request(COMPLETE) as asked:
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowDown")
    assert "q=level%3Ainf&at=9" in asked.value.url


def test_a_box_without_suggestions_is_as_good_as_ever(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource"]
    visit(page, orders)
    page.route(COMPLETE, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        box(page).press_sequentially("service:payments")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#notice")).to_be_empty()
    page.keyboard.press("Enter")
    total(page, 4)


def test_nothing_is_asked_for_where_no_suggestion_can_come(page: Page, orders: Project) -> None:
    visit(page, orders)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if COMPLETE.search(request.url) else None)
    with page.expect_response(re.compile("more=1")):
        box(page).press_sequentially("nosuchkey")
    before = len(asked)
    box(page).press_sequentially("atall ")
    with page.expect_response(re.compile("more=1")):
        box(page).press_sequentially("level:e")
    assert before == 2
    assert all("level" in url for url in asked[before:])


def test_an_empty_box_offers_what_was_searched_for_before(page: Page, orders: Project, project: Project) -> None:
    visit(page, orders)
    for query in ("placed", "\u202edeclined", "placed"):
        run(page, query)
        expect(page).to_have_title(re.compile(query.replace("\u202e", "⟨U\\+202E⟩")))
    visit(page, orders)
    box(page).click()
    recent = page.get_by_role("listbox", name="Recent searches").get_by_role("option")
    expect(recent).to_have_text(["placed", "⟨U+202E⟩declined"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("placed")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    total(page, 16)
    page.goto(project.url)
    box(page).click()
    expect(page.get_by_role("listbox")).to_be_hidden()  # they were another project's


def test_a_time_is_told_while_it_is_typed_and_offered_again(page: Page, orders: Project) -> None:
    visit(page, orders)
    for text, label in (("90m", "Last 90 minutes"), ("15m", "Last 15 minutes"), ("today", "Today")):
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        page.get_by_label("Time range", exact=True).fill(text)
        page.keyboard.press("Enter")
        expect(page.locator("#time-label")).to_have_text(label)
    page.get_by_role("link", name="One window back").click()
    expect(page.locator("#time-label")).to_have_text("Yesterday")
    page.get_by_title("Time range (t)").click()
    page.get_by_label("Time range", exact=True).fill("2026-11-20 14:00-15:00")
    shows = page.locator("#time-range")
    expect(shows).to_have_text("Shows Fri 20 Nov 14:00:00 – 15:00:00 UTC")
    page.get_by_label("Time range", exact=True).fill("half past")
    expect(shows).to_contain_text('"half past" is not a time range')
    recent = page.locator("#time-recent button")
    expect(recent).to_have_text(["Today", "Last 90 minutes"])  # neither the preset nor the step
    recent.nth(1).click()
    expect(page.locator("#time-label")).to_have_text("Last 90 minutes")
    assert state(page)["t"] == "now-90m..now"


def test_without_scripts_chips_are_shown_and_taken_away(
    new_context: NewContext, signed_in: StorageState, orders: Project
) -> None:
    plain = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    plain.goto(orders.at(q='placed -"<script>alert(1)</script>\u202e"'))
    expect(chips(plain)).to_have_text(["placed", 'not "<script>alert(1)</script>⟨U+202E⟩"'])
    assert is_seen(plain)
    follow(remove(plain, 'not "<script>alert(1)</script>⟨U+202E⟩"'))
    expect(chips(plain)).to_have_text("placed")
    chips(plain).click()
    expect(box(plain)).to_be_focused()
    assert not is_seen(plain)
    plain.keyboard.press("Tab")
    expect(remove(plain, "placed")).to_be_focused()
    follow(remove(plain, "placed"))
    expect(box(plain)).to_have_value("")


@pytest.mark.parametrize("width", [1440, 390])
def test_many_and_long_chips_stay_in_one_line_of_the_box(page: Page, orders: Project, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    query = " ".join(f'user.name:"{"long " * 30}{number}"' for number in range(12))
    page.goto(orders.at())
    expect(rows(page).first).to_be_visible()
    height = page.locator(".bar").evaluate("bar => bar.offsetHeight")
    page.goto(orders.at(q=query))
    expect(chips(page)).to_have_count(12)
    assert page.locator(".bar").evaluate("bar => bar.offsetHeight") == height
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    sizes = page.locator(".chip a").evaluate_all("links => links.map(link => [link.offsetWidth, link.offsetHeight])")
    assert min(map(min, sizes)) >= (44 if width == 390 else 24)
    last = page.locator(".chip a").last
    last.focus()
    expect(last).to_be_in_viewport()
    assert page.locator(".chip label").first.get_attribute("title") == f'user.name:"{"long " * 30}0"'
