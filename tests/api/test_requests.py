"""What the API says to requests that it cannot answer."""

from __future__ import annotations

import base64
import itertools
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.support.api import Api, Reply, SeparateClient, make_api
from webapp import create_app
from webapp.errors import HedgerowError
from webapp.settings import Settings


def fault(response: Reply) -> tuple[int, str, str, str | None]:
    """Check the shape of an error and return what identifies it."""
    body: dict[str, Any] = response.json
    assert set(body) - {"request_id"} == {"type", "code", "detail", "attr", "error"}
    assert body["error"] == body["detail"]
    assert body["detail"]
    assert response.headers["X-Request-Id"]
    return response.status_code, body["type"], body["code"], body["attr"]


QUESTIONS = ("query", "sparkline", "count", "patterns", "has_logs")
AGGREGATES = ("facet_values", "services", "count-ranges", "group-by")
IN_ADDRESS = ("attributes", "values")
UNUSABLE: list[tuple[dict[str, Any], str, str, str]] = [
    ({"limit": 0}, "limit", "min_value", "at least 1"),
    ({"limit": -5}, "limit", "min_value", "at least 1"),
    ({"limit": "10"}, "limit", "invalid_input", "whole number"),
    ({"limit": 1.5}, "limit", "invalid_input", "whole number"),
    ({"limit": 10.0}, "limit", "invalid_input", "whole number"),
    ({"limit": True}, "limit", "invalid_input", "whole number"),
    ({"orderBy": "newest"}, "orderBy", "invalid_choice", "latest, earliest"),
    ({"orderBy": 1}, "orderBy", "invalid_input", "string"),
    ({"after": "nonsense"}, "after", "invalid_input", "cursor"),
    ({"after": base64.b64encode(b'{"timestamp": 1}').decode()}, "after", "invalid_input", "cursor"),
    ({"after": base64.b64encode(b"[]").decode()}, "after", "invalid_input", "cursor"),
    ({"after": "ü"}, "after", "invalid_input", "cursor"),
    ({"excludeAttributes": "yes"}, "excludeAttributes", "invalid_input", "true or false"),
    ({"severityLevels": ["error", "loud"]}, "severityLevels__1", "invalid_choice", "trace, debug, info"),
    ({"severityLevels": ["ERROR"]}, "severityLevels__0", "invalid_choice", "trace, debug, info"),
    ({"severityLevels": "error"}, "severityLevels", "invalid_input", "list"),
    ({"severityLevels": {"error": 1}}, "severityLevels", "invalid_input", "list"),
    ({"severityLevels": [None]}, "severityLevels__0", "null", "null"),
    ({"serviceNames": [1]}, "serviceNames__0", "invalid_input", "string"),
    ({"serviceNames": "api"}, "serviceNames", "invalid_input", "list"),
    ({"serviceNames": ["s"] * 1001}, "serviceNames", "max_length", "at most 1000 services"),
    ({"searchTerm": "x" * 10_001}, "searchTerm", "max_length", "at most 10000 characters"),
    ({"searchTerm": 5}, "searchTerm", "invalid_input", "string"),
    ({"searchTerm": ["a"]}, "searchTerm", "invalid_input", "string"),
    ({"q": '"open'}, "q", "invalid_input", "characters"),
    ({"dateRange": "-1h"}, "dateRange", "invalid_input", "object"),
    ({"dateRange": {"date_from": 5}}, "dateRange__date_from", "invalid_input", "string"),
    ({"dateRange": {"date_from": "soon"}}, "dateRange__date_from", "invalid_input", '"soon" is not a date'),
    ({"dateRange": {"date_to": "2026-13-01"}}, "dateRange__date_to", "invalid_input", "is not a date"),
    ({"dateRange": {"date_from": "-1h", "date_to": "-2h"}}, "dateRange__date_from", "invalid_input", "later than"),
    ({"filterGroup": [{"key": "k"}]}, "filterGroup__0__type", "required", "required"),
    ({"filterGroup": {"type": "AND"}}, "filterGroup__values", "required", "required"),
    ({"resourceFingerprint": "12a"}, "resourceFingerprint", "invalid_input", "decimal digits"),
    ({"resourceFingerprint": str(2**64)}, "resourceFingerprint", "invalid_input", "64 bits"),
    ({"resourceFingerprint": 5}, "resourceFingerprint", "invalid_input", "string"),
    ({"sessionId": ["s"]}, "sessionId", "invalid_input", "string"),
    ({"sessionId": "x" * 10_001}, "sessionId", "max_length", "at most 10000 characters"),
    ({"customColumns": "attributes.k"}, "customColumns", "invalid_input", "list"),
    ({"customColumns": ["attributes.k", "level"]}, "customColumns__1", "invalid_input", '"level" is not a column'),
    ({"customColumns": ["attributes"]}, "customColumns__0", "invalid_input", "attributes.<key>"),
    ({"customColumns": ["attributes."]}, "customColumns__0", "invalid_input", "attributes.<key>"),
    ({"customColumns": [" attributes.k"]}, "customColumns__0", "invalid_input", "is not a column"),
    ({"customColumns": ["body.a..b"]}, "customColumns__0", "invalid_input", "between all of its dots"),
    ({"customColumns": ["body." + "a." * 16 + "b"]}, "customColumns__0", "invalid_input", "at most 16 names"),
    ({"customColumns": [5]}, "customColumns__0", "invalid_input", "string"),
    ({"customColumns": ["attributes." + "k" * 1000]}, "customColumns__0", "max_length", "at most 1000 characters"),
    ({"customColumns": ["body.k"] * 51}, "customColumns", "max_length", "at most 50 columns"),
    ({"liveLogsCheckpoint": "now and then"}, "liveLogsCheckpoint", "invalid_input", "is not a date"),
    ({"liveLogsCheckpoint": 5}, "liveLogsCheckpoint", "invalid_input", "string"),
]


