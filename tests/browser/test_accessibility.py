"""Everyone can use it: axe's rules of WCAG 2.2 AA, focus that is seen and never lost, motion and colours as chosen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Literal, TypeAlias

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import await_chart, rows
from tests.support.lines import NUMBERS, SECOND_NS, Line

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
Look: TypeAlias = tuple[int, Literal["light", "dark"], list[str]]
# Every rule for every width, and the contrast, which takes the longest to tell, in either scheme.
LOOKS: list[Look] = [(1440, "light", WCAG), (1440, "dark", ["color-contrast"]), (390, "dark", WCAG)]


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """A project with all that a row can look like."""
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    colours = " ".join(f"\x1b[{code}mword {code}\x1b[0m" for code in (1, 2, 3, 4, *range(30, 38), *range(90, 98)))
    lines = [Line(body=f"order {level} timeout", level=level, service=level) for level in NUMBERS]
    lines += [Line(body=f"{colours} timeout", level=level) for level in ("debug", "error")]
    lines += [
        Line(body="\x1b[31mtimeout\x1b[0m \x1b[2mtimeout\x1b[0m \u202etimeout"),
        Line(body='{"a":1,"timeout":[true,"x"]}', attributes={"http.status_code": "500", "empty": ""}),
    ]
    stamped = [
        Line(
            body=line.body,
            level=line.level,
            service=line.service,
            attributes=line.attributes,
            at_ns=now_ns - at * 10**9,
        )
        for at, line in enumerate(lines)
    ]
    project.send_lines(*stamped)
    return project


@pytest.fixture(scope="module")
def empty(new_project: NewProject) -> Project:
    return new_project()


def violations(page: Page, rules: list[str], *without: str, contrast: bool = True) -> list[str]:
    """Each place that breaks a rule, in a line; parts that were looked at before may be left out."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    context = {"exclude": [[part] for part in without]} if without else {"include": [["html"]]}
    found = page.evaluate("arguments => axe.run(...arguments)", [context, options])
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['any'][:1]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def with_rows(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.url)
    await_chart(page)
    expect(page.locator("#facets .value").first).to_be_visible()


def with_hits_and_detail(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(q="timeout"))
    await_chart(page)
    rows(page).last.locator(".t").click()
    expect(page.locator("#detail-message")).to_be_visible()


def with_live_held(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.url)
    await_chart(page)
    page.keyboard.press("l")
    expect(page.locator("[data-live-state]")).to_contain_text("rows/s")
    page.keyboard.press("l")
    expect(page.locator("[data-live-resume]")).to_be_visible()


def with_json(page: Page, shop: Project, empty: Project) -> None:
    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator("#detail-json")).to_be_visible()


def with_time_menu(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(q="level:error"))
    await_chart(page)
    page.keyboard.press("t")


def with_suggestions(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(q="level:error -service:web timeout"))
    await_chart(page)
    page.get_by_label("Search", exact=True).fill("service:")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def with_account_menu(page: Page, shop: Project, empty: Project) -> None:
    page.get_by_label("Your account").click()


def with_share_menu(page: Page, shop: Project, empty: Project) -> None:
    page.keyboard.press("Escape")
    page.locator("summary").filter(has_text="Share").click()


def with_keyboard_map(page: Page, shop: Project, empty: Project) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def without_logs(page: Page, shop: Project, empty: Project) -> None:
    page.goto(empty.url)
    expect(page.get_by_role("heading", name="Send the first log")).to_be_visible()


def without_match(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(q="level:error nosuchword"))
    expect(page.locator("#hints a").first).to_be_visible()


def with_a_syntax_error(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(q='timeout "open'))
    expect(page.locator("#query-error mark")).to_be_visible()


def with_a_time_error(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(t="when pigs fly"))
    expect(page.locator("#query-error mark")).to_be_visible()


def with_a_row_that_is_gone(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(row="1.00000000000000000000000000000000"))
    expect(page.locator("#detail")).to_contain_text("not here any more")


def with_patterns(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(tab="patterns"))
    page.locator(".pattern summary").first.click()
    expect(page.get_by_role("link", name="Show matching").first).to_be_visible()


def with_groups(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(tab="groups", group="level,service"))
    expect(page.locator("tr[data-group]").first).to_be_visible()


