"""Sending log records by OTLP with the OpenTelemetry SDK, and knowing when to stop trying."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult


class Abandoned(Exception):
    """An attempt failed that is not to be repeated; the SDK does not retry errors that it does not know."""


class Session(requests.Session):
    """Keep each attempt short, remember how the last one went, and make failures final when asked to."""

    def __init__(self, attempt_timeout_s: float) -> None:
        super().__init__()
        self.headers["Connection"] = "close"  # an idle connection would hold up a web server that wants to stop
        self.trust_env = False  # neither a proxy nor a .netrc may replace what we send or where
        self.attempt_timeout_s = attempt_timeout_s
        self.patient = True
        self.failing = False
        self.status: int | None = None

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """Send one request; ``failing`` says afterwards whether it failed in a way that waiting could heal."""
        options["timeout"] = min(options.get("timeout") or self.attempt_timeout_s, self.attempt_timeout_s)
        try:
            response = super().request(*args, **options)
        except requests.RequestException as error:
            self.status, self.failing = None, True
            if not self.patient:
                raise Abandoned(str(error)) from error
            raise
        self.status, self.failing = response.status_code, response.status_code >= 429
        if self.failing and not self.patient:
            raise Abandoned(f"the endpoint answered {response.status_code}")
        return response


class Exporter(OTLPLogExporter):
    """The SDK's exporter over such a session."""

    def __init__(self, endpoint: str, token: str, session: Session, *, timeout_s: float, compress: bool = True) -> None:
        super().__init__(
            endpoint=endpoint,
            headers={"Authorization": f"Bearer {token}"},
            compression=Compression.Gzip if compress else Compression.NoCompression,
            timeout=timeout_s,
            session=session,
        )
        self.session = session
        self.accepted = 0
        self._counting = threading.Lock()
        self._pid = os.getpid()

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Send one batch, unless patience is over and the endpoint is known to be away."""
        if self.session.failing and not self.session.patient:
            return LogRecordExportResult.FAILURE
        result = super().export(batch)
        if result is LogRecordExportResult.SUCCESS:
            with self._counting:
                self.accepted += len(batch)
        return result

    def give_up(self) -> None:
        """From now on a failure is final; end a wait for the next attempt if there is one."""
        self.session.patient = False
        if self.session.failing:
            self.shutdown()

    def shutdown(self) -> None:
        """End retries and close the connection: not in a forked child, which has locks but not their holders."""
        if os.getpid() == self._pid and not self._shutdown:
            super().shutdown()  # type: ignore[no-untyped-call]
