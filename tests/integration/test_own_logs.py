"""Hedgerow's own lines, from the log call to its own OTLP route."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from clickhouse_driver import Client
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Received
from werkzeug import Response

from tests.support.instance import Instance, wait_for
from webapp.settings import ROOT

pytestmark = pytest.mark.xdist_group("own-logs")

PREAMBLE = """
import logging, os, sys, time, warnings
import structlog
from webapp import observability
from webapp.settings import read_settings
observability.configure(read_settings(), "worker")
log = structlog.get_logger("shop")
"""
ENDS_S = 20  # far more than the second that an ending process may wait: only a hang takes longer


@dataclass(frozen=True)
class Shipped:
    """One record as it arrived."""

    service: str
    instance: str
    scope: str
    severity: int
    body: str
    attributes: dict[str, Any]


class Endpoint:
    """Takes OTLP requests, after having failed as often as asked."""

    def __init__(self) -> None:
        self.records: list[Shipped] = []
        self.failures = 0
        self.tokens: set[str | None] = set()

    def __call__(self, request: Received) -> Response:
        self.tokens.add(request.headers.get("Authorization"))
        if self.failures:
            self.failures -= 1
            return Response(status=503)
        assert request.headers["Content-Encoding"] == "gzip"
        sent = ExportLogsServiceRequest.FromString(gzip.decompress(request.get_data()))
        for resource_logs in sent.resource_logs:
            resource = {item.key: item.value for item in resource_logs.resource.attributes}
            for scope_logs in resource_logs.scope_logs:
                for record in scope_logs.log_records:
                    self.records.append(
                        Shipped(
                            resource["service.name"].string_value,
                            resource["service.instance.id"].string_value,
                            scope_logs.scope.name,
                            record.severity_number,
                            record.body.string_value,
                            {item.key: _value_of(item.value) for item in record.attributes},
                        )
                    )
        return Response(status=200)

    def bodies(self) -> list[str]:
        return [record.body for record in self.records]

    def only(self, body: str) -> Shipped:
        [found] = [record for record in self.records if record.body == body]
        return found


def _value_of(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


@pytest.fixture
def endpoint(httpserver: HTTPServer) -> Endpoint:
    taker = Endpoint()
    httpserver.expect_request("/v1/logs", method="POST").respond_with_handler(taker)
    return taker


Ask = Callable[[str, str], list[tuple[Any, ...]]]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def program(httpserver: HTTPServer, tmp_path: Path) -> Program:
    """Runs a program that logs, and gives what it printed when it has ended."""

    def run(text: str, url: str = "", level: str = "info") -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "HEDGEROW_DATA": str(tmp_path / "data"),
            "HEDGEROW_LOG_LEVEL": level,
            "HEDGEROW_OWN_LOGS_ENDPOINT": url or httpserver.url_for("/v1/logs"),
            "HEDGEROW_OWN_LOGS_TOKEN": "phc_own",
            "HTTP_PROXY": "http://127.0.0.1:9",  # must not come between
        }
        return subprocess.run(
            [sys.executable, "-c", PREAMBLE + text],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=ENDS_S,
            check=True,
        )

    return run


def printed(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_process_says_arrives_although_it_ends_at_once(endpoint: Endpoint, program: Program) -> None:
    done = program('log.info("hello", answer=42, **{"http.route": "/x"})')
    assert sorted(endpoint.bodies()) == ["hello", "process started", "process stopped"]
    found = endpoint.only("hello")
    assert (found.service, found.scope, found.severity) == ("hedgerow-worker", "shop", 9)
    assert found.attributes == {"answer": 42, "http.route": "/x"}
    assert endpoint.tokens == {"Bearer phc_own"}
    assert [line["message"] for line in printed(done)] == ["process started", "hello", "process stopped"]


def test_lines_of_libraries_and_warnings_arrive_too(endpoint: Endpoint, program: Program) -> None:
    program('logging.getLogger("rq.worker").warning("lost %s", "a job"); warnings.warn("old habits")')
    assert endpoint.only("lost a job").severity == 13
    assert any("UserWarning: old habits" in body for body in endpoint.bodies())


def test_lines_below_the_level_go_nowhere(endpoint: Endpoint, program: Program) -> None:
    done = program('log.debug("chatter"); logging.getLogger("x").info("more chatter")', level="warning")
    assert endpoint.records == []
    assert done.stdout == ""


def test_an_exception_arrives_with_type_message_and_stack(endpoint: Endpoint, program: Program) -> None:
    program('try: {}["key"]\nexcept KeyError: log.exception("broke")')
    found = endpoint.only("broke")
    assert found.severity == 17
    assert found.attributes["exception.type"] == "KeyError"
    assert found.attributes["exception.message"] == "'key'"
    assert "Traceback (most recent call last)" in found.attributes["exception.stacktrace"]


def test_a_forked_child_ships_as_itself_even_if_it_skips_exit_handlers(endpoint: Endpoint, program: Program) -> None:
    program("""
