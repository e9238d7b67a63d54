"""What ``docs/api/`` shows is what happens: its commands, its program and its refusals run against a live server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from gunicorn.config import LimitRequestFieldSize
from werkzeug.serving import make_server

from tests.support import docs
from tests.support.api import Api, Reply, attributes
from tests.support.docs import Endpoint, Example
from webapp.api import health, pages
from webapp.api.attributes import LEAST_SEARCHED
from webapp.api.blueprint import MAX_DEPTH
from webapp.api.schemas import attributes as attributes_schema
from webapp.api.schemas import facets as facets_schema
from webapp.api.schemas import logs as logs_schema
from webapp.gunicorn_conf import limit_request_line
from webapp.language import regex
from webapp.language.moments import parse_moment
from webapp.patterns.lines import MAX_CHARACTERS, MAX_WORDS
from webapp.patterns.masks import MASKS
from webapp.queries import custom_columns, sparkline
from webapp.queries.attribute_counts import LONGEST_VALUE
from webapp.services import filter_groups, log_attributes, log_patterns, log_sample, log_services, views
from webapp.services.filter_groups import LOG_KEYS, TYPES
from webapp.services.filter_operators import OPERATORS
from webapp.settings import Settings

SETTINGS = Settings()
EXAMPLES = {page: docs.examples(page) for page in docs.pages()}
[PROGRAM] = re.findall(r"```python\n(.*?)```", docs.read("paging.md"), re.DOTALL)
# The status stands on the line after the answer.
CURL = 'curl() { command curl -sS -w "\\n%{http_code}" "$@"; }\n'


@pytest.fixture
def live(api: Api) -> Iterator[dict[str, str]]:
    """A server with one log of the pages' kind in Ada's project, a saved view and a spare key; yields the variables."""
    api.send(
        {
            "severityNumber": 17,
            "body": "timeout after 3000 ms while calling inventory",
            "attributes": attributes({"peer.service": "inventory"}),
        },
        resource={"service.name": "checkout", "host.name": "web-1"},
    )
    view = api.post("views/", {"name": "Slow searches"}).json
    csrf = api.sign_in(api.ada)
    cookie = api.client.get_cookie("hedgerow_session")
    assert cookie is not None
    spare = {"json": {"label": "spare", "scopes": ["logs:read"]}, "headers": {"X-CSRFToken": csrf}}
    key = api.call("POST", "/api/personal_api_keys/", "", **spare).json
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield {
        "HEDGEROW": f"http://127.0.0.1:{server.port}",
        "KEY": api.ada.key,
        "VIEW": view["short_id"],
        "SESSION": cookie.value,
        "CSRF": csrf,
        "KEY_ID": key["id"],
    }
    server.shutdown()
    thread.join()
    server.server_close()


def run(example: Example, variables: dict[str, str], folder: Path) -> tuple[int, str]:
    """Do what the page says, in a shell with curl; return the status and the body."""
    done = subprocess.run(
        ["sh", "-euc", CURL + example.command],
        env={**os.environ, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def shape(value: Any) -> Any:
    """Reduce an answer to its keys and types; maps of attributes may hold anything."""
    if isinstance(value, dict):
        return {key: type(item) if "attributes" in key else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value)


def test_every_command_is_an_example_with_an_answer() -> None:
    for page, found in EXAMPLES.items():
        assert len(found) == docs.read(page).count("```sh\ncurl "), page
    without = {endpoint.page for endpoint in docs.endpoints()} - {page for page, found in EXAMPLES.items() if found}
    assert without == set()


def test_each_command_answers_as_shown(live: dict[str, str], tmp_path: Path, subtests: pytest.Subtests) -> None:
    for example in [example for found in EXAMPLES.values() for example in found]:
        with subtests.test(f"{example.page}: {example.command}"):
            status, body = run(example, live, tmp_path)
            assert status == example.status, body
            if status == 204:
                assert body == ""
            if example.answer is not None:
                found, shown = json.loads(body), json.loads(example.answer)
                assert shape(found) == shape(shown)
                if status >= 400 or "filterGroup" in example.command:
                    assert found == shown


def refusals() -> Iterator[tuple[Endpoint, list[str]]]:
    """Yield the rows of tables about what is refused with 400, each with the endpoint that refuses."""
    count = next(docs.endpoints_of("count.md"))
    for row in [row for table in docs.tables(docs.read("filters.md")) if table.kind == "sent" for row in table.rows]:
        yield count, row
    for endpoint in docs.endpoints():
        for table in docs.tables(endpoint.text):
            if table.kind == "sent":
                yield from ((endpoint, row) for row in table.rows)


def send(api: Api, endpoint: Endpoint, sent: str) -> Reply:
    """Send what stands in a cell: the query of an address, a question, or a body, as the endpoint has it."""
    path = endpoint.path.replace("{project}", "@current")
    if endpoint.method == "GET":
        return api.get(f"{path}?{sent}")
    body = json.loads(sent)
    if endpoint.who != "a session only":
        return api.call(endpoint.method, path, json={"query": body} if "In `query`" in endpoint.text else body)
    return api.call(endpoint.method, path, "", json=body, headers={"X-CSRFToken": api.sign_in(api.ada)})


def test_what_the_pages_say_is_refused_is_refused_for_that(api: Api, subtests: pytest.Subtests) -> None:
    found = list(refusals())
    assert len(found) > 40
    for endpoint, cells in found:
        sent, code, attr = (docs.words_in(cell)[0] for cell in cells)
        with subtests.test(f"{endpoint.name} {sent}"):
            reply = send(api, endpoint, sent)
            assert (reply.status_code, reply.json["code"], reply.json["attr"]) == (400, code, attr)


def test_the_program_pages_through_the_logs(live: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, **live}, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" error timeout after 3000 ms while calling inventory\n")


def test_every_word_of_a_filter_is_documented() -> None:
    groups = docs.section(docs.read("filters.md"), "Filter groups")
    assert [word for word in (*OPERATORS, *TYPES, *LOG_KEYS) if f"`{word}`" not in groups] == []


def test_every_mask_of_patterns_is_documented() -> None:
    page = docs.read("patterns.md")
    assert [each.name for each in MASKS if f"`<{each.name}>`" not in page] == []


NUMBERS = {
    "attributes.md": (attributes_schema.MAX_KEYS, LONGEST_VALUE, log_attributes.BUDGET_S, LEAST_SEARCHED),
    "authentication.md": (SETTINGS.key_requests_per_minute, SETTINGS.key_requests_per_hour),
    "errors.md": (MAX_DEPTH, limit_request_line, LimitRequestFieldSize.default),
    "facet_values.md": (facets_schema.MAX_FACETS,),
    "filters.md": (filter_groups.MAX_DEPTH, filter_groups.MAX_NODES, filter_groups.MAX_VALUES, regex.MAX_CHARACTERS),
    "health.md": (health.TIMEOUT_S,),
    "paging.md": (pages.MAX_LIMIT,),
    "patterns.md": (
        *(log_sample.ROWS, log_sample.SLICES, MAX_CHARACTERS, MAX_WORDS),
        *(log_patterns.MAX_PATTERNS, log_patterns.MAX_EXAMPLES, log_patterns.MAX_SERVICES),
    ),
    "query.md": (logs_schema.MAX_ROWS, custom_columns.MAX_DEPTH, SETTINGS.search_budget_s),
    "count.md": (SETTINGS.query_timeout_s,),
    "services.md": (log_services.CHARTED,),
    "sparkline.md": (sparkline.MAX_BUCKETS,),
    "values.md": (LONGEST_VALUE,),
    "views.md": (views.MAX_VIEWS, views.MAX_CHARACTERS),
}


@pytest.mark.parametrize("page", NUMBERS)
def test_the_limits_of_a_page_are_those_that_hold(page: str) -> None:
    words = {"3": "three"}
    for number in map(int, NUMBERS[page]):
        forms = (str(number), f"{number:,}", words.get(str(number), str(number)))
        assert re.search(rf"\b(?:{'|'.join(forms)})\b", docs.read(page)), number


def test_every_date_shown_can_be_read() -> None:
    [table, _] = docs.tables(docs.read("dates.md"))
    dates = [date for row in table.rows for date in docs.words_in(row[0])]
    assert len(dates) >= 16
    now = datetime.now(UTC)
    assert all(parse_moment(date, now) for date in dates)
