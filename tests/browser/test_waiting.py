"""What happens on the way to an answer, and when none comes."""

from __future__ import annotations

import re

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, Project
from tests.support.explorer import await_chart, hold, let_go, rows, run, state, visit


def test_what_is_typed_while_the_answer_is_on_its_way_stays(page: Page, orders: Project) -> None:
    visit(page, orders)
    held = hold(page, "**/logs?*")
    run(page, "placed")
    page.keyboard.type(" 07")
    page.keyboard.press("ArrowLeft")
    let_go(page, held)
    expect(rows(page)).to_have_count(16)
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed 07")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type("1")
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed 017")


def test_the_last_of_two_searches_is_the_one_that_is_shown(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, orders)
    hold(page, "**/logs?*", most=1)
    run(page, "placed")
    run(page, "declined")
    expect(rows(page)).to_have_count(4)
    assert state(page)["q"] == "declined"
    page.wait_for_timeout(1300)  # what speaks of waiting does so after a second
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)


def test_a_search_that_takes_long_can_be_cancelled(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["htmx:"]  # it says that it gave the request up
    visit(page, orders)
    before = page.url
    held = hold(page, "**/logs?*")
    run(page, "placed")
    expect(page.locator("#explorer.is-loading")).to_be_attached()
    expect(page.locator("#waiting")).to_have_text(re.compile(r"Searching for \d+ s"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)
    let_go(page, held)
    page.wait_for_timeout(300)  # what must not come has this long to come
    expect(rows(page)).to_have_count(20)
    assert page.url == before
    page.unroute_all()
    run(page, "declined")
    expect(rows(page)).to_have_count(4)


def test_no_answer_is_said_and_can_be_asked_for_again(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource", "htmx:"]
    visit(page, orders)
    page.route("**/logs?*", lambda route: route.abort())
    run(page, "placed")
    expect(page.get_by_role("alert").filter(has_text="Hedgerow did not answer")).to_be_visible()
    expect(page.locator("#explorer.is-loading")).to_have_count(0)
    expect(rows(page)).to_have_count(20)
    expect(page.get_by_label("Search", exact=True)).to_have_value("placed")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(16)
    expect(page.locator("#notice")).to_be_empty()


def test_a_session_that_has_ended_leads_to_the_sign_in(page: Page, orders: Project, complaints: Complaints) -> None:
    complaints.expected += ["401"]
    visit(page, orders)
    await_chart(page)
    page.context.clear_cookies()
    run(page, "placed")
    expect(page.get_by_role("heading", name="Sign in with a link")).to_be_visible()


def test_a_project_that_was_taken_away_is_said_beside_what_is_shown(
    page: Page, project: Project, complaints: Complaints, beside: Flask
) -> None:
    from webapp.extensions import db
    from webapp.models import Membership
    from webapp.models import Project as Model

    complaints.expected += ["404", "htmx:"]
    project.send("api", ["one", "two"])
    visit(page, project)
    with beside.app_context():
        db.session.query(Membership).filter(Membership.project.has(Model.slug == project.slug)).delete()
        db.session.commit()
    run(page, "one")
    expect(page.locator("#notice")).to_contain_text("you are not a member of it")
    expect(rows(page)).to_have_count(2)
    expect(page.locator("#explorer.is-loading")).to_have_count(0)