def with_a_comparison(page: Page, shop: Project, empty: Project) -> None:
    page.goto(shop.at(by="service", vs="before", tab="patterns"))
    await_chart(page)
    expect(page.locator("#facets .delta").first).to_be_visible()
    expect(page.locator(".pattern__delta").first).to_be_visible()
    page.locator(".chart__controls summary").click()


def not_found(page: Page, shop: Project, empty: Project) -> None:
    page.goto(f"{shop.site.url}/p/nobodys/logs")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()


def signed_out(page: Page, shop: Project, empty: Project) -> None:
    page.context.clear_cookies()
    page.goto(f"{shop.site.url}/login")
    expect(page.get_by_role("heading", name="Sign in with a link")).to_be_visible()


State: TypeAlias = "Callable[[Page, Project, Project], None]"
# The states of a line follow from each other on one page.
STATES: list[list[State]] = [
    [with_rows, with_account_menu, with_share_menu, with_keyboard_map],
    [with_hits_and_detail, with_json],
    [with_live_held],
    [with_suggestions],
    [with_time_menu],
    [without_logs],
    [without_match],
    [with_a_syntax_error],
    [with_a_time_error],
    [with_a_row_that_is_gone],
    [with_patterns, with_groups],
    [with_a_comparison],
    [not_found],
    [signed_out],
]


def look(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)


@pytest.mark.parametrize("states", STATES, ids=lambda states: states[0].__name__)
def test_axe_has_nothing_to_say(
    page: Page, shop: Project, empty: Project, complaints: Complaints, subtests: pytest.Subtests, states: list[State]
) -> None:
    complaints.expected += ["422", "404"]
    for show in states:
        look(page, 1440, "light")
        show(page, shop, empty)
        seen = [] if show is with_rows else ["#chart"] if show is states[0] else ["#chart", "#list", ".tabs--list"]
        for width, scheme, rules in LOOKS:
            look(page, width, scheme)
            with subtests.test(state=show.__name__, width=width, scheme=scheme):
                assert violations(page, rules, *seen) == []


# Marks each part in which every element is of the same kind, in elements of the same kinds, as one that came before.
# Where nothing has a style of its own, which the policy for content forbids, they look the same.
MARK_ALIKE = """() => {
  const kind = ({ tagName, attributes }) =>
    [tagName, ...["class", "role", "tabindex"].map((name) => attributes[name]?.value)].join();
  const path = (element) => (element ? `${path(element.parentElement)} ${kind(element)}` : "");
  const seen = new Set();
  for (const part of document.querySelectorAll("section, li, .fields__row")) {
    const looks = [part, ...part.querySelectorAll("*")].map(path);
    part.toggleAttribute("data-alike", looks.every((one) => seen.has(one)));
    looks.forEach((one) => seen.add(one));
  }
}"""


def test_axe_has_nothing_to_say_of_the_page_on_the_api(page: Page, shop: Project) -> None:
    """Everything is held to the rules once. To tell contrasts takes long, and many parts of the page are alike."""
    page.goto(f"{shop.site.url}/api/docs/")
    page.locator("details").first.locator("summary").click()
    look(page, 1440, "light")
    assert violations(page, WCAG, contrast=False) == []
    page.evaluate(MARK_ALIKE)
    assert page.locator("section:not([data-alike])").count() >= 3
    for width, scheme, rules in LOOKS:
        look(page, width, scheme)
        assert violations(page, rules, "[data-alike]") == []


FOCUS = """() => {
  const { activeElement } = document;
  const { width, height, left, right, top, bottom } = activeElement.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
  return {
    name: [activeElement.id, activeElement.className, activeElement.ariaLabel, activeElement.textContent].join(" "),
    ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    seen: width * height > 0 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
  };
}"""


def inside(page: Page, place: str) -> bool:
    found: bool = page.evaluate("place => Boolean(document.activeElement.closest(place))", place)
    return found


def test_the_focus_is_seen_wherever_tab_leads(page: Page, shop: Project) -> None:
    with_hits_and_detail(page, shop, shop)
    page.locator(".brand").focus()
    places = []
    for _stop in range(80):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if page.evaluate("() => document.activeElement === document.body"):
            break
        assert focus["ring"], focus
        assert focus["seen"], focus
        places.append(focus["name"])
    stops = " ".join(places)
    for stop in ("query", "Last 1 hour", "Run", "Share", "chart__plot", "row t-", "Next row", "Copy level"):
        assert stop in stops


