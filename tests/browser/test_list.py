"""The list: every row once and in order, by mouse and by keyboard, and the row that is open beside it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import (
    await_chart,
    copied,
    hold,
    let_go,
    messages,
    open_row,
    row_of,
    rows,
    scroll_to_the_end,
    state,
    visit,
)
from tests.support.lines import MINUTE_NS, SECOND_NS, Line

ROWS = 260
ALIKE = 7  # rows of one moment: 100 and 200, where blocks end, fall into such groups


@pytest.fixture(scope="module")
def noon() -> datetime:
    """Noon of yesterday: nothing happens there but what a test puts there."""
    return (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def crowd(new_project: NewProject, noon: datetime) -> str:
    """A project with many rows at noon, seven to a moment; the address of that hour."""
    project = new_project()
    start_ns = int(noon.timestamp()) * SECOND_NS
    project.send_lines(
        *(Line(body=f"row {index:03d}", at_ns=start_ns + index // ALIKE * 1_000_000) for index in range(ROWS))
    )
    return project.at(t=f"{noon:%Y-%m-%dT%H:%M}Z..{noon:%Y-%m-%dT%H}:30Z")


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """A project with twelve rows of the last minutes, two of them errors."""
    project = new_project()
    now_ns = time.time_ns()
    levels = {3: "error", 8: "fatal"}
    project.send_lines(
        *(
            Line(
                body=f"step {index:02d} " + ("of a very long way " * 40 if index == 5 else "done"),
                at_ns=now_ns - index * SECOND_NS - SECOND_NS,
                level=levels.get(index, "info"),
            )
            for index in range(12)
        )
    )
    return project


def active(page: Page) -> str:
    return page.locator("#list .row.is-active .m").inner_text()[:7]


def groups(found: list[str]) -> list[int]:
    return [int(message.split()[1]) // ALIKE for message in found]


def test_scrolling_shows_each_of_many_rows_once_and_in_order(page: Page, crowd: str) -> None:
    page.goto(crowd)
    expect(rows(page)).to_have_count(100)
    scroll_to_the_end(page)
    found = messages(page)
    assert sorted(found) == [f"row {index:03d}" for index in range(ROWS)]
    assert groups(found) == sorted(groups(found), reverse=True)
    expect(page.locator("#count")).to_have_text(f"{ROWS} rows")


def test_turned_round_the_list_begins_with_the_earliest_rows(page: Page, crowd: str) -> None:
    page.goto(crowd)
    page.get_by_role("link", name="Time").click()
    expect(page.get_by_role("columnheader", name="Time")).to_have_attribute("aria-sort", "ascending")
    assert state(page)["sort"] == "asc"
    scroll_to_the_end(page)
    found = messages(page)
    assert sorted(found) == [f"row {index:03d}" for index in range(ROWS)]
    assert groups(found) == sorted(groups(found))


def test_rows_that_arrive_while_one_scrolls_do_not_move_the_window(page: Page, project: Project) -> None:
    project.send("api", [f"early {index:03d}" for index in range(150)], age_s=30)
    page.goto(project.url)
    expect(rows(page)).to_have_count(100)
    project.send("api", [f"late {index:03d}" for index in range(30)], age_s=0)
    scroll_to_the_end(page)
    assert messages(page) == [f"early {index:03d}" for index in reversed(range(150))]
    expect(page.locator("#count")).to_have_text("150 rows")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#count")).to_have_text("180 rows")
    expect(rows(page).first.locator(".m")).to_have_text("late 029")


def test_a_block_that_could_not_be_loaded_can_be_loaded_again(page: Page, crowd: str, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource", "htmx:"]
    page.route("**/logs/rows?*", lambda route: route.abort())
    page.goto(crowd)
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(page.locator("#notice")).to_contain_text("Hedgerow did not answer")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page).nth(150)).to_be_attached()
    scroll_to_the_end(page)
    assert sorted(messages(page)) == [f"row {index:03d}" for index in range(ROWS)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_date_stands_where_a_new_day_begins_in_the_zone_that_is_shown(
    page: Page, project: Project, noon: datetime, zone: str
) -> None:
    midnight = {
        "UTC": noon.replace(hour=0),
        "Asia/Kolkata": noon.replace(hour=18, minute=30) - timedelta(days=1),
    }[zone]
    at_ns = int(midnight.timestamp()) * SECOND_NS
    project.send_lines(
        Line(body="last of the old day", at_ns=at_ns - 1),
        Line(body="first of the new day", at_ns=at_ns),
        Line(body="later", at_ns=at_ns + MINUTE_NS),
    )
    window = f"{midnight - timedelta(minutes=9):%Y-%m-%dT%H:%M}Z..{midnight + timedelta(minutes=9):%Y-%m-%dT%H:%M}Z"
    page.goto(project.at(t=window, tz=zone))
    expect(page.locator("#list .day")).to_have_count(1)
    old_day = noon.date() - timedelta(days=1)
    expect(page.locator("#list .day")).to_have_text(f"{old_day:%A} {old_day.day} {old_day:%B} {old_day.year}")
    found = page.locator("#list .block > *").all_text_contents()
    assert [text.endswith(("later", "new day", "old day")) for text in found] == [True, True, False, True]
    assert "23:59:59.999" in found[3]
    assert "00:00:00.000" in found[1]


def test_a_click_opens_the_row_beside_the_list_and_the_address_names_it(page: Page, shop: Project) -> None:
    visit(page, shop)
    open_row(page, "step 04 done")
    expect(row_of(page, "step 04 done")).to_have_class(re.compile("is-active"))
    box, list_box = page.locator("#detail").bounding_box(), page.locator("#list").bounding_box()
    assert box is not None and list_box is not None
    assert list_box["x"] + list_box["width"] <= box["x"]
    assert "row" in state(page)
    page.reload()
    expect(page.locator("#detail-message")).to_have_text("step 04 done")
    expect(row_of(page, "step 04 done")).to_have_class(re.compile("is-active"))
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#detail")).to_be_hidden()
    assert "row" not in state(page)


def test_back_and_forward_restore_what_was_open(page: Page, shop: Project) -> None:
    visit(page, shop)
    open_row(page, "step 04 done")
    opened = page.url
    page.get_by_label("Search").fill("07")
    page.get_by_label("Search").press("Enter")
    expect(rows(page)).to_have_count(1)
    assert "row" not in state(page)
    page.go_back()
    expect(page.locator("#detail-message")).to_have_text("step 04 done")
    expect(rows(page)).to_have_count(12)
    assert page.url == opened
    page.go_forward()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#detail")).to_be_hidden()
    expect(page.get_by_label("Search")).to_have_value("07")


def test_text_can_be_selected_in_a_row_without_opening_it(page: Page, shop: Project) -> None:
    visit(page, shop)
    box = row_of(page, "step 02 done").locator(".m").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert page.evaluate("() => getSelection().toString()").startswith("step 02")
    expect(page.locator("#detail")).to_be_hidden()
    assert "row" not in state(page)


def test_pressing_a_row_at_the_edge_of_the_list_does_not_move_it(page: Page, crowd: str) -> None:
    page.goto(crowd)
    expect(rows(page)).to_have_count(100)
    page.locator("#list").evaluate("list => { list.scrollTop = 11 }")
    box = page.locator("#list").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 500, box["y"] + box["height"] - 4)
    page.mouse.down()
    assert page.locator("#list").evaluate("list => list.scrollTop") == 11
    page.mouse.up()
    expect(page.locator("#detail-message")).to_be_visible()


def test_keys_walk_the_rows_and_open_and_close_them(page: Page, shop: Project) -> None:
    visit(page, shop)
    for key in "jjjk":
        page.keyboard.press(key)
    assert active(page) == "step 01"
    page.keyboard.press("ArrowDown")
    assert active(page) == "step 02"
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-message")).to_have_text("step 02 done")
    page.keyboard.press("]")
    expect(page.locator("#detail-message")).to_have_text("step 03 done")
    third = state(page)["row"]
    page.keyboard.press("[")
    expect(page.locator("#detail-message")).to_have_text("step 02 done")
    assert state(page)["row"] != third
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    expect(row_of(page, "step 02 done")).to_be_focused()
    assert "row" not in state(page)


def test_keys_walk_from_error_to_error(page: Page, shop: Project) -> None:
    visit(page, shop)
    page.keyboard.press("e")
    assert active(page) == "step 03"
    page.keyboard.press("e")
    assert active(page) == "step 08"
    page.keyboard.press("e")
    assert active(page) == "step 08"
    page.keyboard.press("E")
    assert active(page) == "step 03"


def test_the_row_that_keys_choose_is_never_behind_the_head_of_the_list(page: Page, crowd: str) -> None:
    page.goto(crowd)
    expect(rows(page)).to_have_count(100)
    rows(page).nth(60).locator(".m").click()
    expect(page.locator("#detail-message")).to_be_visible()
    page.keyboard.press("Escape")
    for _row in range(50):
        page.keyboard.press("k")
    head, chosen = page.locator(".list__head").bounding_box(), page.locator(".row.is-active").bounding_box()
    assert head is not None and chosen is not None
    assert chosen["y"] >= head["y"] + head["height"]


def test_walking_goes_on_into_rows_that_have_to_be_loaded_first(page: Page, crowd: str) -> None:
    held = hold(page, "**/logs/rows?*")
    page.goto(crowd)
    expect(rows(page)).to_have_count(100)
    page.keyboard.press("k")  # from nowhere upwards: the last row
    expect(rows(page).nth(99)).to_be_focused()
    page.keyboard.press("j")  # nothing to go to yet
    expect(rows(page).nth(99)).to_be_focused()
    let_go(page, held)
    expect(rows(page).nth(100)).to_be_attached()
    page.keyboard.press("j")
    expect(rows(page).nth(100)).to_be_focused()


def test_the_detail_shows_the_row_that_was_chosen_last_whatever_is_answered_first(
    page: Page, shop: Project, complaints: Complaints
) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, shop)
    hold(page, "**/logs/row/*", most=1)
    row_of(page, "step 01 done").locator(".m").click()
    row_of(page, "step 02 done").locator(".m").click()
    expect(page.locator("#detail-message")).to_have_text("step 02 done")


def test_a_row_closed_before_it_was_there_stays_closed(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, shop)
    held = hold(page, "**/logs/row/*")
    row_of(page, "step 01 done").locator(".m").click()
    expect(row_of(page, "step 01 done")).to_have_class(re.compile("is-active"))
    page.keyboard.press("Escape")
    let_go(page, held)
    page.wait_for_timeout(300)  # what must not come has this long to come
    expect(page.locator("#detail")).to_be_hidden()
    assert "row" not in state(page)


def test_w_wraps_long_lines_and_the_next_visit_remembers(page: Page, shop: Project) -> None:
    visit(page, shop)
    long = rows(page).nth(5)

    def height() -> float:
        box = long.bounding_box()
        assert box is not None
        return box["height"]

    assert height() < 30
    page.keyboard.press("w")
    assert height() > 30
    page.reload()
    expect(page.locator("#list.wrap-lines")).to_be_visible()
    page.keyboard.press("w")
    assert height() < 30


def test_y_copies_the_row_and_shift_y_a_link_to_it(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    context = new_context(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    visit(page, shop)
    page.keyboard.press("e")
    page.keyboard.press("y")
    expect(page.locator("#said")).to_have_text("Row copied")
    assert re.fullmatch(r"E \d\d:\d\d:\d\d\.\d{3} api step 03 done", copied(page))
    page.keyboard.press("Y")
    expect(page.locator("#said")).to_have_text("Link copied")
    page.goto(copied(page))
    expect(page.locator("#detail-message")).to_have_text("step 03 done")


def test_h_hides_the_histogram_and_the_next_visit_remembers(page: Page, shop: Project) -> None:
    visit(page, shop)
    await_chart(page)
    page.keyboard.press("h")
    expect(page.locator("#chart")).to_be_hidden()
    page.reload()
    expect(page.locator("#count")).to_have_text("12 rows")
    expect(page.locator("#chart")).to_be_hidden()
    page.keyboard.press("h")
    expect(page.locator("#chart")).to_be_visible()


def test_minus_and_plus_zoom_and_z_undoes_it(page: Page, crowd: str) -> None:
    page.goto(crowd)
    page.keyboard.press("-")  # at once: the keys do not wait for the chart
    expect(page).to_have_url(re.compile(r"T11:45Z\.\..*T12:45Z$"))
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile(r"T12:00Z\.\..*T12:30Z$"))
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile(r"T11:45Z\.\..*T12:45Z$"))
    expect(rows(page)).to_have_count(100)


def test_z_does_not_leave_the_explorer_when_nothing_was_zoomed(
    new_context: NewContext, signed_in: StorageState, crowd: str
) -> None:
    page = new_context(storage_state=signed_in).new_page()
    page.goto(crowd)
    page.keyboard.press("z")
    page.wait_for_timeout(300)  # what must not come has this long to come
    assert page.url.startswith("http")
    expect(rows(page)).to_have_count(100)


def test_slash_and_t_go_to_the_boxes_where_letters_are_letters(page: Page, shop: Project) -> None:
    visit(page, shop)
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("why")
    expect(page.get_by_label("Search")).to_have_value("why")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search")).not_to_be_focused()
    page.keyboard.press("t")
    expect(page.get_by_label("Time range", exact=True)).to_be_focused()
    page.keyboard.type("2h")  # what stood there was selected and is typed over
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("t=now-2h"))
    assert state(page)["q"] == "why"


def test_the_question_mark_shows_the_keys(page: Page, shop: Project) -> None:
    visit(page, shop)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".row.is-active")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
