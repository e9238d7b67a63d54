"""The OpenTelemetry side of shipping: queue, sending thread and connection of one process.

Imported at a process's first shipped line: the SDK costs 0.2 s, which a process that does not ship need not pay.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

import webapp
from webapp.observability.otlp import Exporter, Session

if TYPE_CHECKING:
    from webapp.settings import Settings

ATTEMPT_TIMEOUT_S = 10.0  # of one HTTP request: while the web server restarts, connections queue at its socket
EXPORT_TIMEOUT_S = 60.0  # with retries: a restart of ClickHouse or of the web server loses nothing
END_TIMEOUT_S = 1.0  # that an ending process waits: the lines are on stdout too, and whoever stopped it waits as well
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
        self._ending, self._ended = threading.Event(), threading.Event()
        # Begun now, because a process at its end may not start threads any more.
        threading.Thread(target=self._end_when_asked, name="own-logs-end", daemon=True).start()
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
        """Send what waits, if that is quick."""
        logging.getLogger("opentelemetry.exporter").setLevel(
            logging.CRITICAL
        )  # that nobody listens is no news at the end
        self._exporter.give_up()
        self._ending.set()
        self._ended.wait(END_TIMEOUT_S)

    def disown(self) -> None:
        """Forget the provider, in a child just forked: else the SDK detects resources anew there."""
        self._provider = None

    def end_idle_thread(self) -> None:
        """End the thread that the SDK starts in a forked child for the queue of its parent."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _end_when_asked(self) -> None:
        self._ending.wait()
        self._processor.shutdown()  # type: ignore[no-untyped-call]
        self._ended.set()


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
