"""The time range and the zone: typed, chosen, stepped."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import messages, rows, run, state, total, visit
from tests.support.lines import MINUTE_NS, Line


@pytest.fixture(scope="module")
def past(new_project: NewProject) -> Project:
    """A project with rows of some minutes ago, none of them near the edge of a range that is asked for."""
    project = new_project()
    now_ns = time.time_ns()
    project.send_lines(*(Line(body=f"{age} minutes ago", at_ns=now_ns - age * MINUTE_NS) for age in (1, 2, 7, 12, 40)))
    return project


def test_the_time_box_takes_free_text_and_presets(page: Page, past: Project) -> None:
    visit(page, past)
    page.get_by_title("Time range (t)").click()
    box = page.get_by_label("Time range", exact=True)
    box.fill("last 10 minutes")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"t=now-10m\.\.now$"))
    total(page, 3)
    expect(page.locator("#time-label")).to_have_text("Last 10 minutes")
    page.get_by_title("Time range (t)").click()
    page.locator(".time__presets").get_by_text("15m", exact=True).click()
    expect(page).to_have_url(re.compile(r"t=now-15m\.\.now$"))
    total(page, 4)
    expect(page.locator("#time")).not_to_have_attribute("open", "")


def test_a_time_that_cannot_be_read_is_said_and_the_last_result_stays(
    page: Page, past: Project, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    visit(page, past)
    page.keyboard.press("t")
    page.keyboard.type("half past nine-ish")
    page.keyboard.press("Enter")
    expect(page.locator("#query-error mark")).to_have_text("half past nine-ish")
    expect(page.locator("#query-error")).to_contain_text("is not a time range")
    box = page.get_by_label("Time range", exact=True)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    expect(page.get_by_label("Search", exact=True)).not_to_have_attribute("aria-invalid", "true")
    expect(rows(page)).to_have_count(5)
    box.fill("15m")
    box.press("Enter")
    total(page, 4)
    expect(page.locator("#query-error")).to_be_hidden()
    page.goto(past.at(t="half past nine-ish"))
    expect(page.get_by_label("Time range", exact=True)).to_have_value("half past nine-ish")
    expect(page.locator("#list")).to_contain_text("The time range could not be read")


def test_the_arrows_step_one_window_back_and_on(page: Page, past: Project) -> None:
    visit(page, past, t="now-5m..now")
    total(page, 2)
    page.get_by_role("link", name="One window back").click()
    expect(page).to_have_url(re.compile(r"t=now-10m\.\.now-5m$"))
    total(page, 1)
    assert messages(page) == ["7 minutes ago"]
    page.get_by_role("link", name="One window on").click()
    expect(page).to_have_url(re.compile(r"t=now-5m\.\.now$"))
    total(page, 2)


def test_the_browsers_zone_is_offered_and_times_follow_it(
    new_context: NewContext, signed_in: StorageState, past: Project
) -> None:
    page = new_context(storage_state=signed_in, timezone_id="Asia/Tokyo").new_page()
    visit(page, past)

    def clock() -> datetime:
        return datetime.strptime(rows(page).first.locator(".t").inner_text(), "%H:%M:%S.%f").replace(tzinfo=UTC)

    before = clock()
    zone = page.locator(".status__zone")
    expect(zone.get_by_text("UTC")).to_have_attribute("aria-current", "true")
    zone.get_by_text("Asia/Tokyo").click()
    expect(page).to_have_url(re.compile(r"tz=Asia/Tokyo"))
    expect(zone.get_by_text("Asia/Tokyo")).to_have_attribute("aria-current", "true")
    assert (clock() - before).seconds == 9 * 3600
    run(page, '"2 minutes"')
    expect(rows(page)).to_have_count(2)
    assert state(page)["tz"] == "Asia/Tokyo"  # searching keeps the zone
    zone.get_by_text("UTC").click()
    expect(page).not_to_have_url(re.compile("tz="))


def test_a_browser_in_utc_is_offered_no_other_zone(
    new_context: NewContext, signed_in: StorageState, past: Project
) -> None:
    page = new_context(storage_state=signed_in, timezone_id="UTC").new_page()
    visit(page, past)
    expect(page.locator(".status__zone a:visible")).to_have_text(["UTC"])
