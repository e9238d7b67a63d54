from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from flask import Flask, Response, abort
from structlog.testing import capture_logs

from webapp import observability
from webapp.settings import read_settings

OWN_TOKEN = "phc_" + "o" * 43

Line = MutableMapping[str, Any]


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    with capture_logs() as captured:
        yield captured
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def app(lines: list[Line]) -> Flask:
    app = Flask("shop")
    app.extensions["hedgerow_settings"] = read_settings({"HEDGEROW_OWN_LOGS_TOKEN": OWN_TOKEN})
    observability.init_app(app)
    log = structlog.get_logger("shop")

    @app.get("/p/<project>/logs")
    def rows(project: str) -> str:
        return "twelve bytes"

    @app.get("/export")
    def export() -> Response:
        return Response(iter([b"one", b"two"]))

    @app.get("/broken")
    def broken() -> str:
        abort(503)

    @app.route("/v1/logs", methods=["POST"])
    def ingest() -> dict[str, Any]:
        log.info("stored")
        return {}

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    return app


def test_a_request_without_an_id_gets_one(app: Flask) -> None:
    first = app.test_client().get("/healthz").headers["X-Request-Id"]
    second = app.test_client().get("/healthz").headers["X-Request-Id"]
    assert len(first) == 32
    assert first != second


def test_a_sane_id_of_the_caller_is_kept(app: Flask) -> None:
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "edge-7.a_B"})
    assert answer.headers["X-Request-Id"] == "edge-7.a_B"


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", 'a"b', "ä", "a/b", "a\tb"])
def test_an_odd_id_of_the_caller_is_replaced(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] != sent
    assert len(answer.headers["X-Request-Id"]) == 32


def test_a_request_writes_one_line_with_route_status_duration_and_size(app: Flask, lines: list[Line]) -> None:
    app.test_client().get("/p/acme/logs?q=secret", headers={"X-Request-Id": "r1"})
    [line] = lines
    assert line.pop("duration_ms") >= 0
    assert line.pop("event").startswith("GET /p/<project>/logs 200 in ")
    assert line == {
        "log_level": "info",
        "request_id": "r1",
        "http.route": "/p/<project>/logs",
        "project": "acme",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.response.body.size": 12,
    }


def test_lines_within_a_request_share_its_context(app: Flask) -> None:
    with app.test_request_context("/p/acme/logs", headers={"X-Request-Id": "r1"}):
        app.preprocess_request()
        context = structlog.contextvars.get_contextvars()
    assert context == {"request_id": "r1", "http.route": "/p/<project>/logs", "project": "acme"}


@pytest.mark.parametrize(("path", "level"), [("/p/a/logs", "info"), ("/nowhere", "warning"), ("/broken", "error")])
def test_the_level_follows_the_status(app: Flask, lines: list[Line], path: str, level: str) -> None:
    app.test_client().get(path, buffered=True)
    assert [line["log_level"] for line in lines] == [level]


def test_an_unknown_path_is_named_because_there_is_no_route(app: Flask, lines: list[Line]) -> None:
    app.test_client().get("/nowhere/at/all", buffered=True)
    assert lines[0]["url.path"] == "/nowhere/at/all"


def test_a_streamed_answer_is_logged_after_its_last_byte(app: Flask, lines: list[Line]) -> None:
    answer = app.test_client().get("/export", buffered=False)
    assert lines == []
    assert answer.get_data() == b"onetwo"
    answer.close()
    assert [line["http.route"] for line in lines] == ["/export"]


def test_health_checks_and_static_files_write_no_line(app: Flask, lines: list[Line]) -> None:
    app.test_client().get("/healthz")
    app.test_client().get("/static/app.css")
    assert lines == []


def test_successful_ingestion_is_said_at_debug(app: Flask, lines: list[Line]) -> None:
    app.test_client().post("/v1/logs", headers={"Authorization": "Bearer phc_other"})
    assert [(line["event"].split(" in ")[0], line["log_level"]) for line in lines] == [
        ("stored", "info"),
        ("POST /v1/logs 200", "debug"),
    ]


@pytest.mark.parametrize(
    ("query", "headers", "own"),
    [
        ("", {"Authorization": f"Bearer {OWN_TOKEN}"}, True),
        (f"?token={OWN_TOKEN}", {}, True),
        ("", {"Authorization": "Bearer phc_other"}, False),
        (f"?token={OWN_TOKEN}", {"Authorization": "Bearer phc_other"}, False),
        ("", {}, False),
    ],
)
def test_requests_that_carry_own_logs_are_kept_out_of_shipping(
    app: Flask, query: str, headers: dict[str, str], own: bool
) -> None:
    from webapp.observability.shipping import is_unshipped

    with app.test_request_context(f"/v1/logs{query}", method="POST", headers=headers):
        app.preprocess_request()
        assert is_unshipped() is own
    with app.test_request_context("/p/a/logs"):
        app.preprocess_request()
        assert is_unshipped() is False
