"""The first ten minutes of a newcomer, in one journey."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewContext, Project
from tests.support import javascript
from tests.support.site import Site


def test_newcomer_signs_in_searches_zooms_opens_a_row_goes_back_and_shares(site: Site, new_context: NewContext) -> None:
    # somebody who has seen nothing yet, in the two projects of the first start
    person = ("--email", "newcomer@example.com")
    site.command("user", "create", *person, "--name", "Newcomer", "--project", "1", "--project", "2")
    page = new_context().new_page()
    page.goto(site.command("sign-in-link", *person).strip())

    # Hedgerow's own logs are there from the first minute
    expect(page).to_have_url(re.compile(r"/p/hedgerow/logs"))
    expect(page.locator("#list .row").first).to_be_visible()
    expect(page.locator("#list .row .c").first).to_contain_text("hedgerow-")

    # search a word
    page.keyboard.press("/")
    page.keyboard.type("started")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=started"))
    expect(page.locator("#list .row mark").first).to_have_text(re.compile("started", re.IGNORECASE))
    expect(page.locator("#chart:not([aria-busy]) path").first).to_be_attached()

    # zoom on the histogram by dragging over its right half
    before = page.url
    plot = page.locator("svg.plot")
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 30, steps=5)
    expect(page.locator(".chart__label")).to_be_visible()
    page.mouse.move(box["x"] + box["width"] * 0.999, box["y"] + 30, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]t=20\d\d-"))
    expect(page.locator("#list .row").first).to_be_visible()

    # open a row
    page.locator("#list .row .m").first.click()
    expect(page.locator("#detail #detail-message")).to_contain_text(re.compile("started", re.IGNORECASE))
    expect(page).to_have_url(re.compile(r"[?&]row="))
    shared = page.url

    # go back to before the zoom
    page.go_back()
    expect(page).to_have_url(before)
    expect(page.locator("#list .row").first).to_be_visible()

    # share the address: a second person signs in and lands on it
    other = new_context().new_page()
    other.goto(shared)
    expect(other).to_have_url(re.compile(r"/login$"))
    other.goto(site.credentials()["sign_in_url"])
    assert parse_qs(urlsplit(other.url).query) == parse_qs(urlsplit(shared).query)
    expect(other.locator("#detail #detail-message")).to_contain_text(re.compile("started", re.IGNORECASE))


def test_an_empty_project_opens_its_explorer_when_the_first_log_arrives(project: Project, page: Page) -> None:
    page.goto(project.url)
    expect(page.get_by_role("heading", name=re.compile("Send the first log to Shop"))).to_be_visible()
    assert project.token in page.locator("#snippet").inner_text()
    project.send("api", ["the very first line"])
    expect(page.locator("#list .row .m").first).to_have_text("the very first line")


def test_logs_of_the_python_sdk_are_seen_when_they_are_accepted(project: Project, page: Page) -> None:
    exporter = OTLPLogExporter(
        f"{project.site.url}/v1/logs",
        headers={"Authorization": f"Bearer {project.token}"},
        compression=Compression.Gzip,
    )
    provider = LoggerProvider(resource=Resource.create({"service.name": "python-shop"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("shop.cart")
    logger.emit(LogRecord(body="order placed by Python", severity_number=SeverityNumber.WARN))
    provider.shutdown()  # returns when it was accepted

    page.goto(project.url)
    expect(page.locator("#list .row .m")).to_have_text(["order placed by Python"])
    expect(page.locator("#list .row .c")).to_have_text(["python-shop"])


@pytest.mark.parametrize(("encoding", "compression"), [("json", "none"), ("protobuf", "gzip")])
def test_logs_of_the_javascript_sdk_are_seen_when_they_are_accepted(
    project: Project, page: Page, encoding: str, compression: str
) -> None:
    javascript.install()
    javascript.run_node("send.mjs", project.site.url, project.token, encoding, compression)  # ends when accepted

    page.goto(f"{project.url}?q=order%20placed")
    expect(page.locator("#list .row .m")).to_have_text(["order placed"])
    expect(page.locator("#list .row .c")).to_have_text([f"js-{encoding}-{compression}"])
    page.locator("#list .row .m").click()
    expect(page.locator("#detail dl").first).to_contain_text("Zürich")
