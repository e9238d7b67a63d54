"""Sending OTLP requests to the application, of every kind."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from werkzeug.test import TestResponse

from tests.support.api import Api, SeparateClient
from tests.support.otlp import record, request
from webapp import create_app
from webapp.extensions import db, store
from webapp.settings import Settings

PROTOBUF, JSON = "application/x-protobuf", "application/json"
PATHS = ("/v1/logs", "/v1/logs/", "/i/v1/logs", "/i/v1/logs/")

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}


def message(*bodies: str) -> ExportLogsServiceRequest:
    """Return a request with a record of now for each body."""
    return request(*(record(body, time_unix_nano=time.time_ns()) for body in bodies or ("hello",)))


def post(api: Api, body: bytes, token: str | None = None, path: str = "/v1/logs", **headers: str) -> TestResponse:
    """Send bytes with Ada's token, another one, or none if it is empty."""
    token = api.ada.token if token is None else token
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.post(path, data=body, headers=sent)


@contextmanager
def changed(api: Api, settings: Settings, **changes: Any) -> Iterator[Api]:
    """Yield the same instance under other settings."""
    app = create_app(replace(settings, **changes))
    app.test_client_class = SeparateClient
    with app.app_context():
        yield Api(app, app.test_client(), api.ada, api.bob)
        store.close()
        db.engine.dispose()
