"""The live tail: rows at the edge as they come, each once, and nothing that moves under the eyes of who reads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Complaints, Project
from tests.browser.test_hostile_lines import ALL
from tests.support.explorer import await_chart, messages, open_row, row_of, rows, run, visit
from tests.support.instance import processes_of
from tests.support.lines import Line

STREAM = re.compile(r"/logs/live\?")
POLL = re.compile(r"/logs/live/poll\?")
OLD = [f"old {number:02d}" for number in range(60)]


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with more rows than the list shows without scrolling."""
    project.send("api", OLD, age_s=20)
    return project


def switch(page: Page) -> Locator:
    return page.get_by_role("button", name="Live", exact=True)


def status(page: Page) -> Locator:
    return page.locator("[data-live-state]")


def pill(page: Page) -> Locator:
    return page.locator("[data-live-resume]")


def go_live(page: Page, project: Project, **address: str) -> None:
    visit(page, project, **address)
    await_chart(page)
    switch(page).click()
    expect(status(page)).to_contain_text("rows/s")


def await_rows(page: Page, wanted: list[str]) -> None:
    """Wait for exactly these messages, from top to bottom, with what was there before."""
    expect(rows(page)).to_have_count(len(wanted))
    assert messages(page) == wanted


def set_hidden(page: Page, hidden: bool) -> None:
    """Hide the tab behind another one, as far as the page can tell."""
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def top(page: Page, message: str) -> float:
    box = row_of(page, message).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("sort", ["desc", "asc"])
def test_rows_appear_at_the_edge_as_they_come_and_the_end_is_another_click(
    page: Page, shop: Project, sort: str
) -> None:
    go_live(page, shop, sort=sort)
    shop.send("api", ["one", "two"])
    shop.send_lines(Line(body="late", at_ns=time.time_ns() - 5 * 10**9))
    wanted = [*OLD, "late", "one", "two"]
    await_rows(page, wanted if sort == "asc" else wanted[::-1])
    expect(row_of(page, "two")).to_be_in_viewport()
    expect(switch(page)).to_have_attribute("aria-pressed", "true")
    switch(page).click()
    expect(switch(page)).to_have_attribute("aria-pressed", "false")
    expect(status(page)).to_be_hidden()
    expect(page.locator("#count")).to_have_text("63 rows")


def scroll(page: Page) -> None:
    page.locator("#list").hover()
    page.mouse.wheel(0, 300)


def select(page: Page) -> None:
    row_of(page, "old 50").locator(".m").select_text()


def choose(page: Page) -> None:
    page.keyboard.press("j")


def open_one(page: Page) -> None:
    open_row(page, "old 55")


def ask(page: Page) -> None:
    page.keyboard.press("l")


READS: list[Callable[[Page], None]] = [scroll, select, choose, open_one, ask]


def test_whoever_reads_is_not_disturbed(page: Page, shop: Project) -> None:
    go_live(page, shop)
    wanted = OLD[:]
    for turn, read in enumerate(READS):
        read(page)
        expect(status(page)).to_have_text("Held")
        before, place = messages(page), top(page, "old 50")
        new = [f"new {turn} {number}" for number in range(5)]
        shop.send("api", new, age_s=0)
        expect(pill(page)).to_have_text("5 new · resume")
        assert (messages(page), top(page, "old 50")) == (before, place), read.__name__
        if read is ask:
            page.keyboard.press("l")
        else:
            pill(page).click()
        wanted += new
        await_rows(page, wanted[::-1])
        expect(rows(page).first).to_be_in_viewport()
        expect(status(page)).to_contain_text("Live")
        expect(pill(page)).to_be_hidden()


def test_no_row_is_missed_or_doubled_by_a_hidden_tab_a_broken_stream_or_a_web_process_that_dies(
    page: Page, shop: Project, complaints: Complaints
) -> None:
    complaints.expected += ["Failed to load resource", "net::"]
    go_live(page, shop)
    wanted = OLD[:]

    def send(name: str) -> None:
        wanted.extend(f"{name} {number}" for number in range(5))
        shop.send("api", wanted[-5:], age_s=0)

    send("before")
    await_rows(page, wanted[::-1])
    set_hidden(page, True)
    send("hidden")
    set_hidden(page, False)
    await_rows(page, wanted[::-1])
    web = [process for process in processes_of(shop.site.data_dir) if "gunicorn" in process.cmdline()]
    for process in web:
        if process.parent() in web:
            process.kill()
    psutil.wait_procs([process for process in web if process.parent() in web], timeout=10)
    send_when_back(lambda: send("killed"), wanted)
    await_rows(page, wanted[::-1])
    expect(page.locator("[data-live-told]")).to_be_hidden()
    send("after")
    await_rows(page, wanted[::-1])


def send_when_back(send: Callable[[], None], wanted: list[str]) -> None:
    """Send when there is a web server again; what was not taken is taken back from what is wanted."""
    deadline = time.monotonic() + 30
    while True:
        before = len(wanted)
        try:
            send()
            return
        except OSError:
            del wanted[before:]
            assert time.monotonic() < deadline


