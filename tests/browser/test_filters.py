"""Changing what is shown: filters, legend, time, zone, zoom; and what happens on the way to an answer."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import await_chart, copied, hold, messages, open_row, row_of, rows, state
from tests.support.lines import MINUTE_NS, SECOND_NS, Line

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
AWKWARD = {
    "user.name": 'Ada "the first", O\'Neil \\ 🚀 (go) OR -stop',
    "level": "  two  spaces, C:\\new \\",
    "emoji 🚀:key": "service:web",
}


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """Twenty minutes: a row a minute, four of them errors of the payments, one with awkward values."""
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    project.send_lines(
        *(
            Line(
                body=f"order {index:02d} {'declined' if index % 5 == 0 else 'placed'}",
                at_ns=now_ns - index * MINUTE_NS,
                level="error" if index % 5 == 0 else "info",
                service="payments" if index % 5 == 0 else "web",
                trace_id=TRACE if index in (5, 6) else "",
                attributes=AWKWARD if index == 3 else dict.fromkeys(AWKWARD, "plain"),
                resource={"host.name": f"node {index % 2}"},
            )
            for index in range(20)
        )
    )
    return project


def visit(page: Page, project: Project, **address: str) -> None:
    page.goto(project.at(**address))
    expect(rows(page).first).to_be_visible()


def only(page: Page, field: str) -> Locator:
    return page.get_by_role("link", name=f"Only rows where {field} is this", exact=True).first


def without(page: Page, field: str) -> Locator:
    return page.get_by_role("link", name=f"Rows where {field} is not this", exact=True).first


def run(page: Page, query: str) -> None:
    page.get_by_label("Search", exact=True).fill(query)
    page.get_by_label("Search", exact=True).press("Enter")


def total(page: Page, count: int) -> None:
    expect(page.locator("#count")).to_have_text(f"{count} rows" if count != 1 else "1 row")


def test_any_value_can_be_filtered_for_and_out(page: Page, shop: Project) -> None:
    visit(page, shop)
    open_row(page, "order 03 placed")
    opened = page.url
    for field in AWKWARD:
        only(page, field).click()
        expect(rows(page)).to_have_count(1)
        page.get_by_role("button", name="Run").click()  # what stands in the box means the same
        total(page, 1)
        assert messages(page) == ["order 03 placed"]
        page.goto(opened)
        without(page, field).click()
        expect(rows(page)).to_have_count(19)
        assert "order 03 placed" not in messages(page)
        page.goto(opened)


def test_filters_of_level_service_resource_and_trace_add_up(page: Page, shop: Project) -> None:
    visit(page, shop)
    open_row(page, "order 05 declined")
    only(page, "service").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("service:payments")
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#detail")).to_be_hidden()
    open_row(page, "order 05 declined")
    without(page, "host.name").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value('service:payments -resource.host.name:"node 1"')
    assert sorted(messages(page)) == ["order 00 declined", "order 10 declined"]
    visit(page, shop)
    open_row(page, "order 05 declined")
    only(page, "trace id").click()
    expect(rows(page)).to_have_count(2)
    assert messages(page) == ["order 05 declined", "order 06 placed"]
    page.go_back()
    expect(rows(page)).to_have_count(20)


def test_a_value_of_several_lines_is_copied_as_it_is_and_offers_no_filter(
    new_context: NewContext, signed_in: StorageState, project: Project
) -> None:
    stack = "Error: no\r\n\tat a\x00b\n"
    project.send_lines(Line(body="failed", attributes={"stack": stack}))
    page = new_context(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"]).new_page()
    visit(page, project)
    open_row(page, "failed")
    expect(only(page, "service")).to_be_attached()
    expect(only(page, "stack")).to_have_count(0)
    page.get_by_role("button", name="Copy stack").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert copied(page) == stack


def test_a_click_on_a_level_of_the_legend_shows_only_it_and_another_click_all(page: Page, shop: Project) -> None:
    visit(page, shop)
    legend = page.get_by_role("group", name="Levels")
    legend.get_by_role("link", name="error").click()
    total(page, 4)
    expect(page.get_by_label("Search", exact=True)).to_have_value("level:error")
    expect(legend.get_by_role("link", name="error")).to_have_attribute("aria-current", "true")
    legend.get_by_role("link", name="error").click()
    total(page, 20)
    expect(page.get_by_label("Search", exact=True)).to_have_value("")


def test_the_time_box_takes_free_text_and_presets(page: Page, shop: Project) -> None:
    visit(page, shop)
    page.get_by_title("Time range (t)").click()
    box = page.get_by_label("Time range", exact=True)
    box.fill("last 10 minutes")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"t=now-10m\.\.now$"))
    total(page, 10)
    expect(page.locator("#time-label")).to_have_text("Last 10 minutes")
    page.get_by_title("Time range (t)").click()
    page.locator(".time__presets").get_by_text("15m", exact=True).click()
    expect(page).to_have_url(re.compile(r"t=now-15m\.\.now$"))
    total(page, 15)
    expect(page.locator("#time")).not_to_have_attribute("open", "")


def test_a_time_that_cannot_be_read_is_said_and_the_last_result_stays(
    page: Page, shop: Project, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    visit(page, shop)
    page.keyboard.press("t")
    page.keyboard.type("half past nine-ish")
    page.keyboard.press("Enter")
    expect(page.locator("#query-error mark")).to_have_text("half past nine-ish")
    expect(page.locator("#query-error")).to_contain_text("is not a time range")
    box = page.get_by_label("Time range", exact=True)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    expect(page.get_by_label("Search", exact=True)).not_to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(20)
    box.fill("15m")
    box.press("Enter")
    total(page, 15)
    expect(page.locator("#query-error")).to_be_hidden()
    page.goto(shop.at(t="half past nine-ish"))
    expect(page.get_by_label("Time range", exact=True)).to_have_value("half past nine-ish")
    expect(page.locator("#list")).to_contain_text("The time range could not be read")


def test_the_arrows_step_one_window_back_and_on(page: Page, shop: Project) -> None:
    visit(page, shop, t="now-5m..now")
    total(page, 5)
    page.get_by_role("link", name="One window back").click()
    expect(page).to_have_url(re.compile(r"t=now-10m\.\.now-5m$"))
    total(page, 5)
    assert messages(page)[0].startswith("order 0")
    page.get_by_role("link", name="One window on").click()
    expect(page).to_have_url(re.compile(r"t=now-5m\.\.now$"))
    total(page, 5)


def test_the_browsers_zone_is_offered_and_times_follow_it(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    page = new_context(storage_state=signed_in, timezone_id="Asia/Tokyo").new_page()
    visit(page, shop)

    def clock() -> datetime:
        return datetime.strptime(rows(page).first.locator(".t").inner_text(), "%H:%M:%S.%f").replace(tzinfo=UTC)

    before = clock()
    zone = page.locator(".status__zone")
    expect(zone.get_by_text("UTC")).to_have_attribute("aria-current", "true")
    zone.get_by_text("Asia/Tokyo").click()
    expect(page).to_have_url(re.compile(r"tz=Asia/Tokyo"))
    expect(zone.get_by_text("Asia/Tokyo")).to_have_attribute("aria-current", "true")
    assert (clock() - before).seconds == 9 * 3600
    run(page, "placed")
    expect(rows(page)).to_have_count(16)
    assert state(page)["tz"] == "Asia/Tokyo"  # searching keeps the zone
    zone.get_by_text("UTC").click()
    expect(page).not_to_have_url(re.compile("tz="))


def test_a_browser_in_utc_is_offered_no_other_zone(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    page = new_context(storage_state=signed_in, timezone_id="UTC").new_page()
    visit(page, shop)
    expect(page.locator(".status__zone a:visible")).to_have_text(["UTC"])


def test_the_histogram_zooms_by_keyboard(page: Page, shop: Project) -> None:
    visit(page, shop)
    await_chart(page)
    plot = page.locator(".chart__plot")
    page.locator(".legend a").last.focus()
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
    expect(page.locator("#explorer")).to_be_attached()
    start, end = (moment[11:16] for moment in state(page)["t"].split(".."))
    assert chosen.endswith(f"{start} – {end}")
    assert rows(page).count() <= 3


def test_a_bar_opens_in_a_new_tab_as_any_link_does(page: Page, shop: Project) -> None:
    visit(page, shop)
    await_chart(page)
    before = page.url
    with page.context.expect_page() as opened:
        page.locator("svg.bars a").last.click(modifiers=["Control"])
    expect(opened.value).to_have_url(re.compile(r"t=20\d\d-"))
    assert page.url == before


def test_escape_lets_go_of_a_drag(page: Page, shop: Project) -> None:
    visit(page, shop)
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


def test_the_histogram_zooms_by_finger(new_context: NewContext, signed_in: StorageState, shop: Project) -> None:
    page = new_context(storage_state=signed_in, has_touch=True).new_page()
    visit(page, shop)
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


def test_what_cannot_be_read_is_underlined_at_its_place_and_the_last_result_stays(
    page: Page, shop: Project, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    visit(page, shop)
    run(page, 'placed "unclosed')
    expect(page.locator("#query-error mark")).to_have_text('"')
    expect(page.locator("#query-error pre")).to_have_text('placed "unclosed')
    expect(page.locator("#query-error")).to_contain_text("This quote is not closed")
    expect(page.get_by_label("Search", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    expect(rows(page)).to_have_count(20)
    assert "q" not in state(page)
    run(page, "placed")
    expect(rows(page)).to_have_count(16)
    expect(page.locator("#query-error")).to_be_hidden()
    expect(page.get_by_label("Search", exact=True)).not_to_have_attribute("aria-invalid", "true")


def test_what_is_typed_while_the_answer_is_on_its_way_stays(page: Page, shop: Project) -> None:
    visit(page, shop)
    held = hold(page, "**/logs?*")
    run(page, "placed")
    page.keyboard.type(" 07")
    page.keyboard.press("ArrowLeft")
    held[0].continue_()
    expect(rows(page)).to_have_count(16)
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed 07")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type("1")
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed 017")


def test_the_last_of_two_searches_is_the_one_that_is_shown(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, shop)
    hold(page, "**/logs?*", most=1)
    run(page, "placed")
    run(page, "declined")
    expect(rows(page)).to_have_count(4)
    assert state(page)["q"] == "declined"
    page.wait_for_timeout(1300)  # what speaks of waiting does so after a second
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)


def test_where_nothing_matches_hints_lead_to_rows(page: Page, shop: Project) -> None:
    page.goto(shop.at(q="level:error nosuchword"))
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    hint = page.locator("#hints a")
    expect(hint).to_have_text(re.compile(r"Without\s+nosuchword\s*4 rows"))
    hint.click()
    expect(rows(page)).to_have_count(4)
    assert state(page)["q"] == "level:error"
    page.goto(shop.at(t="now-10h..now-9h"))
    page.locator("#hints a").first.click()
    expect(rows(page).first).to_be_visible()


def test_a_key_that_is_not_known_is_ignored_and_said(page: Page, shop: Project) -> None:
    visit(page, shop, utm_source="mail")
    expect(page.locator(".status")).to_contain_text("Ignored in the address: utm_source")
    expect(rows(page)).to_have_count(20)


def test_links_are_shared_moving_or_frozen(new_context: NewContext, signed_in: StorageState, shop: Project) -> None:
    page = new_context(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"]).new_page()
    visit(page, shop, q="declined", t="now-30m..now")
    share = page.locator("details").filter(has_text="Share")
    share.locator("summary").click()
    page.get_by_role("link", name="Copy link Last 30 minutes").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert copied(page) == shop.at(q="declined", t="now-30m..now")
    expect(share).not_to_have_attribute("open", "")
    share.locator("summary").click()
    page.get_by_role("link", name="Copy link, time frozen").click()
    expect(share).not_to_have_attribute("open", "")
    page.goto(copied(page))
    start, end = (datetime.fromisoformat(moment) for moment in state(page)["t"].split(".."))
    assert 1799 < (end - start).total_seconds() < 1801
    total(page, 4)


def test_a_search_that_takes_long_can_be_cancelled(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, shop)
    before = page.url
    held = hold(page, "**/logs?*")
    run(page, "placed")
    expect(page.locator("#explorer.is-loading")).to_be_attached()
    expect(page.locator("#waiting")).to_have_text(re.compile(r"Searching for \d+ s"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)
    held[0].continue_()
    page.wait_for_timeout(300)  # what must not come has this long to come
    expect(rows(page)).to_have_count(20)
    assert page.url == before
    page.unroute_all()
    run(page, "declined")
    expect(rows(page)).to_have_count(4)


def test_no_answer_is_said_and_can_be_asked_for_again(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource", "htmx:"]
    visit(page, shop)
    page.route("**/logs?*", lambda route: route.abort())
    run(page, "placed")
    expect(page.get_by_role("alert").filter(has_text="Hedgerow did not answer")).to_be_visible()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)
    expect(rows(page)).to_have_count(20)
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(16)
    expect(page.locator("#notice")).to_be_empty()


def test_a_session_that_has_ended_leads_to_the_sign_in(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["401"]
    visit(page, shop)
    await_chart(page)
    page.context.clear_cookies()
    run(page, "placed")
    expect(page.get_by_role("heading", name="Sign in with a link")).to_be_visible()


def test_a_project_that_was_taken_away_is_said_beside_what_is_shown(
    page: Page, project: Project, complaints: Complaints, beside: Flask
) -> None:
    from webapp.extensions import db
    from webapp.models import Membership
    from webapp.models import Project as Model

    complaints.expected += ["404", "htmx:"]
    project.send("api", ["one", "two"])
    visit(page, project)
    with beside.app_context():
        db.session.query(Membership).filter(Membership.project.has(Model.slug == project.slug)).delete()
        db.session.commit()
    run(page, "one")
    expect(page.locator("#notice")).to_contain_text("you are not a member of it")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#explorer.is-loading")).to_have_count(0)


def test_rows_of_another_text_are_marked_where_the_search_hit(page: Page, shop: Project) -> None:
    visit(page, shop, q="PLACED")
    expect(row_of(page, "order 01 placed").locator("mark")).to_have_text("placed")