def test_a_value_that_cannot_be_used_is_named(api: Api, subtests: pytest.Subtests) -> None:
    for query, attr, code, words in UNUSABLE:
        with subtests.test(query=query):
            response = api.post("query/", {"query": query})
            assert fault(response) == (400, "validation_error", code, f"query__{attr}")
            assert words in response.json["detail"]


def test_a_search_without_a_query_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for body in (b"", b"{}", b'{"query": null}', b'{"limit": 5}'):
        with subtests.test(body=body):
            response = api.post("query/", data=body, json=None, content_type="application/json")
            assert fault(response)[:2] == (400, "validation_error")
            assert response.json["detail"] == "No query provided"
            assert response.json["attr"] == "query"


def test_a_query_must_be_an_object(api: Api, subtests: pytest.Subtests) -> None:
    queries: tuple[Any, ...] = ([], "text", 5, True)
    for path, query in itertools.product(("query/", "count/", "sparkline/"), queries):
        with subtests.test(path=path, query=query):
            response = api.post(path, {"query": query})
            assert fault(response) == (400, "validation_error", "invalid_input", "query")
            assert response.json["detail"] == "query must be an object"


def test_a_count_without_a_query_counts_the_last_hour(api: Api) -> None:
    api.send({"body": "here"})
    bodies: tuple[Any, ...] = ({}, {"query": None}, {"query": {}})
    assert [api.post("count/", body).json for body in bodies] == [{"count": 1}] * 3


def test_counting_reads_the_filters_as_strictly_as_searching(api: Api) -> None:
    response = api.post("count/", {"query": {"severityLevels": ["loud"]}})
    assert fault(response) == (400, "validation_error", "invalid_choice", "query__severityLevels__0")


def test_a_body_that_is_not_json_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for text in (b"{", b"{'query': {}}", b'{"query": {}} x', b"\xff\xfe", b'{"query": "\\ud800"}', b"NaN"):
        with subtests.test(text=text):
            response = api.post("query/", data=text, json=None, content_type="application/json")
            assert fault(response) == (400, "invalid_request", "parse_error", None)


def test_a_body_that_is_not_an_object_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    bodies: tuple[Any, ...] = ([], "text", 5, [{"query": {}}])
    for body in bodies:
        with subtests.test(body=body):
            assert fault(api.post("query/", body)) == (400, "invalid_request", "parse_error", None)


def test_a_body_nested_too_deep_to_be_meant_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for depth in (63, 300, 900):
        text = b'{"query": {"x": %s}}' % (b"[" * (depth - 1) + b"]" * (depth - 1))
        with subtests.test(depth=depth):
            response = api.post("query/", data=text, json=None, content_type="application/json")
            if depth == 63:
                assert response.status_code == 200
            else:
                assert fault(response) == (400, "invalid_request", "parse_error", None)
                assert "deeper than 64 levels" in response.json["detail"]


def test_a_body_of_another_type_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        with subtests.test(content_type=content_type):
            response = api.post("query/", data=b'{"query": {}}', json=None, content_type=content_type)
            assert fault(response) == (415, "invalid_request", "unsupported_media_type", None)


