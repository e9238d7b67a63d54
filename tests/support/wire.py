"""A client that sends requests over a socket, in the place of the application's own test client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse
from werkzeug.wrappers import Request


class WireClient:
    """Asks a real server: what its own parser refuses is refused here, too. One connection for each request."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc

    def open(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | None = None,
    ) -> TestResponse:
        """Send one request, with ``json`` or ``data`` as its body if there is one."""
        body = data if json is None else _as_json(json)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if json is not None else {})}
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, url, body, sent)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        status = f"{answer.status} {answer.reason}"
        return TestResponse([content], status, answer.getheaders(), Request({"REQUEST_METHOD": method}))  # type: ignore[arg-type]

    def post(self, url: str, *, data: bytes, headers: Mapping[str, str]) -> TestResponse:
        """Send bytes."""
        return self.open(url, method="POST", data=data, headers=headers)


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()
