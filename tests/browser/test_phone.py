"""On a phone: nothing scrolls sideways, fingers hit what they mean, and a row opens over the list."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import await_chart, row_of, rows, scroll_to_the_end, state
from tests.support.lines import SECOND_NS, Line

FINGER_PX = 44


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    project.send_lines(
        *(
            Line(
                body=f"order {index:03d} of a customer with a rather long name " + "that goes on and on " * 5,
                at_ns=now_ns - index * SECOND_NS,
                level=("info", "warn", "error")[index % 3],
                service="checkout-with-a-very-long-name",
                attributes={"http.request.header.x-forwarded-for": "10.0.0.1, 10.0.0.2", "user.name": "Ada"},
            )
            for index in range(120)
        )
    )
    return project


@pytest.fixture
def phone(new_context: NewContext, signed_in: StorageState) -> Page:
    """A page on a phone, signed in."""
    size = {"width": 390, "height": 844}
    return new_context(
        storage_state=signed_in, viewport=size, has_touch=True, is_mobile=True, device_scale_factor=2
    ).new_page()


def fits(page: Page) -> bool:
    found: bool = page.evaluate("() => document.documentElement.scrollWidth <= innerWidth && innerWidth === 390")
    return found


def is_within(page: Page, place: Locator) -> bool:
    box = place.bounding_box()
    assert box is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] >= 0 and box["y"] + box["height"] <= 844


def too_small(places: Locator) -> list[str]:
    """The controls that are seen and smaller than a finger, in either direction."""
    sizes = places.evaluate_all(
        """controls => controls.filter(one => one.checkVisibility()).map(one => {
          const { width, height } = one.getBoundingClientRect();
          return [one.outerHTML.slice(0, 120), width, height];
        })"""
    )
    assert sizes
    return [f"{name} {width}×{height}" for name, width, height in sizes if min(width, height) < FINGER_PX]


def test_no_page_scrolls_sideways(phone: Page, shop: Project, project: Project) -> None:
    phone.goto(shop.url)
    await_chart(phone)
    assert fits(phone)
    scroll_to_the_end(phone)
    assert fits(phone)
    phone.goto(shop.at(q='user.name:"Ada" level:error nosuchword', t="now-3h..now-2h"))
    expect(phone.locator("#hints")).not_to_be_empty()
    assert fits(phone)
    for tab, line in (("patterns", ".pattern summary"), ("groups", "tr[data-group]")):
        phone.goto(shop.at(tab=tab, group="service,user.name"))
        phone.locator(line).first.tap()
        assert fits(phone)
    phone.goto(project.url)
    expect(phone.get_by_role("heading", name="Send the first log")).to_be_visible()
    assert fits(phone)
    phone.goto(f"{shop.site.url}/p/hedgerow/logs")
    expect(rows(phone).first).to_be_visible()
    assert fits(phone)
    phone.goto(f"{shop.site.url}/api/docs/")
    phone.locator("details").last.locator("summary").tap()
    assert fits(phone)
    phone.context.clear_cookies()
    phone.goto(f"{shop.site.url}/login")
    assert fits(phone)


def test_controls_are_large_enough_for_fingers(phone: Page, shop: Project) -> None:
    phone.goto(shop.url)
    await_chart(phone)
    assert too_small(phone.locator(".bar :is(button, summary, a, input:not([type=hidden]))")) == []
    assert too_small(phone.locator(".top :is(button, summary)")) == []
    assert too_small(rows(phone)) == []
    assert too_small(phone.locator(".tabs--list a")) == []
    phone.get_by_title("Time range (t)").tap()
    assert too_small(phone.locator(".time__panel :is(button, a, input)")) == []
    phone.keyboard.press("Escape")
    phone.get_by_label("Your account").tap()
    assert too_small(phone.locator(".top .menu--right .menu__item")) == []
    phone.keyboard.press("Escape")
    row_of(phone, rows(phone).first.locator(".m").inner_text()).tap()
    expect(phone.locator("#detail-message")).to_be_visible()
    assert too_small(phone.locator("#detail :is(button, a)")) == []


def test_lines_of_patterns_and_groups_are_large_enough_for_fingers(phone: Page, shop: Project) -> None:
    phone.goto(shop.at(tab="patterns"))
    phone.locator(".pattern summary").first.tap()
    assert too_small(phone.locator("#panel :is(summary, a)")) == []
    phone.goto(shop.at(tab="groups", group="level,user.name"))
    expect(phone.locator("tr[data-group]")).to_have_count(3)
    assert too_small(phone.locator(".group-by :is(input:not([type=hidden]), button)")) == []
    assert too_small(phone.locator("#panel tbody :is(tr, a)")) == []


def test_a_row_opens_over_the_list_and_closes_again(phone: Page, shop: Project) -> None:
    phone.goto(shop.url)
    third = rows(phone).nth(2)
    third.tap()
    detail = phone.locator("#detail")
    expect(phone.locator("#detail-message")).to_contain_text("order 002")
    assert detail.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert fits(phone)
    assert "row" in state(phone)
    phone.get_by_role("button", name="Next row").tap()
    expect(phone.locator("#detail-message")).to_contain_text("order 003")
    phone.get_by_role("link", name="Close", exact=True).tap()
    expect(detail).to_be_hidden()
    expect(third).to_be_in_viewport()
    assert "row" not in state(phone)


def test_the_actions_of_a_value_are_seen_without_hovering(phone: Page, shop: Project) -> None:
    phone.goto(shop.url)
    rows(phone).first.tap()
    only = phone.get_by_role("link", name="Only rows where user.name is this")
    only.scroll_into_view_if_needed()
    assert only.evaluate("link => getComputedStyle(link.closest('.pair__do')).opacity") == "1"
    only.tap()
    expect(phone.get_by_label("Search", exact=True)).to_have_value("user.name:Ada")
    expect(phone.locator("#detail")).to_be_hidden()


def test_menus_fit_the_screen(phone: Page, shop: Project) -> None:
    phone.goto(shop.url)
    await_chart(phone)
    for summary in phone.locator("summary:visible").all():
        summary.tap()
        panel = phone.locator("details[open] > .menu__panel")
        expect(panel).to_be_visible()
        assert is_within(phone, panel), panel.inner_text()
        assert fits(phone)
        phone.keyboard.press("Escape")
        expect(panel).to_have_count(0)
    phone.get_by_title("Time range (t)").tap()
    phone.locator(".time__presets").get_by_text("15m", exact=True).tap()
    expect(phone.locator("#time-label")).to_have_text("Last 15 minutes")


def test_a_message_takes_two_lines_at_most(phone: Page, shop: Project) -> None:
    phone.goto(shop.url)
    heights = rows(phone).evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(heights) <= 70
    lines = rows(phone).first.locator(".m").evaluate("cell => cell.getBoundingClientRect().height / 18")
    assert 1 < lines <= 2.2


def test_what_failed_is_said_within_the_screen(phone: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["422"]
    phone.goto(shop.at(q='"open'))
    expect(phone.locator("#query-error mark")).to_be_in_viewport()
    assert is_within(phone, phone.locator("#query-error"))
