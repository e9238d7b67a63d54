"""With scripts off, everything is a plain page, link or form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import follow, messages, row_of, rows, state
from tests.support.lines import SECOND_NS, Line
from tests.support.site import Site

ROWS = 230
ALIKE = 7  # rows of one moment: 100 and 200, where pages end, fall into such groups


@pytest.fixture(scope="module")
def noon() -> datetime:
    return (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def shop(new_project: NewProject, noon: datetime) -> Project:
    project = new_project()
    start_ns = int(noon.timestamp()) * SECOND_NS
    project.send_lines(
        *(
            Line(
                body=f"order {index:03d} {'declined' if index % 10 == 0 else 'placed'}",
                at_ns=start_ns + index // ALIKE * SECOND_NS,
                level="error" if index % 10 == 0 else "info",
                attributes={"user.name": "Ada Lovelace" if index % 2 else "Bob"},
            )
            for index in range(ROWS)
        )
    )
    return project


@pytest.fixture
def window(noon: datetime) -> str:
    return f"{noon:%Y-%m-%dT%H}:00Z..{noon:%Y-%m-%dT%H}:10Z"


@pytest.fixture
def plain(new_context: NewContext, signed_in: StorageState) -> Page:
    """A page in a browser that runs no scripts, signed in."""
    return new_context(storage_state=signed_in, java_script_enabled=False).new_page()


def test_one_signs_in_by_the_link_chooses_a_theme_and_signs_out(site: Site, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site.credentials()["sign_in_url"])
    expect(page.locator("#explorer")).to_be_visible()
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Follow the system").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in with a link")).to_be_visible()
    page.goto(site.url)
    expect(page).to_have_url(re.compile("/login$"))


def test_one_searches_and_sets_the_time(plain: Page, shop: Project, noon: datetime) -> None:
    plain.goto(shop.url)
    expect(plain.locator("#list")).to_contain_text("No row matches")
    plain.get_by_title("Time range (t)").click()
    plain.get_by_label("Time range", exact=True).fill(f"{noon:%Y-%m-%d} 12:00-12:10")
    plain.get_by_role("button", name="Set").click()
    expect(plain).to_have_url(re.compile(r"t=.*T12:00Z\.\."))
    expect(rows(plain)).to_have_count(100)
    plain.get_by_label("Search", exact=True).fill("declined")
    plain.get_by_label("Search", exact=True).press("Enter")
    expect(rows(plain)).to_have_count(23)
    expect(rows(plain).first.locator("mark")).to_have_text("declined")
    follow(plain.get_by_role("link", name="Time", exact=False).first)
    assert state(plain)["sort"] == "asc"
    assert messages(plain)[0] == "order 000 declined"


def test_one_pages_to_the_end_and_sees_each_row_once(plain: Page, shop: Project, window: str) -> None:
    plain.goto(shop.at(t=window))
    found = messages(plain)
    for _page in range(2):
        follow(plain.get_by_role("link", name="Older rows"))
        found += messages(plain)
    expect(plain.get_by_role("link", name="Older rows")).to_have_count(0)
    expect(plain.locator("#list .end")).to_be_visible()
    assert sorted(found) == sorted(set(found))
    assert len(found) == ROWS
    groups = [int(message.split()[1]) // ALIKE for message in found]
    assert groups == sorted(groups, reverse=True)


def test_one_opens_a_row_and_filters_by_what_it_holds(plain: Page, shop: Project, window: str) -> None:
    plain.goto(shop.at(t=window))
    row_of(plain, "order 229 placed").get_by_role("link").click()
    expect(plain.locator("#detail-message")).to_have_text("order 229 placed")
    expect(rows(plain)).to_have_count(100)
    plain.get_by_role("link", name="JSON", exact=True).click()
    expect(plain.locator("#detail-json")).to_contain_text('"user.name": "Ada Lovelace"')
    plain.get_by_role("link", name="Fields", exact=True).click()
    plain.get_by_role("link", name="Only rows where user.name is this").click()
    expect(plain.get_by_label("Search", exact=True)).to_have_value('user.name:"Ada Lovelace"')
    expect(plain.locator("#detail")).to_be_hidden()
    expect(plain.locator("#count")).to_have_text("100+ rows")
    plain.get_by_role("link", name="Older rows").click()
    expect(rows(plain)).to_have_count(15)


def test_a_row_of_a_later_page_opens_beside_that_page(plain: Page, shop: Project, window: str) -> None:
    plain.goto(shop.at(t=window))
    follow(plain.get_by_role("link", name="Older rows"))
    before = messages(plain)
    follow(rows(plain).nth(50).get_by_role("link"))
    expect(plain.locator("#detail-message")).to_have_text(before[50])
    assert messages(plain) == before
    follow(plain.get_by_role("link", name="JSON", exact=True))
    assert messages(plain) == before
    follow(plain.get_by_role("link", name="Close", exact=True))
    expect(plain.locator("#detail")).to_be_hidden()
    assert messages(plain) == before


def test_the_histogram_is_one_link_away_and_its_bars_are_links(plain: Page, shop: Project, window: str) -> None:
    plain.goto(shop.at(t=window))
    plain.get_by_role("link", name="Show the histogram and the count").click()
    expect(plain.locator("#count")).to_have_text(f"{ROWS} rows")
    expect(plain.locator("svg.bars path").first).to_be_visible()
    legend = plain.get_by_role("group", name="Levels")
    assert plain.locator("svg.bars a").count() > 10
    follow(plain.locator("svg.bars a").first)
    assert (state(plain)["t"]) != window
    plain.go_back()
    legend.get_by_role("link", name="error").click()
    expect(rows(plain)).to_have_count(23)


def test_what_needs_scripts_does_not_stand_about(plain: Page, shop: Project, window: str) -> None:
    plain.goto(shop.at(t=window))
    row_of(plain, "order 229 placed").get_by_role("link").click()
    for name in ("Live", "Keyboard shortcuts", "Previous row", "Next row", "Copy user.name"):
        expect(plain.get_by_role("button", name=name)).to_be_hidden()
    expect(plain.get_by_title("Time range (t)")).to_be_visible()


def test_a_mistake_is_said_and_what_was_typed_stays(
    plain: Page, shop: Project, window: str, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    plain.goto(shop.at(t=window))
    plain.get_by_label("Search", exact=True).fill('placed "open')
    plain.get_by_role("button", name="Run").click()
    expect(plain.locator("#query-error mark")).to_have_text('"')
    expect(plain.get_by_label("Search", exact=True)).to_have_value('placed "open')
    plain.get_by_label("Search", exact=True).fill("")
    plain.get_by_role("button", name="Run").click()
    plain.get_by_title("Time range (t)").click()
    plain.get_by_label("Time range", exact=True).fill("whenever")
    plain.get_by_role("button", name="Set").click()
    expect(plain.get_by_label("Time range", exact=True)).to_have_value("whenever")
    expect(plain.locator("#query-error")).to_contain_text("is not a time range")