def test_json_is_read_under_its_names_and_without_one(api: Api, subtests: pytest.Subtests) -> None:
    for content_type in (None, "application/json; charset=utf-8", "application/vnd.api+json"):
        with subtests.test(content_type=content_type):
            response = api.post("query/", data=b'{"query": {}}', json=None, content_type=content_type)
            assert response.status_code == 200


def test_another_method_is_not_allowed(api: Api, subtests: pytest.Subtests) -> None:
    for method, path, allowed in (("GET", "query/", "POST"), ("PUT", "count/", "POST"), ("POST", "has_logs/", "GET")):
        with subtests.test(method=method, path=path):
            response = api.call(method, path)
            assert fault(response) == (405, "invalid_request", "method_not_allowed", None)
            assert allowed in response.headers["Allow"].split(", ")
            assert method not in response.headers["Allow"]


def test_a_path_that_is_not_there_is_not_found(api: Api) -> None:
    assert fault(api.get("nothing/")) == (404, "invalid_request", "not_found", None)


def test_a_body_over_the_limit_is_too_large(api: Api) -> None:
    api.app.config["MAX_CONTENT_LENGTH"] = 1000
    response = api.post("query/", {"query": {"searchTerm": "x" * 2000}})
    assert fault(response) == (413, "invalid_request", "payload_too_large", None)


class Sent(BytesIO):
    """What a client sends, and how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        size = super().readinto(buffer)
        self.taken += size
        return size


def test_a_body_over_the_limit_is_read_so_that_its_sender_reads_the_answer(api: Api) -> None:
    api.app.config["MAX_CONTENT_LENGTH"] = 1000
    body = Sent(b"x" * 600_000)
    length = {"CONTENT_LENGTH": "600000"}
    response = api.call("POST", "query/", input_stream=body, content_type="application/json", environ_overrides=length)
    assert fault(response) == (413, "invalid_request", "payload_too_large", None)
    assert body.taken == 600_000


def crash() -> str:
    return str(1 // 0)


@pytest.fixture
def crashing_api(settings: Settings, app: Flask) -> Api:
    """An application like that of ``api``, with a route that has a mistake in it."""
    crashing = create_app(settings)
    crashing.add_url_rule("/api/projects/1/logs/crash/", view_func=crash, endpoint="crash")
    return make_api(crashing)


def test_a_mistake_of_ours_says_its_request_id_and_nothing_of_the_cause(crashing_api: Api) -> None:
    response = crashing_api.get("/api/projects/1/logs/crash/")
    assert fault(response) == (500, "server_error", "error", None)
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    assert "ZeroDivision" not in response.text


@pytest.fixture
def cut_off_api(settings: Settings, app: Flask) -> Api:
    """The API of an instance whose ClickHouse is not there."""
    away = "clickhouse://app:secret@127.0.0.1:9/hedgerow"
    cut_off = create_app(replace(settings, clickhouse_url=away, clickhouse_reader_url=away))
    return make_api(cut_off)


def test_clickhouse_away_is_unavailable_with_a_time_to_wait(cut_off_api: Api, subtests: pytest.Subtests) -> None:
    body = {"query": {"facetField": "service_name", "groupBy": "k"}}
    for name in (*QUESTIONS, *AGGREGATES, *IN_ADDRESS):
        with subtests.test(name):
            in_address = name in ("has_logs", *IN_ADDRESS)
            response = cut_off_api.get(f"{name}/?key=k") if in_address else cut_off_api.post(f"{name}/", body)
            assert fault(response) == (503, "server_error", "unavailable", None)
            assert int(response.headers["Retry-After"]) > 0
            assert "secret" not in response.text


def test_the_sql_database_away_is_unavailable_too(settings: Settings, app: Flask) -> None:
    api = make_api(app)
    away = create_app(replace(settings, database_url="postgresql://app:secret@127.0.0.1:9/hedgerow"))
    away.test_client_class = SeparateClient
    response = replace(api, app=away, client=away.test_client()).get("has_logs/")
    assert fault(response) == (503, "server_error", "unavailable", None)
    assert int(response.headers["Retry-After"]) > 0
    assert "secret" not in response.text


def test_the_description_has_our_shape_of_errors_and_no_other(app: Flask) -> None:
    error = app.extensions["hedgerow_openapi"].document["components"]["schemas"]["Error"]
    assert set(error["required"]) == {"type", "code", "detail", "attr"}
    assert set(error["properties"]) == {*error["required"], "error", "request_id"}
    assert set(error["properties"]["type"]["enum"]) == {kind.type for kind in HedgerowError.__subclasses__()}