log.info("before")
warnings.simplefilter("ignore")  # newer Pythons warn of a fork beside threads, which is the point here
if os.fork() == 0:
    log.info("in the child")
    observability.stop_shipping()
    os._exit(0)
os.wait()
log.info("after")
""")
    assert sorted(endpoint.bodies()) == ["after", "before", "in the child", "process started", "process stopped"]
    assert endpoint.only("in the child").instance != endpoint.only("after").instance
    assert endpoint.only("before").instance == endpoint.only("after").instance


def test_what_an_unshipped_block_says_stays_on_stdout(endpoint: Endpoint, program: Program) -> None:
    done = program('with observability.unshipped(): log.info("about shipping")\nlog.info("about work")')
    assert "about shipping" not in endpoint.bodies()
    assert "about work" in endpoint.bodies()
    assert "about shipping" in done.stdout


def test_lines_wait_for_an_endpoint_that_is_not_ready_yet(endpoint: Endpoint, program: Program) -> None:
    endpoint.failures = 2
    program('log.info("early"); time.sleep(6)')
    assert {"process started", "early"} <= set(endpoint.bodies())


def test_nobody_listening_costs_no_line_and_no_process(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = program('log.info("hello"); time.sleep(1.5)', url=f"http://127.0.0.1:{port}/v1/logs")
    messages = [line["message"] for line in printed(done) if not line["logger"].startswith("opentelemetry")]
    assert messages == ["process started", "hello", "process stopped"]


def test_an_endpoint_that_never_answers_does_not_hold_a_process_that_ends(
    httpserver: HTTPServer, program: Program
) -> None:
    released = threading.Event()
    httpserver.expect_request("/v1/logs").respond_with_handler(lambda _: _wait(released))
    try:
        done = program('log.info("hello")')
    finally:
        released.set()
    assert "process stopped" in done.stdout


def _wait(released: threading.Event) -> Response:
    released.wait(ENDS_S * 2)
    return Response(status=200)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A whole instance that says all it can."""
    with Instance(tmp_path_factory.mktemp("own") / "data", HEDGEROW_WORKERS="1", HEDGEROW_LOG_LEVEL="debug") as started:
        yield started.ready()


@pytest.fixture(scope="module")
def own_logs(instance: Instance) -> Iterator[Ask]:
    """Asks for columns of the lines in the project Hedgerow."""
    with Client.from_url(instance.announced["clickhouse_url"]) as client:

        def ask(columns: str, where: str) -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = client.execute(f"SELECT {columns} FROM logs WHERE project_id = 2 AND {where}")
            return rows

        yield ask


def fetch(url: str, **headers: str) -> int:
    try:
        with urlopen(Request(url, headers=headers), timeout=30) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


def test_every_kind_of_process_tells_of_its_start(instance: Instance, own_logs: Ask) -> None:
    def services() -> bool:
        found = {service for (service,) in own_logs("DISTINCT service_name", "body = 'process started'")}
        return {"hedgerow-web", "hedgerow-worker", "hedgerow-scheduler"} <= found

    assert wait_for(services, "the first line of every process")


def test_a_request_is_found_by_its_id(instance: Instance, own_logs: Ask) -> None:
    assert fetch(f"{instance.url}/no/such/page", **{"X-Request-Id": "find-me"}) == 404
    [(service, severity, attributes)] = wait_for(
        lambda: own_logs("service_name, severity_text, attributes", "attributes['request_id'] = 'find-me'"),
        "the access line",
    )
    assert (service, severity) == ("hedgerow-web", "warn")
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.response.status_code"] == "404"
    assert attributes["url.path"] == "/no/such/page"
    assert float(attributes["duration_ms"]) > 0


def test_shipping_causes_no_lines_about_shipping(instance: Instance, own_logs: Ask) -> None:
    token = instance.read("with header").rpartition(" ")[2]
    about_ingestion = "attributes['http.route'] = '/v1/logs'"
    for number in range(3):
        send(instance.url, token, f"someone else's line {number}")
        wait_for(
            lambda wanted=number + 1: (  # type: ignore[misc]
                own_logs("count()", f"{about_ingestion} AND startsWith(body, 'POST ')")[0][0] >= wanted
            ),
            "the access line of someone else's request",
        )
    projects = own_logs("DISTINCT attributes['project']", about_ingestion)
    assert projects == [("default",)]


def send(url: str, token: str, body: str) -> None:
    record = {"timeUnixNano": str(time.time_ns()), "body": {"stringValue": body}}
    text = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(f"{url}/v1/logs", text.encode(), headers), timeout=30) as response:
        assert response.status == 200