@pytest.mark.parametrize("address", ["", "/login", "/nowhere", "explorer", "empty"])
def test_the_first_tab_leads_past_the_bar(
    page: Page, shop: Project, empty: Project, complaints: Complaints, address: str
) -> None:
    complaints.expected += ["404"]
    if address == "/login":
        page.context.clear_cookies()
    page.goto({"explorer": shop.url, "empty": empty.url}.get(address, f"{shop.site.url}{address}"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert inside(page, "main")
    assert page.locator("main").count() == 1


def test_the_focus_survives_what_replaces_its_place(page: Page, shop: Project) -> None:
    page.goto(shop.url)
    await_chart(page)
    page.get_by_role("group", name="Levels").get_by_role("link", name="error").press("Enter")
    expect(page).to_have_url(re.compile("level:error"))
    expect(page.locator("#list")).to_be_focused()
    page.get_by_role("button", name="Run").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail-message")).to_be_visible()
    page.get_by_role("link", name="JSON", exact=True).press("Enter")
    expect(page.locator("#detail-json")).to_be_visible()
    expect(page.get_by_role("link", name="JSON", exact=True)).to_be_focused()
    page.get_by_role("link", name="Fields", exact=True).press("Enter")
    expect(page.locator(".fields")).to_be_visible()
    expect(page.get_by_role("link", name="Fields", exact=True)).to_be_focused()
    before = page.locator("[data-detail]").get_attribute("data-detail")
    page.get_by_role("button", name="Next row").press("Enter")
    expect(page.locator("[data-detail]")).not_to_have_attribute("data-detail", before or "")
    expect(page.get_by_role("button", name="Next row")).to_be_focused()
    page.get_by_role("link", name="Close", exact=True).press("Enter")
    expect(page.locator("#list .row.is-active")).to_be_focused()


def test_the_map_of_the_keys_holds_the_focus_and_gives_it_back(page: Page, shop: Project) -> None:
    page.goto(shop.url)
    await_chart(page)
    opener = page.get_by_role("button", name="Keyboard shortcuts")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_closes_on_escape_and_gives_the_focus_back(page: Page, shop: Project) -> None:
    page.goto(shop.url)
    await_chart(page)
    page.get_by_label("Your account").press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_label("Your account")).to_be_focused()


def test_how_many_rows_there_are_is_told_to_who_cannot_see_it(page: Page, shop: Project) -> None:
    page.goto(shop.url)
    expect(page.locator("#said[aria-live=polite]")).to_have_text("10 rows")
    page.get_by_role("group", name="Levels").get_by_role("link", name="error").click()
    expect(page.locator("#said")).to_have_text("2 rows")


def test_nothing_moves_for_who_asked_for_less_motion(
    new_context: NewContext, signed_in: StorageState, empty: Project
) -> None:
    page = new_context(storage_state=signed_in, reduced_motion="reduce").new_page()
    page.goto(empty.url)
    for element, part in ((".pulse", None), (".progress", "::before")):
        moving = page.locator(element).evaluate(
            """(element, part) => {
              const { animationDuration, animationIterationCount } = getComputedStyle(element, part);
              return parseFloat(animationDuration) * parseFloat(animationIterationCount);
            }""",
            part,
        )
        assert moving < 0.001


def test_levels_bars_and_choices_are_seen_in_forced_colours(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    page = new_context(storage_state=signed_in, forced_colors="active").new_page()
    page.goto(shop.url)
    await_chart(page)
    colours = rows(page).evaluate_all(
        "rows => rows.slice(0, 6).map(row => getComputedStyle(row, '::before').backgroundColor)"
    )
    assert len(set(colours)) == 6
    fills = page.locator("svg.bars path").evaluate_all("paths => paths.map(path => getComputedStyle(path).fill)")
    assert len(set(fills)) == 6
    legend = page.locator(".legend i").evaluate_all(
        "marks => marks.map(mark => getComputedStyle(mark).backgroundColor)"
    )
    assert sorted(legend) == sorted(fills)
    page.keyboard.press("j")
    assert rows(page).first.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    assert violations(page, WCAG) == []
