"""The OpenTelemetry side of shipping: queue, sending thread and connection of one process.

Imported at a process's first shipped line: the SDK costs 0.2 s, which a process that does not ship need not pay.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

import webapp
from webapp.observability.otlp import Exporter, Session

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


class Pipeline:
    """What one process ships through; a forked child needs its own."""

    def __init__(self, settings: Settings, component: str) -> None:
        self._exporter = Exporter(
            settings.own_logs_endpoint,
            settings.own_logs_token,
            Session(ATTEMPT_TIMEOUT_S),
            timeout_s=EXPORT_TIMEOUT_S,
        )
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
        self._exporter.give_up()
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
