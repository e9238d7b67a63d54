"""A list without end, in both directions: little of it is in the page, none of it is lost, and nothing jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, NewProject, Project
from tests.support.explorer import rows, run, state
from tests.support.lines import SECOND_NS, Line

ROWS = 2_600
MOST_ROWS = 2_000
SEEN = """
() => {
  const list = document.getElementById("list");
  window.seen ??= new Map();
  for (const row of list.querySelectorAll(".row")) {
    window.seen.set(row.dataset.row, row.querySelector(".m").textContent);
  }
  return [list.querySelectorAll(".row").length, Boolean(list.querySelector(".end"))];
}
"""
TOP = """
() => {
  const top = document.getElementById("list").getBoundingClientRect().top + 24;
  const row = [...document.querySelectorAll("#list .row")].find((one) => one.getBoundingClientRect().bottom > top + 1);
  return [row.querySelector(".m").textContent, Math.round(row.getBoundingClientRect().top - top)];
}
"""


@pytest.fixture(scope="module")
def noon() -> datetime:
    return (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def crowd(new_project: NewProject, noon: datetime) -> Project:
    """A row each second from noon on."""
    project = new_project()
    start_ns = int(noon.timestamp()) * SECOND_NS
    project.send_lines(*(Line(body=f"row {at:04d}", at_ns=start_ns + at * SECOND_NS) for at in range(ROWS)))
    return project


def hour(noon: datetime) -> str:
    return f"{noon:%Y-%m-%dT%H:%M}Z..{noon + timedelta(hours=1):%Y-%m-%dT%H:%M}Z"


def test_of_thousands_of_rows_few_are_in_the_page_and_none_is_lost(page: Page, crowd: Project, noon: datetime) -> None:
    page.goto(crowd.at(t=hour(noon)))
    expect(rows(page).first.locator(".m")).to_have_text("row 2599")
    most, is_end = 0, False
    for _scroll in range(60):
        count, is_end = page.evaluate(SEEN)
        most = max(most, count)
        if is_end:
            break
        blocks = page.locator("#list .block").count()
        page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight }")
        expect(page.locator("#list .block").nth(blocks).or_(page.locator("#list .end")).first).to_be_attached()
    assert is_end
    assert most <= MOST_ROWS
    assert sorted(page.evaluate("[...window.seen.values()]")) == [f"row {at:04d}" for at in range(ROWS)]
    page.locator("#list").evaluate("list => { list.scrollTop = 0 }")
    expect(rows(page).first.locator(".m")).to_have_text("row 2599")
    rows(page).first.locator(".m").click()
    expect(page.locator("#detail-message")).to_have_text("row 2599")
    page.keyboard.press("j")
    expect(page.locator("#detail-message")).to_have_text("row 2598")


def test_one_goes_to_a_moment_and_on_in_both_directions(page: Page, crowd: Project, noon: datetime) -> None:
    page.goto(crowd.at(t=hour(noon)))
    page.keyboard.press("c")
    page.get_by_label("Go to a time").fill(f"{noon + timedelta(minutes=20):%Y-%m-%dT%H:%M}Z")
    page.get_by_label("Go to a time").press("Enter")
    expect(rows(page).filter(has_text="row 1200")).to_be_attached()
    expect(rows(page).filter(has_text="row 1250")).to_be_attached()  # those above come by themselves
    page.wait_for_function("() => !document.querySelector('#list .htmx-request')")
    assert page.evaluate(TOP)[0] == "row 1200"
    assert "after" in state(page)
    for _scroll in range(5):
        page.locator("#list").evaluate("list => { list.scrollTop -= 400 }")
        before = page.evaluate(TOP)
        page.wait_for_timeout(150)
        page.wait_for_function("() => !document.querySelector('#list .htmx-request')")
        assert page.evaluate(TOP) == before
    found = page.locator("#list .row .m").all_text_contents()
    numbers = [int(text.split()[1]) for text in found]
    assert numbers == list(range(numbers[0], numbers[-1] - 1, -1))
    assert numbers[0] >= 1300
    page.reload()
    expect(rows(page).filter(has_text="row 1200")).to_be_attached()


def test_a_moment_outside_moves_the_range_and_one_that_is_none_is_said(
    page: Page, crowd: Project, noon: datetime, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    page.goto(crowd.at(t=f"{noon - timedelta(hours=3):%Y-%m-%dT%H:%M}Z..{noon - timedelta(hours=2):%Y-%m-%dT%H:%M}Z"))
    expect(page.get_by_role("heading", name="No row matches")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_label("Go to a time").fill("half past")
    page.get_by_label("Go to a time").press("Enter")
    expect(page.locator("#query-error")).to_contain_text("half past")
    page.get_by_label("Go to a time").fill(f"{noon + timedelta(minutes=5):%Y-%m-%dT%H:%M}Z")
    page.get_by_label("Go to a time").press("Enter")
    expect(rows(page).filter(has_text="row 0300")).to_be_attached()
    run(page, '"row 00"')
    expect(rows(page).first.locator(".m")).to_have_text("row 0099")
    assert "after" not in state(page)
