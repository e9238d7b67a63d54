"""People come in, invite others and change their password: without scripts, on a phone, and by axe's rules."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints, NewContext, Project
from tests.browser.test_accessibility import LOOKS, violations
from tests.browser.test_phone import fits, too_small

PASSWORD = "correct horse battery"


def test_a_colleague_is_invited_and_comes_back_with_a_password(
    page: Page, project: Project, new_context: NewContext, complaints: Complaints
) -> None:
    complaints.expected += ["401"]  # the wrong password below
    page.goto(project.url)
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Members").click()
    page.get_by_label("Email address").fill("grace@example.com")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").inner_text()

    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(link)
    expect(plain.get_by_role("heading", name=f"Join {project.name}")).to_be_visible()
    plain.get_by_label("Your name").fill("Grace")
    plain.get_by_role("textbox", name="Choose a password").fill(PASSWORD)
    plain.get_by_role("button", name="Join").click()
    expect(plain).to_have_url(re.compile(f"/p/{project.slug}/logs"))
    plain.get_by_label("Your account").click()
    plain.get_by_role("button", name="Sign out").click()

    plain.get_by_label("Email address").fill("grace@example.com")
    plain.get_by_role("textbox", name="Password").fill("wrong password")
    plain.get_by_role("button", name="Sign in").click()
    expect(plain.get_by_role("alert")).to_have_text("The email address or the password is wrong.")
    plain.get_by_role("textbox", name="Password").fill(PASSWORD)
    plain.get_by_role("button", name="Sign in").click()
    expect(plain).to_have_url(re.compile(f"/p/{project.slug}/logs"))
    plain.goto(f"{project.site.url}/p/{project.slug}/settings/members")
    expect(plain.get_by_role("list", name="Members")).to_contain_text("grace@example.com")
    expect(plain.get_by_role("button", name="Make a link")).to_have_count(0)


def test_a_password_can_be_looked_at_while_it_is_typed(page: Page, project: Project) -> None:
    page.context.clear_cookies()
    page.goto(f"{project.site.url}/login")
    field = page.locator("#password")
    field.fill(PASSWORD)
    expect(field).to_have_attribute("type", "password")
    show = page.get_by_role("button", name="Show: password")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    expect(field).to_be_focused()
    show.click()
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_value(PASSWORD)


def test_the_pages_of_accounts_are_for_everyone_and_for_every_screen(page: Page, project: Project) -> None:
    here = f"{project.site.url}/p/{project.slug}/settings/members"
    page.goto(here)
    page.get_by_label("Email address").fill("someone.with.a.long.name@department.example.com")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").inner_text()
    for address in ("", f"{project.site.url}/settings/password", link, "signed out"):
        if address == "signed out":
            page.context.clear_cookies()
        if address:
            page.goto(link if address == "signed out" else address)
        for width, scheme, rules in LOOKS:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == []
        assert fits(page)
        assert too_small(page.locator("main :is(button, select, input:not([type=hidden]))")) == []
