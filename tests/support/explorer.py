"""What a person does in the explorer's page, and what they read there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Project

MOST_BLOCKS = 20


def rows(page: Page) -> Locator:
    """The rows of the list, without the dates between them."""
    return page.locator("#list .row")


def messages(page: Page) -> list[str]:
    """The messages from top to bottom."""
    return page.locator("#list .row .m").all_text_contents()


def row_of(page: Page, message: str) -> Locator:
    """The row with exactly this message."""
    return rows(page).filter(has=page.locator(".m").get_by_text(message, exact=True))


def state(page: Page) -> dict[str, str]:
    """The state that the address holds."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def follow(link: Locator) -> None:
    """Click what leads to another page and wait for all of that page: a part of it says nothing of the rest."""
    with link.page.expect_navigation():
        link.click()


def visit(page: Page, project: Project, **address: str) -> None:
    """Open a project that has rows in this state."""
    page.goto(project.at(**address))
    expect(rows(page).first).to_be_visible()


def run(page: Page, query: str) -> None:
    """Type a search over the one that is there, and run it."""
    page.get_by_label("Search", exact=True).fill(query)
    page.get_by_label("Search", exact=True).press("Enter")


def total(page: Page, count: int) -> None:
    """Wait until the status line counts that many rows."""
    expect(page.locator("#count")).to_have_text(f"{count} rows" if count != 1 else "1 row")


def await_chart(page: Page) -> None:
    """Wait until the chart and the count are there."""
    expect(page.locator("#chart svg.plot")).to_be_attached()
    expect(page.locator("#chart:not([aria-busy])")).to_be_attached()


def open_row(page: Page, message: str) -> None:
    """Click the row and wait for its detail."""
    row_of(page, message).locator(".m").click()
    expect(page.locator("#detail-message")).to_have_text(message)


def scroll_to_the_end(page: Page) -> None:
    """Scroll the list down until there is nothing more to load."""
    end = page.locator("#list .end")
    for _block in range(MOST_BLOCKS):
        before = rows(page).count()
        page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight }")
        expect(rows(page).nth(before).or_(end).first).to_be_attached()
        if end.count():
            return
    raise AssertionError(f"No end after {MOST_BLOCKS} blocks")


def copied(page: Page) -> str:
    """What is on the clipboard; the context needs the permission to read it."""
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def hold(page: Page, addresses: str | re.Pattern[str], most: int = 1000) -> list[Route]:
    """Hold back the answers to these addresses, or to the first few: each is a route to continue or to abort."""
    held: list[Route] = []

    def on_route(route: Route) -> None:
        if len(held) < most:
            held.append(route)
        else:
            route.continue_()

    page.route(addresses, on_route)
    return held


def let_go(page: Page, held: list[Route]) -> None:
    """Let the first of the answers that are held back come, as soon as it has been asked for."""
    for _look in range(750):
        if held:
            held[0].continue_()
            return
        page.wait_for_timeout(20)
    raise AssertionError("Nothing was asked for.")
