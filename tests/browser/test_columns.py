"""The columns of the list: chosen, ordered and sized by keyboard and pointer, kept in the address, hostile ones too."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import NewContext, NewProject, Project
from tests.support.explorer import follow, open_row, row_of, rows, state, visit
from tests.support.lines import SECOND_NS, Line

HOSTILE = '<img src=x onerror="alert(1)"> \u202e {{7*7}} \x1b[31mred'
KEY = 'a "key", with:12'


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    project = new_project()
    now_ns = time.time_ns()
    project.send_lines(
        *(
            Line(
                body=f"step {at} " + "of a very long way " * 30,
                at_ns=now_ns - at * SECOND_NS,
                attributes={"http.route": f"/r{at}", KEY: HOSTILE} if at else {},
                resource={"host.name": f"node-{at}"},
            )
            for at in range(6)
        )
    )
    return project


def head(page: Page) -> list[str]:
    return page.locator("#list .list__head [role=columnheader]").all_inner_texts()


def cells(row: Locator) -> list[str]:
    return row.locator(".c").all_inner_texts()


def width(page: Page, name: str) -> float:
    box = page.get_by_role("columnheader", name=name).bounding_box()
    assert box is not None
    return box["width"]


def test_columns_are_added_moved_and_removed_by_keyboard(page: Page, shop: Project) -> None:
    visit(page, shop)
    page.keyboard.press("c")
    page.keyboard.type("http.rou")
    expect(page.locator("#column-keys option[value='http.route']")).to_be_attached()
    page.keyboard.type("te")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="http.route")).to_be_visible()
    assert state(page) == {"cols": "service,http.route"}
    assert cells(rows(page).nth(0)) == ["api", ""]
    assert cells(rows(page).nth(2)) == ["api", "/r2"]
    page.get_by_title("Columns, wrapping").click()
    page.get_by_role("link", name="http.route further left").press("Enter")
    expect(page.locator("#list .list__head .c").first).to_contain_text("http.route")
    page.get_by_title("Columns, wrapping").click()
    page.get_by_role("link", name="Without the column Service").press("Enter")
    expect(page.get_by_role("columnheader", name="Service")).to_have_count(0)
    assert state(page) == {"cols": "http.route"}
    page.go_back()
    expect(page.get_by_role("columnheader", name="Service")).to_be_visible()


def test_a_field_of_an_open_row_becomes_a_column_and_the_row_stays_open(page: Page, shop: Project) -> None:
    visit(page, shop, q="step 3")
    rows(page).first.locator(".m").click()
    page.locator(".pair", has_text="host.name").hover()
    page.get_by_role("link", name="As a column: host.name").click()
    expect(page.get_by_role("columnheader", name="host.name")).to_be_visible()
    assert cells(rows(page).first) == ["api", "node-3"]
    expect(page.locator("#detail-message")).to_contain_text("step 3")
    page.locator(".pair", has_text="host.name").hover()
    page.get_by_role("link", name="Without the column host.name").click()
    expect(page.get_by_role("columnheader", name="host.name")).to_have_count(0)


def test_a_width_is_dragged_or_typed_and_the_address_keeps_it(page: Page, shop: Project) -> None:
    visit(page, shop, cols="service,http.route")
    before = width(page, "Service")
    grip = page.get_by_role("separator", name="Width of Service")
    box = grip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 84, box["y"] + 8, steps=4)
    page.mouse.up()
    wide = width(page, "Service")
    assert wide - before == pytest.approx(80, abs=8)
    cell = rows(page).first.locator(".c").first.bounding_box()
    assert cell is not None
    assert cell["width"] == pytest.approx(wide, abs=1)
    page.get_by_role("separator", name="Width of http.route").press("ArrowRight")
    dragged = state(page)["cols"]
    assert dragged.startswith("service:")
    assert dragged.endswith(",http.route:19")
    page.get_by_role("link", name="Time").click()
    expect(page.get_by_role("columnheader", name="Time")).to_have_attribute("aria-sort", "ascending")
    assert state(page)["cols"] == dragged
    page.reload()
    assert width(page, "Service") == pytest.approx(wide, abs=1)
    page.get_by_role("separator", name="Width of Service").dblclick()
    assert state(page)["cols"] == "service,http.route:19"
    assert width(page, "Service") == pytest.approx(before, abs=1)


def test_hostile_keys_and_values_are_text(page: Page, shop: Project) -> None:
    written = '"a \\"key\\", with:12"'
    visit(page, shop, cols=f"{written}:40")
    assert head(page) == ["Level", "Time ↓", written, "Message"]
    assert cells(rows(page).nth(1)) == ['<img src=x onerror="alert(1)"> ⟨U+202E⟩ {{7*7}} red']
    page.get_by_role("separator").press("ArrowLeft")
    assert state(page)["cols"] == f"{written}:39"
    page.reload()
    expect(page.get_by_role("separator")).to_have_attribute("aria-valuenow", "39")


def test_lines_are_wrapped_and_close_together_as_this_browser_was_told(page: Page, shop: Project) -> None:
    visit(page, shop)

    def height() -> float:
        box = rows(page).first.bounding_box()
        assert box is not None
        return box["height"]

    assert height() == 22
    page.get_by_title("Columns, wrapping").click()
    page.get_by_role("switch", name="Close together").click()
    assert height() == 18
    page.get_by_role("switch", name="Wrap long lines").click()
    assert height() >= 36
    page.reload()
    assert height() >= 36
    page.keyboard.press("w")
    assert height() == 18
    expect(page.locator("[data-list-switch=dense]")).to_have_attribute("aria-checked", "true")


def test_without_scripts_the_menu_is_links_and_forms(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    plain = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    plain.goto(shop.at(q="step"))
    plain.get_by_title("Columns, wrapping").click()
    plain.get_by_label("Add a column").fill("resource.host.name")
    with plain.expect_navigation():
        plain.get_by_label("Add a column").press("Enter")
    assert state(plain) == {"q": "step", "cols": "service,resource.host.name"}
    assert cells(rows(plain).nth(1)) == ["api", "node-1"]
    plain.get_by_title("Columns, wrapping").click()
    follow(plain.get_by_role("link", name="Without the column Service"))
    assert cells(rows(plain).nth(1)) == ["node-1"]
    expect(plain.get_by_role("switch")).to_have_count(0)


def test_on_a_phone_columns_stand_beside_the_time_and_the_menu_is_a_sheet(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    size = {"width": 390, "height": 844}
    phone = new_context(storage_state=signed_in, viewport=size, has_touch=True, is_mobile=True).new_page()
    visit(phone, shop, cols="service,resource.host.name,http.route", q="step 2")
    assert cells(rows(phone).first) == ["api", "node-2", "/r2"]
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_title("Columns, wrapping").tap()
    box = phone.locator(".view-menu__panel").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    phone.get_by_role("link", name="Without the column http.route").tap()
    expect(rows(phone).first.locator(".c")).to_have_count(2)
    open_row(phone, row_of(phone, phone.locator("#list .row .m").first.inner_text()).locator(".m").inner_text())
