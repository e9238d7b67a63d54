"""Changing what is shown: by values, levels and hints; and what is said of a search."""

from __future__ import annotations

import re
from datetime import datetime

from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import AWKWARD, Complaints, NewContext, Project
from tests.support.explorer import copied, messages, open_row, row_of, rows, run, state, total, visit
from tests.support.lines import Line


def only(page: Page, field: str) -> Locator:
    return page.get_by_role("link", name=f"Only rows where {field} is this", exact=True).first


def without(page: Page, field: str) -> Locator:
    return page.get_by_role("link", name=f"Rows where {field} is not this", exact=True).first


def test_any_value_can_be_filtered_for_and_out(page: Page, orders: Project) -> None:
    visit(page, orders)
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


def test_filters_of_level_service_resource_and_trace_add_up(page: Page, orders: Project) -> None:
    visit(page, orders)
    open_row(page, "order 05 declined")
    only(page, "service").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("service:payments")
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#detail")).to_be_hidden()
    open_row(page, "order 05 declined")
    without(page, "host.name").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value('service:payments -resource.host.name:"node 1"')
    assert sorted(messages(page)) == ["order 00 declined", "order 10 declined"]
    visit(page, orders)
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


def test_a_click_on_a_level_of_the_legend_shows_only_it_and_another_click_all(page: Page, orders: Project) -> None:
    visit(page, orders)
    legend = page.get_by_role("group", name="Levels")
    legend.get_by_role("link", name="error").click()
    total(page, 4)
    expect(page.get_by_label("Search", exact=True)).to_have_value("level:error")
    expect(legend.get_by_role("link", name="error")).to_have_attribute("aria-current", "true")
    legend.get_by_role("link", name="error").click()
    total(page, 20)
    expect(page.get_by_label("Search", exact=True)).to_have_value("")


def test_what_cannot_be_read_is_underlined_at_its_place_and_the_last_result_stays(
    page: Page, orders: Project, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    visit(page, orders)
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


def test_where_nothing_matches_hints_lead_to_rows(page: Page, orders: Project) -> None:
    page.goto(orders.at(q="level:error nosuchword"))
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    hint = page.locator("#hints a")
    expect(hint).to_have_text(re.compile(r"Without\s+nosuchword\s*4 rows"))
    hint.click()
    expect(rows(page)).to_have_count(4)
    assert state(page)["q"] == "level:error"
    page.goto(orders.at(t="now-10h..now-9h"))
    page.locator("#hints a").first.click()
    expect(rows(page).first).to_be_visible()


def test_a_key_that_is_not_known_is_ignored_and_said(page: Page, orders: Project) -> None:
    visit(page, orders, utm_source="mail")
    expect(page.locator(".status")).to_contain_text("Ignored in the address: utm_source")
    expect(rows(page)).to_have_count(20)


def test_links_are_shared_moving_or_frozen(new_context: NewContext, signed_in: StorageState, orders: Project) -> None:
    page = new_context(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"]).new_page()
    visit(page, orders, q="declined", t="now-30m..now")
    share = page.locator("details").filter(has_text="Share")
    share.locator("summary").click()
    page.get_by_role("link", name="Copy link Last 30 minutes").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert copied(page) == orders.at(q="declined", t="now-30m..now")
    expect(share).not_to_have_attribute("open", "")
    share.locator("summary").click()
    page.get_by_role("link", name="Copy link, time frozen").click()
    expect(share).not_to_have_attribute("open", "")
    page.goto(copied(page))
    start, end = (datetime.fromisoformat(moment) for moment in state(page)["t"].split(".."))
    assert 1799 < (end - start).total_seconds() < 1801
    total(page, 4)


def test_rows_of_another_text_are_marked_where_the_search_hit(page: Page, orders: Project) -> None:
    visit(page, orders, q="PLACED")
    expect(row_of(page, "order 01 placed").locator("mark")).to_have_text("placed")
