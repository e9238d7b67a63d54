"""The way of docs/tour.md: who never saw the demo's incident finds what failed first, and why, in under ten clicks."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Project
from tests.support.explorer import await_chart, rows, state

MOST_CLICKS = 9
PAST = "2h"
LEAST_OF_HILL = 20  # errors of a service within five minutes


class Person:
    """Somebody with a mouse, whose clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, where: Locator) -> None:
        self.clicks += 1
        where.click()

    def click_bar(self, place: int) -> None:
        """Click a bar of the histogram, which zooms to it."""
        self.clicks += 1
        box = self.page.locator("svg.plot").bounding_box()
        assert box is not None
        bar = box["width"] / self.page.locator("svg.bars a").count()
        self.page.mouse.click(box["x"] + (place + 0.5) * bar, box["y"] + 40)


def bars(page: Page, name: str) -> list[int]:
    """How many rows of a level or a service each bar has."""
    await_chart(page)
    titles = page.locator("svg.bars a title").all_text_contents()
    found = [re.search(rf"\b{re.escape(name)} ([\d,]+)", title) for title in titles]
    return [int(one[1].replace(",", "")) if one else 0 for one in found]


def begins(counts: list[int]) -> int:
    """The bar with which a hill begins; single errors are there on any day, and behind the last bar is not here yet."""
    if sum(counts) < LEAST_OF_HILL:
        return len(counts)
    return next(place for place, count in enumerate(counts) if count > max(counts) / 10)


def test_what_failed_first_and_why_is_found_in_under_ten_clicks(page: Page, project: Project) -> None:
    project.site.command("demo", "--project", project.slug, "--backfill", PAST, "--backfill-only")
    person = Person(page)
    page.goto(project.url)
    person.click(page.locator("#time > summary"))
    person.click(page.get_by_role("link", name="4h", exact=True))
    expect(page.locator("#time-label")).to_have_text("Last 4 hours")
    await_chart(page)
    person.click(page.locator(".legend a", has_text="error"))
    expect(page.locator("#query")).to_have_value("level:error")
    person.click(page.get_by_title("Break the histogram down by"))
    person.click(page.locator(".chart__by").get_by_role("link", name="Service"))
    expect(page.locator(".legend")).to_contain_text("payments")
    person.click_bar(next(place for place, count in enumerate(bars(page, "payments")) if count))
    expect(page.locator("#time-label")).not_to_have_text("Last 4 hours")
    starts = {service: begins(bars(page, service)) for service in ("checkout", "storefront", "api-gateway")}
    first = next(place for place, count in enumerate(bars(page, "payments")) if count)
    assert first < min(starts.values()), starts
    person.click(page.locator(".legend a", has_text="payments"))
    expect(page.locator("#query")).to_have_value("level:error service:payments")
    warnings = page.locator("#facets .value", has_text="warn").locator(".value__name")
    person.click(warnings)
    expect(page.locator("#query")).to_have_value(re.compile("level:warn"))
    person.click(rows(page).filter(has_text="Connection leak detection triggered").last.locator(".m"))
    expect(page.locator("#detail")).to_contain_text("RefundReconciler.reconcilePending")
    assert person.clicks <= MOST_CLICKS
    assert state(page)["by"] == "service"
