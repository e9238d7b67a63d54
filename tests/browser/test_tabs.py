"""The tabs over the list: patterns and groups of the same rows, and the way from them back to rows."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import NewContext, Project
from tests.support.explorer import await_chart, follow, hold, let_go, rows, run, state, total, visit


def box(page: Page) -> Locator:
    return page.get_by_label("Search", exact=True)


def pattern(page: Page, text: str) -> Locator:
    return page.locator(".pattern summary").filter(has_text=re.compile(text))


def test_a_pattern_is_opened_by_keyboard_and_leads_to_its_rows(page: Page, orders: Project) -> None:
    visit(page, orders, q="placed", t="now-4h..now")
    await_chart(page)
    page.keyboard.press("2")
    expect(pattern(page, "order num placed")).to_have_count(1)
    expect(page.locator("#panel")).to_contain_text("1 pattern in all 16 rows")
    expect(page.get_by_role("link", name="Patterns", exact=True)).to_have_attribute("aria-current", "true")
    assert state(page) == {"q": "placed", "t": "now-4h..now", "tab": "patterns"}
    total(page, 16)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".pattern__example").first).to_have_text("order 01 placed")
    page.get_by_role("link", name="Show matching").click()
    expect(rows(page)).to_have_count(16)
    expect(box(page)).to_have_value(re.compile(r'^placed message~"\^order .*placed\$"$'))
    page.go_back()
    expect(pattern(page, "order num placed")).to_have_count(1)
    pattern(page, "order num placed").click()
    page.get_by_role("link", name="Hide", exact=True).click()
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    assert state(page)["tab"] == "patterns"


def test_a_group_of_two_keys_leads_to_its_rows_and_a_value_to_fewer_groups(page: Page, orders: Project) -> None:
    visit(page, orders)
    page.keyboard.press("3")
    groups = page.locator("tr[data-group]")
    expect(groups).to_have_count(2)
    expect(page.locator("#group-keys option").first).to_be_attached()
    page.get_by_label("Key 2").fill("resource.host.name")
    page.get_by_label("Key 2").press("Enter")
    expect(groups).to_have_count(4)
    assert state(page) == {"group": "service,resource.host.name", "tab": "groups"}
    page.get_by_role("link", name="Errors").click()
    expect(groups.first).to_contain_text("payments")
    groups.filter(has_text="web").first.get_by_role("link", name="web").click()
    expect(groups).to_have_count(2)
    expect(box(page)).to_have_value("service:web")
    groups.filter(has_text="node 1").locator(".groups__last_seen").click()
    expect(rows(page)).to_have_count(8)
    expect(box(page)).to_have_value('service:web resource.host.name:"node 1"')
    assert "tab" not in state(page)
    page.go_back()
    expect(groups).to_have_count(2)


def test_the_old_table_stands_dimmed_until_the_new_one_is_there(page: Page, orders: Project) -> None:
    page.goto(orders.at(tab="groups"))
    groups = page.locator("tr[data-group]")
    expect(groups).to_have_count(2)
    held = hold(page, re.compile("/panel"), most=1)
    run(page, "declined")
    expect(page.locator("#panel[aria-busy] .tab-panel__old tr[data-group]")).to_have_count(2)
    expect(page.locator(".tab-panel__old")).to_have_css("opacity", "0.5")
    let_go(page, held)
    expect(groups).to_have_count(1)
    expect(page.locator("#panel")).not_to_have_attribute("aria-busy", "true")
    total(page, 4)


def test_with_scripts_off_tabs_are_links_and_the_keys_a_form(
    new_context: NewContext, signed_in: StorageState, orders: Project
) -> None:
    page = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    page.goto(orders.url)
    follow(page.get_by_role("link", name="Patterns", exact=True))
    expect(page.locator(".pattern summary").first).to_be_visible()
    follow(page.get_by_role("link", name="Group by", exact=True))
    expect(page.locator("tr[data-group]")).to_have_count(2)
    page.get_by_label("Key 2").fill("level")
    page.get_by_role("button", name="Group", exact=True).click()
    expect(page.locator("tr[data-group]")).to_have_count(2)
    assert state(page)["group"] == "service,level"
    follow(page.get_by_title("Show these rows").last)
    expect(rows(page)).to_have_count(4)
