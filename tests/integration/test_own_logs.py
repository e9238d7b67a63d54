"""Hedgerow's own lines, from the log call to its own OTLP route."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from webapp.settings import ROOT

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

    def __call__(self, request: Request) -> Response:
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


@pytest.fixture(autouse=True)
def stop_server_threads(httpserver: HTTPServer) -> Iterator[None]:
    yield
    httpserver.clear()
