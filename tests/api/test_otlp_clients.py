"""Unmodified clients, over HTTP, through the web server that Hedgerow runs with."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from tests.api.conftest import Served
from tests.support import javascript, stored
from tests.support.otlp import as_json, record, request
from tests.support.web import run_gunicorn
from webapp.settings import MIB

pytestmark = pytest.mark.xdist_group(javascript.GROUP)


def line(body: str = "hello") -> bytes:
    return as_json(request(record(body, time_unix_nano=time.time_ns())))


# --- The SDKs ------------------------------------------------------------------------------------------------


def send_by_python(address: str, token: str, compression: Compression, now_ns: int) -> None:
    exporter = OTLPLogExporter(
        endpoint=f"{address}/v1/logs", headers={"Authorization": f"Bearer {token}"}, compression=compression
    )
    resource = Resource.create({"service.name": f"python-{compression.value}", "replicas": 3})
    provider = LoggerProvider(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, max_export_batch_size=100))
    logger = provider.get_logger("shop.cart", "1.2.3")
    logger.emit(
        timestamp=now_ns,
        severity_number=SeverityNumber.ERROR2,
        severity_text="ERROR2",
        body={"event": "declined", "codes": [1, 2]},
        attributes={"order.id": "A-17", "count": 3, "price": 9.75, "express": True, "tags": ["a", "b"], "raw": b"hi"},
    )
    for number in range(249):
        logger.emit(timestamp=now_ns, severity_number=SeverityNumber.INFO, body=f"line {number}")
    provider.shutdown()


def test_python_sdk_sends_logs(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "opentelemetry")
    for compression in Compression:
        now_ns = time.time_ns()
        send_by_python(served.address, served.ada.token, compression, now_ns)
        rows = stored.rows(served.settings.clickhouse_url, f"service_name = 'python-{compression.value}'")
        lines = [f"line {number}" for number in range(249)]
        assert [row["body"] for row in rows] == ['{"event":"declined","codes":[1,2]}', *lines]
        assert {row["timestamp"] for row in rows} == {now_ns}
        first = rows[0]
        assert (first["severity_text"], first["severity_number"]) == ("error", 18)
        assert (first["scope_name"], first["scope_version"]) == ("shop.cart", "1.2.3")
        assert first["resource_attributes"]["replicas"] == "3"
        assert first["attributes"] == {
            "count": "3",
            "express": "true",
            "order.id": "A-17",
            "price": "9.75",
            "raw": "aGk=",
            "tags": '["a","b"]',
        }
    assert not caplog.records


def test_javascript_sdk_sends_logs(served: Served) -> None:
    javascript.install()
    for encoding in ("json", "protobuf"):
        for compression in ("none", "gzip"):
            javascript.run_node("send.mjs", served.address, served.ada.token, encoding, compression)
            service = f"js-{encoding}-{compression}"
            check_javascript_rows(stored.rows(served.settings.clickhouse_url, f"service_name = '{service}'"))


def check_javascript_rows(rows: list[dict[str, Any]]) -> None:
    by_body = {row["body"]: row for row in rows}
    structured = '{"event":"checkout","level":"error","items":[1,2],"ok":false}'
    cut = "cut in the middle of an emoji \ufffd"
    assert set(by_body) == {"order placed", structured, cut, *(f"line {number}" for number in range(97))}
    assert len(rows) == 100
    placed = by_body["order placed"]
    assert (placed["severity_text"], placed["severity_number"]) == ("warn", 14)
    assert (placed["scope_name"], placed["scope_version"]) == ("shop.cart", "2.3.4")
    assert placed["resource_attributes"]["process.pid"] == "4711"
    assert placed["attributes"] == {
        "count": "3",
        "customer.address.city": "Zürich",
        "customer.name": "Ada",
        "express": "true",
        "order.id": "A-17",
        "price": "9.75",
        "raw": "aGk=",
        "tags": '["new","gift"]',
    }
    assert by_body[structured]["severity_text"] == "error"
    assert by_body[cut]["event_name"] == "cart.cut"
    assert by_body["line 5"]["severity_text"] == "info"


# --- The wire ------------------------------------------------------------------------------------------------


def connect(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)


TOO_MUCH = "The body is larger than 2 MiB. Send it in smaller batches."


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def read_all(wire: socket.socket) -> bytes:
    return b"".join(iter(lambda: wire.recv(4096), b""))


def test_chunked_request_of_unknown_length_is_stored(served: Served) -> None:
    connection = connect(served.address)
    headers = {"Authorization": f"Bearer {served.ada.token}", "Content-Type": "application/json"}
    for size in (1, 7, 100_000):
        plain, packed = line(f"plain {size}"), gzip.compress(line(f"packed {size}"))
        for body, extra in ((plain, {}), (packed, {"Content-Encoding": "gzip"})):
            connection.request("POST", "/v1/logs", pieces(body, size), {**headers, **extra}, encode_chunked=True)
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, b"{}")
    connection.close()
    expected = ["plain 1", "packed 1", "plain 7", "packed 7", "plain 100000", "packed 100000"]
    assert stored.bodies(served.settings.clickhouse_url) == expected


def test_connection_lives_on_after_a_refused_request(served: Served) -> None:
    connection = connect(served.address)
    for token, status in (("phc_wrong", 401), (served.ada.token, 200), ("", 401), (served.ada.token, 200)):
        headers = {"Authorization": f"Bearer {token}"}
        connection.request("POST", "/v1/logs", pieces(line(f"sent {status}") * 1, 50), headers, encode_chunked=True)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()
    assert stored.count(served.settings.clickhouse_url) == 2


def test_client_that_sends_too_much_hears_why(served: Served, tmp_path: Path) -> None:
    limit = 2 * MIB
    enough, too_much = line().ljust(limit), line().ljust(2 * limit)
    with run_gunicorn(replace(served.settings, max_body_bytes=limit), tmp_path / "gunicorn.log") as address:
        for chunked in (False, True):
            for ends in ("keep-alive", "close"):
                for body, status in ((enough, 200), (enough + b" ", 413), (too_much, 413)):
                    headers = {"Authorization": f"Bearer {served.ada.token}", "Connection": ends}
                    sent = pieces(body, 64 * 1024) if chunked else body
                    with closing(connect(address)) as connection:
                        connection.request("POST", "/v1/logs", sent, headers, encode_chunked=chunked)
                        response = connection.getresponse()
                        answer = json.loads(response.read())
                    assert response.status == status
                    assert answer.get("detail", "") == (TOO_MUCH if status == 413 else "")


def test_client_that_asks_first_is_told_to_go_on(served: Served) -> None:
    body = line("after asking")
    head = (
        f"POST /v1/logs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {served.ada.token}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    parts = urlsplit(served.address)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 30) as wire:
        wire.sendall(head.encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 100 Continue")
        wire.sendall(body)
        answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert stored.bodies(served.settings.clickhouse_url) == ["after asking"]


def test_request_that_breaks_off_is_not_stored_and_hurts_nobody(served: Served) -> None:
    head = f"POST /v1/logs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {served.ada.token}\r\n".encode()
    chunked, whole = head + b"Transfer-Encoding: chunked\r\n\r\n", line()
    parts = urlsplit(served.address)
    for broken in (
        chunked + b"5\r\nhel",
        chunked + b"zz\r\n",
        chunked + b"5\r\nhello\r\nnot a length\r\n",
        chunked + b"5\r\nhello?\r\n",
        chunked + b"%x\r\n%b\r\n" % (len(whole), whole),
        head + b"Content-Length: %d\r\n\r\n%b" % (len(whole) + 1, whole),
    ):
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 30) as wire:
            wire.sendall(broken)
            wire.shutdown(socket.SHUT_WR)
            answer = read_all(wire)
        assert answer.startswith(b"HTTP/1.1 400 "), (broken, answer)
    assert stored.count(served.settings.clickhouse_url) == 0
    with closing(connect(served.address)) as connection:
        connection.request("POST", "/v1/logs", line(), {"Authorization": f"Bearer {served.ada.token}"})
        assert connection.getresponse().status == 200
