"""The endpoint for JSON lines."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from tests.support import stored
from tests.support.api import Api
from tests.support.otlp_http import COMPRESSIONS, changed, post
from webapp.settings import Settings

PATH = "/i/v1/jsonline"


def line(text: str, **fields: object) -> bytes:
    return json.dumps({"ts": time.time_ns(), "msg": text, "service": "shop", **fields}).encode()


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
@pytest.mark.parametrize("content_type", ["application/x-ndjson", "application/json", "text/plain", "", "x"])
def test_lines_are_stored_whatever_the_content_type(api: Api, settings: Settings, path: str, content_type: str) -> None:
    response = post(api, line("one") + b"\n" + line("two", level="warn"), path=path, Content_Type=content_type)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert json.loads(response.data) == {"accepted": 2, "rejected": 0}
    rows = stored.rows(settings.clickhouse_url)
    assert [(row["body"], row["severity_text"], row["service_name"]) for row in rows] == [
        ("one", "info", "shop"),
        ("two", "warn", "shop"),
    ]
    assert {row["project_id"] for row in rows} == {api.ada.project_id}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_compressed_lines_are_stored(api: Api, settings: Settings, compression: str) -> None:
    packed = COMPRESSIONS[compression](line("packed"))
    assert post(api, packed, path=PATH, Content_Encoding=compression).status_code == 200
    assert stored.bodies(settings.clickhouse_url) == ["packed"]


def test_lines_that_are_refused_are_told_by_number_and_the_others_stored(api: Api, settings: Settings) -> None:
    body = b"\n".join([line("before"), b"{", line("lost", ts="never"), line("after")])
    response = post(api, body, path=PATH)
    assert response.status_code == 200
    answer = json.loads(response.data)
    assert (answer["accepted"], answer["rejected"]) == (2, 2)
    assert [error["line"] for error in answer["errors"]] == [2, 3]
    assert answer["errors"][0]["detail"].startswith("The line is not JSON: ")
    assert answer["errors"][1]["detail"].startswith("ts must be a time like ")
    assert stored.bodies(settings.clickhouse_url) == ["before", "after"]


def test_body_without_one_good_line_is_refused_as_a_whole(api: Api, settings: Settings) -> None:
    response = post(api, b"plain text\nmore of it", path=PATH)
    assert response.status_code == 400
    fields = json.loads(response.data)
    assert (fields["type"], fields["code"], fields["attr"]) == ("invalid_request", "parse_error", None)
    assert fields["detail"].startswith("No line could be stored. Line 1: The line is not JSON: ")
    assert stored.count(settings.clickhouse_url) == 0


@pytest.mark.parametrize("body", [b"", b"\n\n"])
def test_nothing_is_accepted_from_nothing(api: Api, body: bytes) -> None:
    response = post(api, body, path=PATH)
    assert (response.status_code, json.loads(response.data)) == (200, {"accepted": 0, "rejected": 0})


def test_lines_sent_again_are_stored_once(api: Api, settings: Settings) -> None:
    body = line("once")
    for sent in (body, gzip.compress(body), body):
        assert post(api, sent, path=PATH).status_code == 200
    assert stored.bodies(settings.clickhouse_url) == ["once"]


def test_token_is_asked_for_as_with_otlp(api: Api, settings: Settings) -> None:
    assert post(api, line("in the address"), token="", path=f"{PATH}?token={api.ada.token}").status_code == 200
    for token, words in (("", "No ingestion token"), ("phc_no", "not known here"), (api.ada.key, "cannot send logs")):
        refused = post(api, line("nobody's"), token=token, path=PATH)
        assert refused.status_code == 401
        assert words in json.loads(refused.data)["detail"]
    assert stored.bodies(settings.clickhouse_url) == ["in the address"]


def test_limits_of_size_hold(api: Api, settings: Settings) -> None:
    with changed(api, settings, max_body_bytes=2_000, max_inflated_bytes=5_000) as small:
        assert post(small, line("x" * 3_000), path=PATH).status_code == 413
        response = post(small, gzip.compress(line("x" * 6_000)), path=PATH)
    assert response.status_code == 413
    assert "larger than 5,000 bytes when inflated" in json.loads(response.data)["detail"]


def test_browser_of_any_origin_may_ask_and_send(api: Api) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    preflight = api.client.options(f"{PATH}?token={api.ada.token}", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    sent = post(api, line("from a page"), path=PATH, Origin="https://shop.example")
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
