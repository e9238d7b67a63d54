"""Thousands of malformed requests: each is told what is wrong with it, none breaks the server, and none fills it."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from tests.support.api import Api, make_api
from tests.support.malformed import Malformed, malformed_requests
from tests.support.otlp import as_json, record, request
from tests.support.otlp_http import JSON, PROTOBUF
from tests.support.web import run_gunicorn, web_processes
from webapp.settings import MIB, Settings

REFUSALS = 5_000
WARM = 1_000  # after so many, whatever is loaded or kept once has been
GROWTH_BYTES = 48 * MIB  # of which a request takes its 4 MiB a few times over
BROKEN = ("Traceback", "unexpected error", "Error handling request")


@pytest.fixture
def api(app: Flask) -> Api:
    return make_api(app)


@pytest.fixture
def server(api: Api, settings: Settings, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Where gunicorn serves the instance with one process, and its log."""
    log = tmp_path / "gunicorn.log"
    limited = replace(settings, max_body_bytes=MIB, max_inflated_bytes=4 * MIB)
    with run_gunicorn(limited, log) as address:
        yield address, log


def sentence(kind: str, body: bytes) -> str:
    """Return what a refusal says, in the encoding that it is in."""
    if kind == PROTOBUF:
        return str(Status.FromString(body).message)
    return str(json.loads(body)["detail"])


def send(connection: HTTPConnection, asked: Malformed, api: Api) -> tuple[int, str, bytes]:
    credential = api.ada.key if asked.path.startswith("/api/") else api.ada.token
    headers = {"Authorization": f"Bearer {credential}", **asked.headers}
    connection.request("POST", asked.path, asked.body, headers)
    response = connection.getresponse()
    return response.status, response.headers.get("Content-Type", ""), response.read()


def test_five_thousand_malformed_requests_are_each_told_what_is_wrong_within_bounded_memory(
    api: Api, server: tuple[str, Path]
) -> None:
    address, log = server
    [process] = web_processes()
    refused: Counter[tuple[str, int]] = Counter()
    warm_bytes = peak_bytes = 0
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        for asked in malformed_requests(20261124, f"/api/projects/{api.ada.project_id}/logs"):
            status, kind, body = send(connection, asked, api)
            assert status == 200 or 400 <= status < 500, (asked, status, body)
            if status == 200:  # what was damaged can still be read, or its neighbours can
                assert kind != PROTOBUF or ExportLogsServiceResponse.FromString(body) is not None
                continue
            said = sentence(kind, body)
            assert len(said) > 10, (asked, said)
            assert said.rstrip().endswith((".", "]")) or asked.path.startswith("/api/"), (asked, said)
            refused[asked.kind, status] += 1
            if refused.total() == WARM:
                warm_bytes = peak_bytes = process.memory_info().rss
            if refused.total() > WARM and refused.total() % 20 == 0:
                peak_bytes = max(peak_bytes, process.memory_info().rss)
            if refused.total() == REFUSALS:
                break
    assert {kind for kind, _ in refused} >= {
        "protobuf",
        "noise",
        "types",
        "json",
        "bomb",
        "packed",
        "lines",
        "query",
        "filter",
    }
    assert refused["bomb", 413] == sum(number for (kind, _), number in refused.items() if kind == "bomb") > 100
    assert peak_bytes - warm_bytes < GROWTH_BYTES, f"{(peak_bytes - warm_bytes) / MIB:.0f} MiB"
    assert web_processes() == [process]
    assert not [word for word in BROKEN if word in log.read_text()]


def test_connections_that_end_within_a_chunk_leave_nothing_behind(api: Api, server: tuple[str, Path]) -> None:
    address, log = server
    parts = urlsplit(address)
    [process] = web_processes()
    body = as_json(request(record("x" * 20_000)))
    head = f"POST /v1/logs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {api.ada.token}\r\nContent-Type: {JSON}\r\n"
    chunked = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
    cuts = [chunked + b"%x\r\n" % len(body) + body[:end] for end in range(0, len(body), len(body) // 50)]
    cuts += [chunked + size + b"\r\n" + body for size in (b"", b"-5", b"zz", b"0x10", b"f" * 40, b"5;" + b"x" * 5_000)]
    cuts += [f"{head}Content-Length: {len(body) + more}\r\n\r\n".encode() + body for more in (1, 10**6)]
    for _ in range(4):
        for cut in cuts:
            with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 30) as wire:
                wire.sendall(cut)
                wire.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda: wire.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 400 "), (cut[-80:], answer)
            assert sentence(JSON, answer.partition(b"\r\n\r\n")[2]).endswith(".")
    assert web_processes() == [process]
    assert not [word for word in BROKEN if word in log.read_text()]
    assert process.num_fds() < 100
    assert api.count(dateRange={"date_from": "all"}) == 0
