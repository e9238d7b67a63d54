"""The OTLP endpoint, asked by programs of every manner."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from tests.support import stored
from tests.support.api import Api
from tests.support.otlp import as_json, record, request
from tests.support.otlp_http import COMPRESSIONS, JSON, PATHS, PROTOBUF, changed, message, post
from webapp.embedded.processes import free_port
from webapp.errors import HedgerowError
from webapp.extensions import db
from webapp.models import IngestionToken
from webapp.services.encryption import hash_secret
from webapp.settings import Settings
from webapp.store.store import Store


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("encoding", [PROTOBUF, JSON])
def test_every_path_stores_logs_and_answers_in_the_encoding_of_the_request(
    api: Api, settings: Settings, path: str, encoding: str
) -> None:
    body = message("stored").SerializeToString() if encoding == PROTOBUF else as_json(message("stored"))
    response = post(api, body, path=path, Content_Type=encoding)
    assert (response.status_code, response.content_type) == (200, encoding)
    assert response.data == (b"" if encoding == PROTOBUF else b"{}")
    assert stored.bodies(settings.clickhouse_url) == ["stored"]


def test_stored_row_holds_what_was_sent(api: Api, settings: Settings) -> None:
    sent_at_ns = time.time_ns()
    made = request(
        record(
            {"event": "paid"},
            {"order": {"id": 17}, "ok": True, "note": "nul \x00 🦔"},
            time_unix_nano=sent_at_ns,
            severity_number=14,
            trace_id=bytes(range(16)),
            span_id=bytes(range(8)),
            flags=1,
            event_name="order.paid",
        ),
        resource={"service.name": "shop", "host": "a"},
        scope=("cart", "2"),
    )
    assert post(api, made.SerializeToString(), Content_Type=PROTOBUF).status_code == 200
    (row,) = stored.rows(settings.clickhouse_url)
    assert row["uuid"].version == 7
    assert sent_at_ns < row["observed_timestamp"] <= time.time_ns()
    assert {name: row[name] for name in row if name not in ("uuid", "observed_timestamp", "expires_on")} == {
        "project_id": api.ada.project_id,
        "timestamp": sent_at_ns,
        "trace_id": bytes(range(16)).hex(),
        "span_id": bytes(range(8)).hex(),
        "trace_flags": 1,
        "severity_text": "warn",
        "severity_number": 14,
        "service_name": "shop",
        "body": '{"event":"paid"}',
        "attributes": {"note": "nul \x00 🦔", "ok": "true", "order.id": "17"},
        "resource_attributes": {"host": "a", "service.name": "shop"},
        "resource_fingerprint": row["resource_fingerprint"],
        "scope_name": "cart",
        "scope_version": "2",
        "event_name": "order.paid",
    }


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("encoding", [PROTOBUF, JSON])
def test_compressed_requests_are_stored(api: Api, settings: Settings, compression: str, encoding: str) -> None:
    body = message("packed").SerializeToString() if encoding == PROTOBUF else as_json(message("packed"))
    packed = COMPRESSIONS[compression](body)
    response = post(api, packed, Content_Type=encoding, Content_Encoding=compression)
    assert response.status_code == 200, response.data
    assert stored.bodies(settings.clickhouse_url) == ["packed"]


@pytest.mark.parametrize("content_type", ["", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"])
def test_without_a_helpful_content_type_the_body_decides(api: Api, settings: Settings, content_type: str) -> None:
    as_protobuf = post(api, gzip.compress(message("protobuf").SerializeToString()), Content_Type=content_type)
    assert (as_protobuf.status_code, as_protobuf.content_type) == (200, PROTOBUF)
    text = post(api, as_json(message("text")), Content_Type=content_type)
    assert (text.status_code, text.content_type) == (200, JSON)
    assert stored.bodies(settings.clickhouse_url) == ["protobuf", "text"]


def test_rows_with_one_timestamp_stay_in_the_order_in_which_they_were_sent(api: Api, settings: Settings) -> None:
    now_ns = time.time_ns()
    lines = [f"line {number:03}" for number in range(300)]
    for part in (lines[:100], lines[100:200], lines[200:]):
        made = request(*(record(line, time_unix_nano=now_ns) for line in part))
        assert post(api, made.SerializeToString(), Content_Type=PROTOBUF).status_code == 200
    assert stored.bodies(settings.clickhouse_url) == lines


# --- Who may send --------------------------------------------------------------------------------------------


def test_token_may_stand_in_the_address(api: Api, settings: Settings) -> None:
    response = post(api, as_json(message()), token="", path=f"/i/v1/logs?token={api.ada.token}")
    assert response.status_code == 200
    assert stored.count(settings.clickhouse_url) == 1


def test_token_of_the_header_wins(api: Api, settings: Settings) -> None:
    post(api, as_json(message()), token=api.bob.token, path=f"/v1/logs?token={api.ada.token}")
    assert [row["project_id"] for row in stored.rows(settings.clickhouse_url)] == [api.bob.project_id]
    refused = post(api, as_json(message()), token="phc_wrong", path=f"/v1/logs?token={api.ada.token}")
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        ("", "not_authenticated", "No ingestion token was given"),
        ("Bearer ", "not_authenticated", "No ingestion token was given"),
        ("Bearer phc_unknown", "authentication_failed", "not known here"),
        ("Bearer phx_key", "authentication_failed", "personal API key"),
        ("Bearer something", "authentication_failed", "not an ingestion token"),
        ("Basic cGhjXw==", "authentication_failed", "not an ingestion token"),
        ("Bearer phc_\xe9", "authentication_failed", "not known here"),
    ],
)
def test_request_without_a_good_token_is_told_what_is_wrong(
    api: Api, settings: Settings, header: str, code: str, words: str
) -> None:
    response = api.client.post("/v1/logs", data=as_json(message()), headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    body = json.loads(response.data)
    assert (body["type"], body["code"], body["attr"]) == ("authentication_error", code, None)
    assert words in body["detail"]
    assert body["message"] == body["detail"]
    assert stored.count(settings.clickhouse_url) == 0


def test_personal_key_of_a_member_cannot_send(api: Api) -> None:
    response = post(api, as_json(message()), token=api.ada.key)
    assert response.status_code == 401
    assert "cannot send logs" in json.loads(response.data)["detail"]


def test_revoked_token_is_told_so(api: Api) -> None:
    token = db.session.query(IngestionToken).filter_by(token_hash=hash_secret(api.ada.token)).one()
    token.revoked_at = token.created_at
    db.session.commit()
    response = post(api, as_json(message()))
    assert response.status_code == 401
    assert "was revoked" in json.loads(response.data)["detail"]


def test_failure_is_a_status_for_who_speaks_protobuf(api: Api) -> None:
    response = post(api, b"", token="phc_unknown", Content_Type=PROTOBUF)
    assert (response.status_code, response.content_type) == (401, PROTOBUF)
    status = Status.FromString(response.data)
    assert status.code == 16
    assert "not known here" in status.message


# --- Retries and failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [False, True])
def test_request_sent_again_is_stored_once(api: Api, settings: Settings, compress: bool) -> None:
    body = message("once", "and twice").SerializeToString()
    for attempt in range(3):
        sent = gzip.compress(body, compresslevel=attempt + 1) if compress else body
        assert post(api, sent, Content_Type=PROTOBUF).status_code == 200
    assert stored.bodies(settings.clickhouse_url) == ["once", "and twice"]


def test_same_bytes_for_two_projects_are_two_requests(api: Api, settings: Settings) -> None:
    body = message().SerializeToString()
    for person in (api.ada, api.bob):
        assert post(api, body, token=person.token, Content_Type=PROTOBUF).status_code == 200
    assert {row["project_id"] for row in stored.rows(settings.clickhouse_url)} == {
        api.ada.project_id,
        api.bob.project_id,
    }


@pytest.mark.parametrize("encoding", [PROTOBUF, JSON])
def test_without_clickhouse_the_client_is_told_to_wait(settings: Settings, api: Api, encoding: str) -> None:
    body = message().SerializeToString() if encoding == PROTOBUF else as_json(message())
    with changed(api, settings, clickhouse_url=f"clickhouse://app:x@127.0.0.1:{free_port()}/hedgerow") as away:
        response = post(away, body, Content_Type=encoding)
    assert (response.status_code, response.content_type) == (503, encoding)
    assert int(response.headers["Retry-After"]) > 0
    if encoding == PROTOBUF:
        assert Status.FromString(response.data).code == 14
    else:
        assert json.loads(response.data)["code"] == "unavailable"


def test_request_that_could_not_be_stored_for_an_unknown_reason_is_to_be_sent_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise HedgerowError("ClickHouse could not answer: error 999.")

    monkeypatch.setattr(Store, "insert", fail)
    response = post(api, as_json(message()), Content_Type=JSON)
    assert response.status_code == 503
    assert "error 999" in json.loads(response.data)["detail"]


def test_unexpected_failure_shows_no_trace_and_names_the_request(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(Store, "insert", fail)
    api.app.config["PROPAGATE_EXCEPTIONS"] = False
    response = post(api, message().SerializeToString(), Content_Type=PROTOBUF, X_Request_Id="abc123")
    assert response.status_code == 500
    status = Status.FromString(response.data)
    assert status.code == 13
    assert "abc123" in status.message
    assert b"secret" not in response.data


def test_sql_database_that_is_away_is_waited_for(settings: Settings, api: Api) -> None:
    with changed(api, settings, database_url=f"sqlite:///{settings.data_dir}/missing/none.sqlite3") as away:
        response = post(away, as_json(message()), Content_Type=JSON)
    assert response.status_code == 503
    assert response.headers["Retry-After"]


# --- Browsers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_browser_of_any_origin_may_ask_and_send(api: Api, path: str) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-own",
    }
    preflight = api.client.options(path, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,content-type,x-own"
    assert int(preflight.headers["Access-Control-Max-Age"]) > 0
    assert "Set-Cookie" not in preflight.headers
    sent = post(api, as_json(message()), path=path, Origin="https://shop.example", Content_Type=JSON)
    assert sent.status_code == 200
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in sent.headers


def test_session_and_its_csrf_rules_do_not_matter_here(api: Api) -> None:
    api.sign_in(api.ada)
    assert post(api, as_json(message()), Content_Type=JSON).status_code == 200
    assert post(api, as_json(message()), token="", Content_Type=JSON).status_code == 401


def test_other_methods_are_not_allowed(api: Api) -> None:
    response = api.client.get("/v1/logs")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
