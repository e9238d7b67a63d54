"""The OpenTelemetry side of shipping: queue, sending thread and connection of one process.

Imported at a process's first shipped line: the SDK costs 0.2 s, which a process that does not ship need not pay.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import requests
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource

import webapp

if TYPE_CHECKING:
    from webapp.settings import Settings

ATTEMPT_TIMEOUT_S = 2.0  # of one HTTP request, and so about the longest that an ending process waits
EXPORT_TIMEOUT_S = 30.0  # with retries: a restart of ClickHouse or of the web server loses nothing
SEND_EVERY_MS = 1000  # own lines are on the page within two seconds
QUEUE_SIZE = 8192  # lines kept while ingestion is away; then the oldest go

SEVERITIES = {
    "debug": SeverityNumber.DEBUG,
    "info": SeverityNumber.INFO,
    "warning": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR,
    "critical": SeverityNumber.FATAL,
}


class Abandoned(Exception):
    """An attempt failed while the process is ending; the SDK does not retry errors that it does not know."""


class Session(requests.Session):
    """Keep each attempt short, and make failures final once the process is ending."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor a .netrc may come between us and ourselves
        self.closing = False
        self.failing = False

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """Send one request, and remember whether it failed in a way that waiting could heal."""
        options["timeout"] = min(options.get("timeout") or ATTEMPT_TIMEOUT_S, ATTEMPT_TIMEOUT_S)
        try:
            response = super().request(*args, **options)
        except requests.RequestException as error:
            self.failing = True
            if self.closing:
                raise Abandoned(str(error)) from error
            raise
        self.failing = response.status_code >= 429
        if self.failing and self.closing:
            raise Abandoned(f"the endpoint answered {response.status_code}")
        return response


class Exporter(OTLPLogExporter):
    """Send batches over one session, which decides when trying is over."""

    def __init__(self, endpoint: str, token: str, session: Session) -> None:
        super().__init__(
            endpoint=endpoint,
            headers={"Authorization": f"Bearer {token}"},
            compression=Compression.Gzip,
            timeout=EXPORT_TIMEOUT_S,
            session=session,
        )
        self._of_session = session
        self._of_pid = os.getpid()

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Send one batch, unless the process is ending and the endpoint is known to be away."""
        if self._of_session.closing and self._of_session.failing:
            return LogRecordExportResult.FAILURE
        return super().export(batch)

    def shutdown(self) -> None:
        """End retries and close the connection: not in a forked child, which has locks but not their holders."""
        if os.getpid() == self._of_pid:
            super().shutdown()  # type: ignore[no-untyped-call]


class Pipeline:
    """What one process ships through; a forked child needs its own."""

    def __init__(self, settings: Settings, component: str) -> None:
        self._session = Session()
        self._exporter = Exporter(settings.own_logs_endpoint, settings.own_logs_token, self._session)
        self._processor = BatchLogRecordProcessor(
            self._exporter, schedule_delay_millis=SEND_EVERY_MS, max_export_batch_size=512, max_queue_size=QUEUE_SIZE
        )
        self._provider: LoggerProvider | None = LoggerProvider(describe_process(component), shutdown_on_exit=False)
        self._provider.add_log_record_processor(self._processor)

    def emit(self, logger: str, timestamp_ns: int, level: str, body: str, attributes: dict[str, Any]) -> None:
        """Queue one line; the oldest goes when the queue is full."""
        if self._provider is not None:
            self._provider.get_logger(logger).emit(
                timestamp=timestamp_ns,
                severity_text=level,
                severity_number=SEVERITIES.get(level, SeverityNumber.INFO),
                body=body,
                attributes=attributes,
            )

    def close(self) -> None:
        """Send what waits, in about two seconds at most, then end the thread."""
        self._session.closing = True
        if self._session.failing:
            self._exporter.shutdown()  # it may be waiting to try again
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def disown(self) -> None:
        """Forget the provider, in a child just forked: else the SDK detects resources anew there."""
        self._provider = None

    def end_idle_thread(self) -> None:
        """End the thread that the SDK starts in a forked child for the queue of its parent."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]


def describe_process(component: str) -> Resource:
    """The resource of this process's lines."""
    host, pid = socket.gethostname(), os.getpid()
    return Resource(
        {
            "service.name": f"hedgerow-{component}",
            "service.version": webapp.__version__,
            "service.instance.id": f"{host}:{pid}",
            "host.name": host,
            "process.pid": pid,
        }
    )