def test_of_a_burst_a_sample_is_shown_openly_and_all_rows_are_counted(page: Page, shop: Project) -> None:
    go_live(page, shop)
    shop.send("api", [f"burst {number}" for number in range(5000)], age_s=0)
    expect(status(page)).to_contain_text(re.compile(r"showing 1 in (8|16|32|64|128)"))
    expect(status(page)).not_to_contain_text("showing")
    page.keyboard.press("l")
    shop.send("api", [f"second {number}" for number in range(5000)], age_s=0)
    expect(pill(page)).to_have_text("5,000 new · resume")
    pill(page).click()
    expect(page.locator("[data-live-told]")).to_have_text(re.compile(r"^\d{2,3} of 5,000 new rows are shown"))


def test_five_hundred_rows_are_kept_and_the_rest_is_a_link_away(page: Page, shop: Project) -> None:
    go_live(page, shop)
    shop.send("api", [f"row {number:03d}" for number in range(95)], age_s=0)
    expect(rows(page)).to_have_count(155)
    page.keyboard.press("l")
    for turn in range(4):
        shop.send("api", [f"more {turn} {number:02d}" for number in range(99)], age_s=0)
        expect(pill(page)).to_have_text(f"{99 * (turn + 1)} new · resume")
    page.keyboard.press("l")
    expect(rows(page)).to_have_count(500)
    found = messages(page)
    assert len(set(found)) == 500
    assert found[-1] == "old 51"
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight }")
    page.get_by_role("link", name="Older rows").click()
    expect(status(page)).to_be_hidden()
    expect(rows(page).first.locator(".m")).to_have_text("old 51")


def test_hostile_lines_are_text_as_they_come(page: Page, shop: Project) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    go_live(page, shop)
    now_ns = time.time_ns()
    shop.send_lines(
        *(Line(body=sent, service=sent, at_ns=now_ns - at * 1_000_000) for at, (sent, _) in enumerate(ALL.values()))
    )
    expect(rows(page)).to_have_count(60 + len(ALL))
    assert messages(page)[: len(ALL)] == [shown for _sent, shown in ALL.values()]
    assert page.locator("#list .row .m :not(span):not(mark)").count() == 0
    assert not [url for url in asked if "evil" in url]


def test_past_the_cap_the_page_asks_again_and_again(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["503"]
    page.route(STREAM, lambda route: route.fulfill(status=503, json={"code": "too_many_streams"}))
    go_live(page, shop)
    for number in range(3):
        shop.send("api", [f"new {number}"])
        expect(rows(page).first.locator(".m")).to_have_text(f"new {number}")
    assert len(messages(page)) == len(set(messages(page))) == 63


def test_what_goes_wrong_is_said_in_place_and_tried_again_after_pauses_that_grow(
    page: Page, shop: Project, complaints: Complaints
) -> None:
    complaints.expected += ["Failed to load resource"]
    go_live(page, shop)
    asked: list[str] = []

    def abort(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    for address in (STREAM, POLL):
        page.route(address, abort)
    set_hidden(page, True)
    set_hidden(page, False)
    told = page.locator("[data-live-told]")
    expect(told).to_contain_text("Hedgerow did not answer. Trying again in 2 s.")
    expect(told).to_contain_text("Trying again in 4 s.")
    assert len(asked) <= 5
    shop.send("api", ["meanwhile"])
    page.unroute_all()
    told.get_by_role("button", name="Try again").click()
    expect(rows(page).first.locator(".m")).to_have_text("meanwhile")
    expect(told).to_be_hidden()


def test_another_search_ends_it_and_so_does_escape(page: Page, shop: Project) -> None:
    go_live(page, shop)
    run(page, "old")
    expect(status(page)).to_be_hidden()
    expect(switch(page)).to_have_attribute("aria-pressed", "false")
    page.locator("#list").focus()
    page.keyboard.press("l")
    expect(status(page)).to_contain_text("rows/s")
    open_row(page, "old 59")
    page.keyboard.press("Escape")
    expect(page.locator("#detail-message")).to_have_count(0)
    expect(status(page)).to_have_text("Held")
    page.keyboard.press("Escape")
    expect(status(page)).to_be_hidden()


def test_it_begins_on_the_rows_from_another_tab_and_from_now_on_in_a_range_that_is_over(
    page: Page, shop: Project
) -> None:
    page.goto(shop.at(tab="groups", t="now-3h..now-2h"))
    expect(page.locator("#panel:not([aria-busy])")).to_be_visible()
    switch(page).click()
    expect(page.locator("[data-live-told]")).to_contain_text("This range is over")
    expect(page.locator("#list")).to_contain_text("Rows appear here as they come.")
    shop.send("api", ["new"])
    await_rows(page, ["new"])


def test_who_may_not_see_it_any_more_is_told_so(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["404"]
    page.route(STREAM, lambda route: route.fulfill(status=404, body="gone"))
    visit(page, shop)
    switch(page).click()
    expect(page.locator("[data-live-told]")).to_contain_text("nothing live here")
    expect(status(page)).to_be_hidden()
