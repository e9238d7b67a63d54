"""A real browser on a whole instance; a test also fails on what a person would not see."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, StorageState, expect

from tests.support.chromium import run_chromium
from tests.support.instance import Instance
from tests.support.lines import MINUTE_NS, SECOND_NS, Line, send_lines
from tests.support.site import Site

expect.set_options(timeout=15_000)  # on a machine that is busy with other tests

NewContext = Callable[..., BrowserContext]
NewProject: TypeAlias = "Callable[[], Project]"

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
AWKWARD = {
    "user.name": 'Ada "the first", O\'Neil \\ 🚀 (go) OR -stop',
    "level": "  two  spaces, C:\\new \\",
    "emoji 🚀:key": "service:web",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests on one xdist worker, so that they share one instance and one browser."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data_dir = tmp_path_factory.mktemp("site") / "data"
    with Instance(data_dir, HEDGEROW_WORKERS="1") as instance:
        yield Site(instance.ready().url, data_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with run_chromium() as browser:
        yield browser


_numbers = itertools.count(1)


@dataclass(frozen=True)
class Project:
    """A project, to send logs to and to look at."""

    site: Site
    slug: str
    name: str
    token: str

    @property
    def url(self) -> str:
        return f"{self.site.url}/p/{self.slug}/logs"

    def at(self, **state: str) -> str:
        """The explorer's address in this state."""
        return f"{self.url}?{urlencode(state)}"

    def send(self, service: str, bodies: list[str], **options: Any) -> None:
        self.site.send(self.token, service, bodies, **options)

    def send_lines(self, *lines: Line) -> None:
        send_lines(self.site.url, self.token, lines)


@dataclass
class Complaints:
    """What a person would not see, and what must not happen.

    Errors in the console, among them every CSP report and failed request; dialogs; requests to other hosts.
    """

    said: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext, site: Site) -> None:
        context.on("console", lambda message: self._add(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: self._add(str(error.error)))
        context.on("dialog", self._on_dialog)
        context.on("request", lambda request: self._on_request(request, site))

    def _on_dialog(self, dialog: Dialog) -> None:
        self._add(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request, site: Site) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != urlsplit(site.url).netloc:
            self._add(f"request to {request.url}")

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
def new_context(browser: Browser, complaints: Complaints, site: Site) -> Iterator[NewContext]:
    """Make browser contexts: separate people on separate machines."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
        context.set_default_timeout(15_000)
        complaints.watch(context, site)
        made.append(context)
        return context

    yield make
    for context in made:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: Site, beside: Flask) -> StorageState:
    """The cookies of a person who has signed in, for contexts that need not show how."""
    from webapp.services.accounts import create_sign_in_link, first_user

    with beside.app_context():
        link = create_sign_in_link(first_user())
    with browser.new_context() as context:
        context.new_page().goto(f"{site.url}/sign-in/{link}")
        return context.storage_state()


@pytest.fixture
def page(new_context: NewContext, signed_in: StorageState) -> Page:
    """A page, signed in."""
    return new_context(storage_state=signed_in).new_page()


@pytest.fixture(scope="session")
def beside(site: Site) -> Iterator[Flask]:
    """The application beside the running instance, as its commands have it: much faster than running them."""
    from webapp import create_app
    from webapp.extensions import db
    from webapp.settings import load_settings

    app = create_app(load_settings({"HEDGEROW_DATA": str(site.data_dir)}))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def new_project(site: Site, beside: Flask) -> NewProject:
    """Make projects of the person who is signed in."""

    def make() -> Project:
        from webapp.services.accounts import first_user
        from webapp.services.projects import create_project
        from webapp.services.tokens import ingestion_token

        with beside.app_context():
            made = create_project(f"Shop {next(_numbers)}", first_user())
            return Project(site, made.slug, made.name, ingestion_token(made.id))

    return make


@pytest.fixture
def project(new_project: NewProject) -> Project:
    """A project of the test's own, with nothing in it yet."""
    return new_project()


@pytest.fixture(scope="session")
def orders(new_project: NewProject) -> Project:
    """Twenty minutes: a row a minute, four of them errors of the payments, one with awkward values."""
    project = new_project()
    now_ns = time.time_ns() - SECOND_NS
    project.send_lines(
        *(
            Line(
                body=f"order {index:02d} {'declined' if index % 5 == 0 else 'placed'}",
                at_ns=now_ns - index * MINUTE_NS,
                level="error" if index % 5 == 0 else "info",
                service="payments" if index % 5 == 0 else "web",
                trace_id=TRACE if index in (5, 6) else "",
                attributes=AWKWARD if index == 3 else dict.fromkeys(AWKWARD, "plain"),
                resource={"host.name": f"node {index % 2}"},
            )
            for index in range(20)
        )
    )
    return project
