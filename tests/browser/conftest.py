"""A real browser on a whole instance; a test also fails on what a person would not see."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.instance import Instance
from tests.support.site import Site

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NewContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests on one xdist worker, so that they share one instance and one browser."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data_dir = tmp_path_factory.mktemp("site") / "data"
    with Instance(data_dir) as instance:
        yield Site(instance.ready().url, data_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    named = os.environ.get("HEDGEROW_TEST_CHROMIUM")
    program = named or next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    assert program, "Chromium is missing: ./hedgerow test installs it where apt-get is there"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


_numbers = itertools.count(1)


@dataclass(frozen=True)
class Project:
    """A project, to send logs to and to look at."""

    site: Site
    slug: str
    token: str

    @property
    def url(self) -> str:
        return f"{self.site.url}/p/{self.slug}/logs"

    def send(self, service: str, bodies: list[str], **options: Any) -> None:
        self.site.send(self.token, service, bodies, **options)


@dataclass
class Complaints:
    """What the browser complained about: errors in the console, among them every CSP report, and failed requests."""

    said: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self._add(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: self._add(str(error.error)))

    def _add(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.said.append(text)


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Collect complaints; a test that provokes one names a part of it in ``expected`` first."""
    complaints = Complaints()
    yield complaints
    assert complaints.said == []


@pytest.fixture
def new_context(browser: Browser, complaints: Complaints) -> Iterator[NewContext]:
    """Make browser contexts: separate people on separate machines."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
        context.set_default_timeout(15_000)
        complaints.watch(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: NewContext, site: Site) -> Page:
    """A page, signed in."""
    page = new_context().new_page()
    page.goto(site.credentials()["sign_in_url"])
    return page


@pytest.fixture
def project(site: Site) -> Project:
    """A project of the test's own, with nothing in it yet."""
    made = json.loads(site.command("project", "create", "--name", f"Shop {next(_numbers)}", "--json"))
    return Project(site, made["slug"], made["ingestion_token"])
