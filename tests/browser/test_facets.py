"""The facets: choosing values, hiding and folding, more values, facets of one's own, on a phone and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.conftest import Complaints, NewContext, NewProject, Project
from tests.support.explorer import await_chart, follow, hold, let_go, rows, state, total, visit
from tests.support.lines import Line

PODS = 30


@pytest.fixture(scope="module")
def shop(new_project: NewProject) -> Project:
    """Thirty rows: a pod each, ten of them errors of payments."""
    project = new_project()
    project.send_lines(
        *(
            Line(
                body=f"order {index:02d}",
                level="info" if index % 3 else "error",
                service="web" if index % 3 else "payments",
                attributes={"http.route": f"/r{index % 2}"},
                resource={"k8s.pod.name": f"pod-{index:02d}"},
            )
            for index in range(PODS)
        )
    )
    return project


def facet(page: Page, title: str) -> Locator:
    return page.locator("#facets details").filter(has=page.locator("summary", has_text=title))


def value(page: Page, title: str, name: str) -> Locator:
    return facet(page, title).locator(".value").filter(has=page.locator(".value__name").get_by_text(name, exact=True))


def box(page: Page) -> Locator:
    return page.get_by_label("Search", exact=True)


def test_values_are_chosen_left_out_and_let_go_of_and_back_undoes_it(page: Page, shop: Project) -> None:
    visit(page, shop)
    value(page, "Service", "payments").get_by_role("link", name="Include").click()
    total(page, 10)
    expect(box(page)).to_have_value("service:payments")
    expect(value(page, "Service", "web").locator(".value__count")).to_have_text("20")
    expect(value(page, "Level", "info")).to_have_class("value t-info is-zero")
    value(page, "Service", "web").get_by_role("link", name="Include").click()
    expect(box(page)).to_have_value("service:payments,web")
    info = value(page, "Level", "info")
    info.hover()
    info.get_by_role("link", name="Leave out").click()
    total(page, 10)
    expect(box(page)).to_have_value("service:payments,web -level:info")
    value(page, "Level", "error").locator(".value__name").click()
    expect(box(page)).to_have_value("service:payments,web level:error")
    await_chart(page)
    legend = page.get_by_role("group", name="Levels").get_by_role("link", name="error")
    expect(legend).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Clear Service").click()
    expect(box(page)).to_have_value("level:error")
    page.go_back()
    expect(box(page)).to_have_value("service:payments,web level:error")
    expect(facet(page, "Service").locator(".is-in")).to_have_count(2)


def test_the_old_values_stand_dimmed_until_the_new_ones_are_there(page: Page, shop: Project) -> None:
    visit(page, shop)
    expect(value(page, "Service", "payments")).to_be_visible()
    held = hold(page, "**/logs/facets?*")
    value(page, "Service", "payments").locator(".value__box").press("Enter")
    expect(rows(page)).to_have_count(10)
    expect(page.locator("#facets .facets--stale .is-in")).to_have_count(0)
    expect(page.locator("#facets .facets--stale")).to_be_visible()
    let_go(page, held)
    expect(value(page, "Service", "payments").locator(".value__box")).to_be_focused()
    expect(value(page, "Service", "payments")).to_have_class("value is-in")


def test_hidden_facets_ask_for_nothing_and_what_is_folded_stays_so(page: Page, shop: Project) -> None:
    visit(page, shop)
    expect(value(page, "Service", "web")).to_be_visible()
    facet(page, "Level").locator("summary").click()
    expect(value(page, "Level", "error")).to_be_hidden()
    page.locator("#list").focus()
    page.keyboard.press("b")
    expect(page.locator("#facets")).to_be_hidden()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/logs/facets" in request.url else None)
    page.reload()
    await_chart(page)
    expect(page.locator("#facets")).to_be_hidden()
    assert asked == []
    page.get_by_role("link", name="Facets", exact=True).click()
    expect(value(page, "Service", "web")).to_be_visible()
    expect(value(page, "Level", "error")).to_be_hidden()
    assert len(asked) == 1


def test_more_values_a_search_inside_and_a_facet_of_ones_own(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["422"]
    visit(page, shop)
    pods = facet(page, "Pod").locator(".value")
    expect(pods).to_have_count(8)
    facet(page, "Pod").get_by_role("link", name="22 more").click()
    expect(pods).to_have_count(PODS)
    page.get_by_label("Find in Pod").press_sequentially("od-07")
    expect(pods).to_have_count(1)
    pods.locator(".value__name").click()
    expect(box(page)).to_have_value("resource.k8s.pod.name:pod-07")
    page.get_by_role("link", name="Clear Pod").click()
    total(page, PODS)
    key = page.get_by_label("Add a facet")
    key.fill("trace_id")
    key.press("Enter")
    expect(page.locator("#facet-wrong")).to_contain_text("cannot be a facet")
    key.fill("http")
    expect(page.locator("#facet-keys option[value='http.route']")).to_be_attached()
    key.fill("http.route")
    key.press("Enter")
    value(page, "http.route", "/r1").locator(".value__name").click()
    total(page, PODS // 2)
    page.get_by_role("button", name="Remove the facet http.route").click()
    expect(facet(page, "http.route")).to_have_count(0)


def test_facets_that_fail_leave_the_rows_and_come_back(page: Page, shop: Project, complaints: Complaints) -> None:
    complaints.expected += ["Failed to load resource", "htmx:"]
    page.route("**/logs/facets?**", lambda route: route.abort())
    visit(page, shop)
    total(page, PODS)
    expect(page.locator("#notice")).to_contain_text("did not answer")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(value(page, "Service", "web")).to_be_visible()
    expect(rows(page)).to_have_count(PODS)


def test_on_a_phone_they_are_a_sheet(new_context: NewContext, signed_in: StorageState, shop: Project) -> None:
    size = {"width": 390, "height": 844}
    page = new_context(storage_state=signed_in, viewport=size, has_touch=True, is_mobile=True).new_page()
    visit(page, shop)
    expect(page.locator("#facets")).to_be_hidden()
    page.get_by_role("link", name="Facets", exact=True).tap()
    value(page, "Service", "payments").get_by_role("link", name="Include").tap()
    expect(value(page, "Service", "payments").locator(".value__box")).to_have_attribute("aria-current", "true")
    controls = page.locator("#facets :is(summary, a.value__name, .value__out, .facet__more, input:not([type=hidden]))")
    sizes = controls.evaluate_all(
        "controls => controls.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    page.get_by_label("Close the facets").tap()
    expect(page.locator("#facets")).to_be_hidden()
    expect(rows(page)).to_have_count(10)


def test_without_scripts_they_are_links_and_forms(
    new_context: NewContext, signed_in: StorageState, shop: Project
) -> None:
    page = new_context(storage_state=signed_in, java_script_enabled=False).new_page()
    visit(page, shop)
    page.get_by_role("link", name="Show the facets").click()
    follow(value(page, "Service", "payments").get_by_role("link", name="Include"))
    assert state(page)["q"] == "service:payments"
    expect(rows(page)).to_have_count(10)
    page.get_by_role("link", name="Show the facets").click()
    follow(facet(page, "Pod").get_by_role("link", name="2 more"))
    expect(facet(page, "Pod").locator(".value")).to_have_count(10)
    page.get_by_label("Find in Pod").fill("pod-1")
    page.get_by_label("Find in Pod").press("Enter")
    expect(facet(page, "Pod").locator(".value")).to_have_count(3)
    page.get_by_label("Add a facet").fill("http.route")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(facet(page, "http.route").locator(".value")).to_have_count(2)
    page.get_by_role("button", name="Remove the facet http.route").click()
    expect(facet(page, "http.route")).to_have_count(0)
    expect(box(page)).to_have_value("service:payments")
