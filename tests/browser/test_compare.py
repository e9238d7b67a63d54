"""Breaking the histogram down, and comparing everything with the period before."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import NewContext, NewProject, Project
from tests.support.explorer import await_chart, follow, rows, state, total, visit
from tests.support.lines import MINUTE_NS, SECOND_NS, Line


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """Twelve rows of three tenants, two of them errors, after two rows of the hour before and one of what is gone."""
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    lines = [
        Line(
            body=f"order {index}",
            at_ns=now_ns - index * 4 * MINUTE_NS,
            level="info" if index % 6 else "error",
            attributes={"tenant": ("large", "large", "small", "")[index % 4]} if index % 3 else {},
        )
        for index in range(12)
    ]
    before = [("order 1", "info"), ("order 2", "info"), ("error of old", "error")]
    lines += [
        Line(body=body, at_ns=now_ns - 90 * MINUTE_NS, level=level, service="api" if level == "info" else "legacy")
        for body, level in before
    ]
    project.send_lines(*lines)
    return project


def legend(page: Page) -> Locator:
    return page.locator(".legend")


def change_in(page: Page, facet: str, name: str) -> Locator:
    values = page.locator("#facets details").filter(has=page.locator("summary", has_text=facet)).locator(".value")
    return values.filter(has=page.locator(".value__name").get_by_text(name, exact=True)).locator(".delta")


def test_one_breaks_the_histogram_down_and_looks_at_one_value(page: Page, shop: Project) -> None:
    visit(page, shop)
    await_chart(page)
    page.get_by_title("Break the histogram down by").click()
    page.get_by_role("link", name="Service", exact=True).click()
    expect(page.get_by_role("group", name="Values of service")).to_contain_text("api 12")
    assert state(page) == {"by": "service"}
    page.get_by_title("Break the histogram down by").click()
    key = page.get_by_label("Break down by any other key")
    key.click()
    expect(page.locator("#by-keys option[value=tenant]")).to_be_attached()
    key.fill("tenant")
    key.press("Enter")
    expect(legend(page)).to_contain_text("large 4")
    expect(legend(page).locator("i")).to_have_count(4)
    assert state(page) == {"by": "tenant"}
    legend(page).get_by_role("link", name="large").click()
    total(page, 4)
    assert state(page) == {"q": "tenant:large", "by": "tenant"}
    expect(legend(page).get_by_role("link", name="large")).to_have_attribute("aria-current", "true")
    page.go_back()
    legend(page).get_by_role("link", name="not set").click()
    total(page, 4)
    assert state(page)["q"] == "-tenant:*"


def test_one_compares_by_a_click_or_a_key_and_goes_on_in_another_range(page: Page, shop: Project) -> None:
    visit(page, shop, by="service")
    await_chart(page)
    expect(page.locator("#facets .value").first).to_be_visible()
    expect(page.locator(".delta")).to_have_count(0)
    page.get_by_role("link", name="Compare with the period before").click()
    expect(page.locator(".chart__total")).to_contain_text("12 rows")
    expect(page.locator(".chart__total")).to_contain_text("↑ 4.0× before 3")
    expect(page.locator("svg.bars .ghost")).to_have_count(2)
    expect(change_in(page, "Level", "error")).to_have_text(", ↑ 2.0×")
    expect(change_in(page, "Level", "error")).to_have_class("delta delta--worse")
    expect(change_in(page, "Service", "legacy")).to_have_text(", gone")
    page.keyboard.press("2")
    expect(page.locator(".pattern--gone", has_text="error of old")).to_be_visible()
    assert state(page) == {"by": "service", "vs": "before", "tab": "patterns"}
    await_chart(page)
    plot = page.locator(".chart__plot")
    plot.focus()
    for key in ("ArrowLeft", "Shift+ArrowLeft", "Enter"):
        plot.press(key)
    expect(page).to_have_url(re.compile(r"t=20\d\d-"))
    assert {"by": "service", "vs": "before", "tab": "patterns"}.items() <= state(page).items()
    page.get_by_role("link", name="One window back").click()
    expect(page.locator("#chart:not([aria-busy])")).to_be_attached()
    assert {"by": "service", "vs": "before"}.items() <= state(page).items()
    page.keyboard.press("v")
    expect(page).not_to_have_url(re.compile("vs="))
    expect(page.get_by_role("link", name="Compare with the period before")).to_be_visible()


def test_on_a_phone_all_of_it_is_within_reach(new_context: NewContext, signed_in: StorageState, shop: Project) -> None:
    size = {"width": 390, "height": 844}
    page = new_context(storage_state=signed_in, viewport=size, has_touch=True, is_mobile=True).new_page()
    visit(page, shop)
    await_chart(page)
    page.get_by_title("Break the histogram down by").tap()
    panel = page.locator(".chart__controls .menu__panel")
    expect(panel).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Service", exact=True).tap()
    expect(legend(page)).to_contain_text("api")
    page.get_by_role("link", name="Compare with the period before").tap()
    expect(page.locator(".chart__total")).to_be_in_viewport(ratio=1)
    expect(legend(page).locator(".delta").first).to_be_visible()
    controls = page.locator(".chart :is(a.button, summary, .legend a)")
    sizes = controls.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.width, box.height])"
    )
    assert len(sizes) == 3
    assert min(min(size) for size in sizes) >= 44
    page.goto(shop.at(by="tenant", vs="before"))
    await_chart(page)
    expect(legend(page).locator("i")).to_have_count(4)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390


def test_without_scripts_it_is_links_and_a_form(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    page = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    visit(page, shop)
    follow(page.get_by_role("link", name="Show the histogram and the count"))
    page.get_by_title("Break the histogram down by").click()
    follow(page.get_by_role("link", name="Service", exact=True))
    expect(legend(page)).to_contain_text("api 12")
    page.get_by_title("Break the histogram down by").click()
    page.get_by_label("Break down by any other key").fill("tenant")
    follow(page.get_by_role("button", name="Show", exact=True))
    expect(legend(page)).to_contain_text("large 4")
    follow(page.get_by_role("link", name="Compare with the period before"))
    expect(legend(page)).to_contain_text("large 4, new")
    expect(change_in(page, "Level", "error")).to_have_text(", ↑ 2.0×")
    follow(page.get_by_role("link", name="Patterns"))
    follow(page.get_by_role("link", name="Compared with the period before"))
    assert "vs" not in state(page)
    follow(legend(page).get_by_role("link", name="not set"))
    expect(rows(page)).to_have_count(0)
    assert state(page)["q"] == "-tenant:*"
