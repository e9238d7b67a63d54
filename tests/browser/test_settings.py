"""Settings and services in a browser: snippets that work as they stand, without scripts, on a phone, by axe's rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import NewContext, Project
from tests.browser.test_accessibility import LOOKS, violations
from tests.browser.test_phone import fits, too_small
from tests.support import javascript
from tests.support.explorer import follow, messages, state

COMMANDS = {
    "curl": ["sh", "-euc"],
    "Python": [sys.executable, "-c"],
    "Node": ["node", "--input-type=module", "--eval"],
}


def test_snippets_work_as_they_stand_on_the_page(page: Page, project: Project) -> None:
    javascript.install()
    page.goto(project.url)
    for way, command in COMMANDS.items():
        page.get_by_role("link", name=way, exact=True).click()
        expect(page.get_by_role("link", name=way, exact=True)).to_have_attribute("aria-current", "true")
        snippet = page.locator("#snippet").inner_text()
        folder: Path = javascript.FOLDER
        done = subprocess.run([*command, snippet], cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        if way == "curl":
            expect(page.locator("#list .row")).to_have_count(1)  # the page opens the first log by itself
            page.goto(f"{project.site.url}/p/{project.slug}/settings/tokens")
    page.goto(project.url)
    expect(page.locator("#list .row")).to_have_count(3)
    assert sorted(messages(page)) == ["Hello from Node", "Hello from Python", "Hello from curl"]


def test_without_scripts_a_key_is_made_and_revoked_and_a_service_leads_to_its_logs(
    new_context: NewContext, signed_in: StorageState, orders: Project
) -> None:
    plain = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    plain.goto(orders.url)
    plain.get_by_role("link", name="Settings").click()
    plain.get_by_role("link", name="Node", exact=True).click()
    expect(plain.locator("#snippet")).to_contain_text("@opentelemetry/sdk-logs")
    plain.get_by_role("link", name="API keys").click()
    plain.get_by_label("What it is for").fill("plain robot")
    plain.get_by_label("Only these").check()
    plain.get_by_role("checkbox", name=orders.name, exact=True).check()
    plain.get_by_role("button", name="Make the key").click()
    expect(plain.locator("#value")).to_have_text(re.compile(r"^phx_[\w-]{40,}$"))
    listed = (
        plain.get_by_role("list", name="API keys", exact=True).get_by_role("listitem").filter(has_text="plain robot")
    )
    expect(listed).to_contain_text(orders.name)
    plain.get_by_label("Revoke the key plain robot").click()
    plain.get_by_role("button", name="Revoke the key").click()
    expect(listed).to_have_count(0)

    plain.get_by_role("link", name="Services").click()
    plain.get_by_role("link", name="Errors", exact=True).click()
    expect(plain.get_by_role("columnheader", name="Errors")).to_have_attribute("aria-sort", "descending")
    follow(plain.get_by_role("link", name="4 errors of payments"))
    assert state(plain) == {"q": "service:payments level:error,fatal"}
    expect(plain.locator("#list .row")).to_have_count(4)


def test_the_services_are_reached_by_keyboard_and_keep_their_time(page: Page, orders: Project) -> None:
    page.goto(f"{orders.site.url}/p/{orders.slug}/services")
    page.keyboard.press("/")
    page.keyboard.type("web")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_text(["web"])
    page.keyboard.press("t")
    follow(page.get_by_role("link", name="4h", exact=True))
    expect(page.get_by_role("rowheader")).to_have_text(["web"])
    follow(page.get_by_role("rowheader").get_by_role("link"))
    assert state(page) == {"q": "service:web", "t": "now-4h..now"}


def test_the_pages_are_for_everyone_and_for_every_screen(page: Page, orders: Project) -> None:
    of_project = f"/p/{orders.slug}/settings"
    looks = {
        f"/p/{orders.slug}/services": LOOKS,
        f"{of_project}/tokens": LOOKS,
        "/settings/keys": LOOKS[2:],
        f"{of_project}/audit": LOOKS[2:],
        f"{of_project}/project": LOOKS[2:],
    }
    for path, shown in looks.items():
        page.goto(orders.site.url + path)
        for question in page.locator("main .confirm > summary").all()[:1]:
            question.click()
        for width, scheme, rules in shown:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            assert violations(page, rules) == []
        assert fits(page), path
        controls = page.locator(":is(header, main) :is(button, summary, select, input[type=text])")
        assert too_small(controls) == []
