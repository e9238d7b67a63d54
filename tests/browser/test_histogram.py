"""Zooming on the histogram by mouse, finger and keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import NewContext, Project
from tests.support.explorer import await_chart, rows, state, visit


def test_the_histogram_zooms_by_keyboard(page: Page, orders: Project) -> None:
    visit(page, orders)
    await_chart(page)
    plot = page.locator(".chart__plot")
    page.locator("#compare").focus()
    page.keyboard.press("Tab")
    expect(plot).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#said")).to_have_text(re.compile(r"\d\d:\d\d – \d\d:\d\d$"))
    page.keyboard.press("Escape")
    expect(page.locator(".chart__label")).to_be_hidden()
    expect(plot).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    chosen = page.locator(".chart__label").inner_text()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"t=20\d\d-"))
    expect(rows(page)).not_to_have_count(20)
    start, end = (moment[11:16] for moment in state(page)["t"].split(".."))
    assert chosen.endswith(f"{start} – {end}")
    assert rows(page).count() <= 3


def test_a_bar_opens_in_a_new_tab_as_any_link_does(page: Page, orders: Project) -> None:
    visit(page, orders)
    await_chart(page)
    before = page.url
    with page.context.expect_page() as opened:
        page.locator("svg.bars a").last.click(modifiers=["Control"])
    expect(opened.value).to_have_url(re.compile(r"t=20\d\d-"))
    assert page.url == before


def test_escape_lets_go_of_a_drag(page: Page, orders: Project) -> None:
    visit(page, orders)
    await_chart(page)
    before = page.url
    box = page.locator("svg.plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 20, steps=3)
    expect(page.locator(".chart__label")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".chart__label")).to_be_hidden()
    page.mouse.up()
    page.wait_for_timeout(300)  # what must not come has this long to come
    assert page.url == before


def test_the_histogram_zooms_by_finger(new_context: NewContext, signed_in: StorageState, orders: Project) -> None:
    page = new_context(storage_state=signed_in, has_touch=True).new_page()
    visit(page, orders)
    await_chart(page)
    box = page.locator("svg.plot").bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, share: float | None = None) -> None:
        points = [] if share is None else [{"x": box["x"] + box["width"] * share, "y": box["y"] + 20}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.5)
    for step in range(1, 6):
        touch("touchMove", 0.5 + step * 0.08)
    expect(page.locator(".chart__label")).to_be_visible()
    touch("touchEnd")
    expect(page).to_have_url(re.compile(r"t=20\d\d-"))
    expect(page.locator("#chart:not([aria-busy])")).to_be_attached()
