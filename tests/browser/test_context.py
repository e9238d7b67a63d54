"""What one finds out from an open row: what happened around it, its trace, its stack trace, its fields by keyboard."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, NewProject, Project
from tests.support.explorer import messages, open_row, rows, run, state, total, visit
from tests.support.lines import SECOND_NS, Line

TRACE = "0af7651916cd43dd8448eb211c80319c"
STACK = (
    "checkout failed <b>now</b>\nTraceback (most recent call last):\n"
    + "".join(
        f'  File "/usr/lib/python3/dist-packages/flask/app.py", line {n}, in f{n}\n    f{n + 1}()\n' for n in range(23)
    )
    + '  File "/srv/shop/cart.py", line 12, in add\n    raise ValueError(item)\nValueError: no such item'
)


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """A hundred rows of two services, one a second; a trace goes through both."""
    project = new_project()
    now_ns = time.time_ns()
    project.send_lines(
        *(
            Line(
                body="failed at last" if at == 50 else f"row {at:03d}",
                at_ns=now_ns - at * SECOND_NS,
                level="error" if at == 50 else "info",
                service="api" if at % 2 else "web",
                trace_id=TRACE if at in (47, 50, 52) else "",
                resource={"host.name": f"node-{at % 4}"},
            )
            for at in range(100)
        ),
        Line(body=STACK, at_ns=now_ns - 200 * SECOND_NS, level="error", service="cart"),
    )
    return project


def around(page: Page) -> list[str]:
    return page.locator(".context li .m").all_inner_texts()


def test_the_rows_around_a_row_in_the_order_of_time(page: Page, shop: Project) -> None:
    visit(page, shop, q="failed at")
    open_row(page, "failed at last")
    page.get_by_role("link", name="Context").click()
    expect(page.locator(".context .is-anchor .m")).to_have_text("failed at last")
    expect(page.locator(".context .is-anchor")).to_be_in_viewport()
    page.get_by_role("link", name="± 10 s").click()
    expect(page.locator(".context li")).to_have_count(11)
    assert around(page) == [
        *(f"row {at:03d}" for at in (60, 58, 56, 54, 52)),
        "failed at last",
        *(f"row {at:03d}" for at in (48, 46, 44, 42, 40)),
    ]
    assert page.locator(".context__away").all_inner_texts()[3:8] == ["−4 s", "−2 s", "", "+2 s", "+4 s"]
    page.get_by_role("navigation", name="Rows of").get_by_role("link", name="all").click()
    expect(page.locator(".context li")).to_have_count(21)
    page.get_by_role("navigation", name="Rows of").get_by_role("link", name="trace").click()
    expect(page.locator(".context li")).to_have_count(3)
    assert around(page) == ["row 052", "failed at last", "row 047"]


def test_one_walks_on_from_the_context_and_shows_it_in_the_list(page: Page, shop: Project) -> None:
    visit(page, shop, q="failed at")
    open_row(page, "failed at last")
    page.get_by_role("link", name="Context").click()
    page.get_by_role("navigation", name="Rows of").get_by_role("link", name="trace").click()
    page.locator(".context li", has_text="row 047").get_by_role("link").click()
    expect(page.locator("#detail-message")).to_have_text("row 047")
    opened = state(page)["row"]
    page.reload()
    expect(page.locator("#detail-message")).to_have_text("row 047")
    assert state(page)["row"] == opened
    page.get_by_role("link", name="Context").click()
    page.get_by_role("navigation", name="Rows of").get_by_role("link", name="all").click()
    page.get_by_role("link", name="More after").click()
    expect(page.locator(".context li", has_text="row 000")).to_be_attached()
    page.get_by_role("link", name="± 1 s").click()
    expect(page.locator(".context li")).to_have_count(3)
    page.get_by_role("link", name="Show in the list").click()
    total(page, 3)
    assert messages(page) == ["row 046", "row 047", "row 048"]


def test_all_rows_of_the_trace_are_one_click_away(page: Page, shop: Project) -> None:
    visit(page, shop, q="failed at", t="5m")
    open_row(page, "failed at last")
    page.get_by_role("link", name="Trace", exact=True).click()
    total(page, 3)
    assert state(page)["q"] == f"trace_id:{TRACE}"
    assert messages(page) == ["row 047", "failed at last", "row 052"]


def test_a_stack_trace_is_folded_and_its_line_says_what_went_wrong(page: Page, shop: Project) -> None:
    visit(page, shop, q="service:cart")
    line = rows(page).first.locator(".m").inner_text()
    assert line == (
        'checkout failed <b>now</b> ValueError: no such item  File "/srv/shop/cart.py", line 12, in add  + 23 frames'
    ).replace("  ", " ")
    rows(page).first.click()
    message = page.locator("#detail-message")
    expect(message).to_contain_text("checkout failed <b>now</b>")
    expect(message).to_contain_text("raise ValueError(item)")
    expect(message.get_by_text("in f11")).to_be_hidden()
    message.get_by_text("+ 23 frames").click()
    expect(message.get_by_text("in f11")).to_be_visible()
    run(page, "f11")
    expect(page.locator("#detail")).to_be_hidden()
    rows(page).first.click()
    expect(page.locator("#detail-message mark").first).to_be_visible()


def test_fields_are_walked_and_filtered_by_keyboard(page: Page, shop: Project) -> None:
    visit(page, shop, q="failed at")
    rows(page).first.click()
    expect(page.locator("#detail-message")).to_have_text("failed at last")
    page.keyboard.press("f")
    expect(page.get_by_role("link", name="Only rows where host.name is this")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Only rows where service.name is this")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("F")
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    assert state(page)["q"].endswith("-resource.host.name:node-2")


def test_a_context_that_fails_says_so_and_leaves_the_row(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource", "htmx:"]
    visit(page, shop, q="failed at")
    open_row(page, "failed at last")
    page.route("**/logs/row/*", lambda route: route.abort())
    page.get_by_role("link", name="Context").click()
    expect(page.locator("#notice")).to_contain_text("did not answer")
    expect(page.locator("#detail-message")).to_have_text("failed at last")
