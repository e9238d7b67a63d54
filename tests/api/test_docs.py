"""What ``docs/api.md`` shows is what happens: its curl commands and its program run against a live server."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from threading import Thread
from typing import Any

import pytest
from marshmallow import Schema
from werkzeug.serving import make_server

from tests.support.api import Api, attributes
from webapp.api.filter_groups import LOG_KEYS, TYPES
from webapp.api.filter_operators import OPERATORS
from webapp.api.schemas.attributes import AttributeKeysArgsSchema, AttributeValuesArgsSchema
from webapp.api.schemas.facets import FacetsQuerySchema
from webapp.api.schemas.groups import GroupsQuerySchema
from webapp.api.schemas.logs import LogsQuerySchema
from webapp.api.schemas.patterns import PatternsAnswerSchema, PatternSchema
from webapp.api.schemas.ranges import RangesQuerySchema
from webapp.api.schemas.services import ServicesQuerySchema
from webapp.api.schemas.sparkline import SparklineQuerySchema
from webapp.language.moments import parse_moment
from webapp.patterns.lines import MAX_CHARACTERS, MAX_WORDS
from webapp.patterns.masks import MASKS
from webapp.services.log_patterns import MAX_EXAMPLES, MAX_PATTERNS, MAX_SERVICES
from webapp.services.log_sample import ROWS, SLICES

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\s+```json\n(.*?)```", PAGE, re.DOTALL)
QUERIES: tuple[type[Schema], ...] = (
    LogsQuerySchema,
    AttributeKeysArgsSchema,
    AttributeValuesArgsSchema,
    FacetsQuerySchema,
    GroupsQuerySchema,
    RangesQuerySchema,
    ServicesQuerySchema,
    SparklineQuerySchema,
)
PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def live(api: Api) -> Iterator[dict[str, str]]:
    """A server with one log of the page's kind in Ada's project; yields the page's variables."""
    api.send(
        {
            "severityNumber": 17,
            "body": "timeout after 3000 ms while calling inventory",
            "attributes": attributes({"peer.service": "inventory"}),
        },
        resource={"service.name": "checkout", "host.name": "web-1"},
    )
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield {"HEDGEROW": f"http://127.0.0.1:{server.port}", "KEY": api.ada.key}
    server.shutdown()
    thread.join()
    server.server_close()


def curl(command: str, variables: dict[str, str]) -> Any:
    """Do what curl would; only the options that the page uses are known."""
    words = [Template(word).substitute(variables) for word in shlex.split(command.replace("\\\n", ""))[1:]]
    url, body, headers = "", None, {}
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = words.pop(0).encode()
        else:
            assert word.startswith("http"), word
            url = word
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def shape(value: Any) -> Any:
    """Reduce an answer to its keys and types; maps of attributes may hold anything."""
    if isinstance(value, dict):
        return {key: type(item) if "attributes" in key else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) == 21
    assert len(PROGRAM) == 1


def test_each_command_answers_as_shown(live: dict[str, str], subtests: pytest.Subtests) -> None:
    for command, answer in EXAMPLES:
        with subtests.test(command):
            found, shown = curl(command, live), json.loads(answer)
            assert shape(found) == shape(shown)
            if "type" in shown or "filterGroup" in command:
                assert found == shown


def test_the_program_pages_through_the_logs(live: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM[0]],
        env={**os.environ, **live},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" error timeout after 3000 ms while calling inventory\n")


def test_every_field_of_a_query_is_documented() -> None:
    assert [name for schema in QUERIES for name in schema().fields if f"`{name}`" not in PAGE] == []


def test_every_word_of_a_filter_is_documented() -> None:
    words = (*OPERATORS, *TYPES, *LOG_KEYS)
    filters = PAGE.partition("## Filters")[2].partition("What cannot be used")[0]
    assert [word for word in words if f"`{word}`" not in filters] == []


def test_every_key_of_a_pattern_is_documented() -> None:
    section = PAGE.partition("POST `patterns/`")[2].partition("\n## ")[0]
    keys = (*PatternsAnswerSchema().fields, *PatternSchema().fields)
    assert [name for name in keys if f'"{name}":' not in section] == []
    assert [each.name for each in MASKS if f"`<{each.name}>`" not in section] == []
    for limit in (ROWS, MAX_PATTERNS, MAX_EXAMPLES, MAX_SERVICES, SLICES, MAX_CHARACTERS, MAX_WORDS):
        assert re.search(rf"\b(?:{limit}|{limit:,})\b", section), limit


def test_every_date_shown_can_be_read() -> None:
    table = PAGE.partition("## Dates")[2].partition("## Errors")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    dates = re.findall(r"`([^`]+)`", " ".join(cells))
    assert len(dates) >= 15
    now = datetime.now(UTC)
    assert all(parse_moment(date, now) for date in dates)
