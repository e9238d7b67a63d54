"""Saved views and files in a browser: saved, changed, found, on a phone, and without scripts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, StorageState, expect
from sqlalchemy import select

from tests.browser.conftest import Complaints, NewContext, NewProject
from tests.browser.conftest import Project as Shop
from tests.browser.test_accessibility import WCAG, violations
from tests.browser.test_phone import fits, phone, too_small
from tests.support.explorer import follow, messages, rows, run, state, total, visit
from tests.support.lines import Line
from webapp.extensions import db
from webapp.models import Project
from webapp.services import views
from webapp.services.actors import operator

__all__ = ["phone"]  # a fixture


@pytest.fixture
def shop(new_project: NewProject) -> Shop:
    """Twelve rows, four of them errors."""
    project = new_project()
    project.send_lines(*(Line(body=f"order {at}", level="info" if at % 3 else "error") for at in range(12)))
    return project


def menu(page: Page, name: str) -> Locator:
    return page.locator("#actions > details").filter(has=page.locator("summary", has_text=name))


def open_menu(page: Page, name: str) -> Locator:
    found = menu(page, name)
    found.locator("summary").first.click()
    expect(found.locator(".menu__panel")).to_be_visible()
    return found


def test_a_view_is_saved_changed_left_opened_and_deleted_and_back_undoes_it(
    page: Page, shop: Shop, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    visit(page, shop, q="level:error", t="now-15m..now")
    open_menu(page, "Save view")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    expect(page.locator("#save-wrong")).to_have_text("This field may not be blank.")
    page.get_by_label("Name", exact=True).fill("Errors <b>")
    page.get_by_label("Pin it").check()
    page.keyboard.press("Enter")
    expect(menu(page, "Errors <b>")).to_be_visible()
    short_id = state(page)["view"]
    assert state(page) == {"q": "level:error", "t": "now-15m..now", "view": short_id}
    expect(menu(page, "Edit view")).to_be_visible()

    run(page, "")
    total(page, 12)
    assert state(page)["view"] == short_id
    open_menu(page, "Save changes")
    page.get_by_role("button", name="Save changes").click()
    expect(menu(page, "Edit view")).to_be_visible()
    page.go_back()
    total(page, 4)
    expect(menu(page, "Save changes")).to_be_visible()

    open_menu(page, "Errors").get_by_role("link", name="Leave this view").click()
    expect(menu(page, "Save view")).to_be_visible()
    assert "view" not in state(page)
    view = open_menu(page, "Views").get_by_role("link", name="Errors <b>")
    expect(view.locator("[title=Pinned]")).to_be_visible()
    view.click()
    total(page, 12)
    assert state(page) == {"t": "now-15m..now", "view": short_id}

    run(page, "level:info")
    total(page, 8)
    open_menu(page, "Save changes")
    page.get_by_label("Name", exact=True).fill("Infos")
    page.get_by_role("button", name="Save as new").click()
    expect(menu(page, "Infos")).to_be_visible()
    assert state(page)["view"] != short_id
    open_menu(page, "Edit view").locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete the view").click()
    expect(menu(page, "Save view")).to_be_visible()
    total(page, 8)
    assert state(page) == {"q": "level:info", "t": "now-15m..now"}
    expect(open_menu(page, "Views").locator("#views-found a")).to_have_text(["Errors <b> pinned"])


def test_many_views_are_found_by_their_names_and_files_say_how_large_they_are(
    page: Page, shop: Shop, beside: Flask
) -> None:
    with beside.app_context():
        project_id = db.session.scalars(select(Project.id).where(Project.slug == shop.slug)).one()
        for name in ("Eins", "Zwei", "Drei", "Vier", "Fünf", "Sechs", "Sieben", "Acht", "Neun"):
            views.create_view(project_id, {"name": name}, operator())
    visit(page, shop)
    found = open_menu(page, "Views").locator("#views-found a")
    expect(found).to_have_count(9)
    expect(page.get_by_label("Find a view")).to_be_focused()
    page.keyboard.type("FÜ")
    expect(found).to_have_text(["Fünf"])
    page.keyboard.press("Escape")
    files = open_menu(page, "Export")
    expect(files.get_by_text("12 rows.")).to_be_visible()
    expect(files.get_by_role("link", name="JSON Lines")).to_contain_text("about")
    assert violations(page, WCAG, "#list", "#chart", "#facets") == []
    with page.expect_download() as download:
        files.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename.startswith(f"logs-{shop.slug}-")
    assert [line.split(",")[3] for line in text.splitlines()[1:]] == messages(page)


def test_on_a_phone_the_actions_are_one_sheet(phone: Page, shop: Shop) -> None:
    phone.goto(shop.url)
    expect(menu(phone, "Export")).to_be_hidden()
    phone.get_by_role("button", name="More").tap()
    for name in ("Views", "Save view", "Export", "Share"):
        menu(phone, name).locator("summary").first.tap()
        expect(menu(phone, name).locator(".menu__panel")).to_be_in_viewport()
        assert fits(phone)
        assert too_small(phone.locator("#actions :is(summary, a, button, .save__pin, .field)")) == []
        if name in ("Save view", "Export"):
            assert violations(phone, WCAG, "#list", "#chart") == []
    menu(phone, "Save view").locator("summary").first.tap()
    phone.get_by_label("Name", exact=True).fill("On the way")
    phone.get_by_role("button", name="Save", exact=True).tap()
    expect(phone).to_have_url(re.compile("view="))
    phone.get_by_role("button", name="More").tap()
    expect(menu(phone, "On the way")).to_be_visible()
    phone.keyboard.press("Escape")
    expect(menu(phone, "On the way")).to_be_hidden()


def test_without_scripts_views_and_files_are_forms_and_links(
    new_context: NewContext, signed_in: StorageState, shop: Shop, complaints: Complaints
) -> None:
    complaints.expected += ["422"]
    plain = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    plain.goto(shop.at(q="level:error"))
    expect(open_menu(plain, "Views").get_by_text("Loading")).to_be_hidden()
    open_menu(plain, "Save view")
    plain.get_by_label("Name", exact=True).fill(" ")
    follow(plain.get_by_role("button", name="Save", exact=True))
    expect(plain.locator("#save-wrong")).to_have_text("This field may not be blank.")
    expect(rows(plain)).to_have_count(4)
    plain.get_by_label("Name", exact=True).fill("Errors")
    follow(plain.get_by_role("button", name="Save", exact=True))
    short_id = state(plain)["view"]
    follow(open_menu(plain, "Errors").get_by_role("link", name="All views"))
    follow(plain.get_by_role("button", name="Pin Errors"))
    plain.get_by_label("Rename Errors").click()
    plain.get_by_label("New name of Errors").fill("All errors")
    follow(plain.get_by_role("button", name="Rename", exact=True))
    follow(plain.get_by_role("link", name="All errors"))
    assert state(plain) == {"q": "level:error", "t": "now-1h..now", "view": short_id}
    expect(rows(plain)).to_have_count(4)
    with plain.expect_download() as download:
        open_menu(plain, "Export").get_by_role("link", name="JSON Lines").click()
    assert download.value.path().read_text().count("\n") == 4
    plain.goto(f"{shop.site.url}/p/{shop.slug}/settings/views")
    plain.get_by_label("Delete All errors").click()
    follow(plain.get_by_role("button", name="Delete the view"))
    expect(plain.get_by_text("No views yet.")).to_be_visible()
