"""Hand the shop's lines to the OpenTelemetry SDK: one by one as they happen, or a day in big batches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider, LogRecordLimits, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from webapp.demo.model import DEBUG, ERROR, FATAL, INFO, WARN, Attributes, Instance, Line
from webapp.observability.otlp import Exporter, Session

ATTEMPT_TIMEOUT_S = 10.0
EXPORT_TIMEOUT_S = 120.0  # with retries: a restart of the server in the middle of a back-fill loses nothing
END_TIMEOUT_S = 3.0  # somebody has pressed Ctrl-C
LIVE_QUEUE_SIZE = 32_768
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SEVERITIES = {number.value: number for number in SeverityNumber}
SEVERITY_TEXTS = {DEBUG: "DEBUG", INFO: "INFO", WARN: "WARN", ERROR: "ERROR", FATAL: "FATAL"}
LIMITS = LogRecordLimits()


class Refused(Exception):
    """Hedgerow does not take the logs; the text is one plain sentence."""


class Emitter:
    """Sends to one running instance."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = Session(ATTEMPT_TIMEOUT_S)
        self._session.patient = False  # until it has answered once, not answering is the answer
        # On one machine the processor is the narrow place, not the network.
        self._exporter = Exporter(
            f"{url}/v1/logs",
            token,
            self._session,
            timeout_s=EXPORT_TIMEOUT_S,
            compress=urlsplit(url).hostname not in LOOPBACK,
        )
        self._resources: dict[Instance, Resource] = {}
        self._scopes: dict[str, InstrumentationScope] = {}
        for name in ("opentelemetry", "opentelemetry.exporter"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # we say it in our own words

    @property
    def accepted(self) -> int:
        """How many lines Hedgerow has acknowledged."""
        return self._exporter.accepted

    @property
    def failing(self) -> bool:
        """Whether the last attempt failed in a way that waiting could heal."""
        return self._session.failing

    def check(self) -> None:
        """Send a request without lines.

        Raises:
            Refused: nobody answers, or the token is not good.
        """
        self.send([])
        self._session.patient = True

    def send(self, lines: Sequence[Line]) -> None:
        """Send one batch now, trying again for two minutes where that can help.

        Raises:
            Refused: the lines were not accepted.
        """
        context = _Contexts()
        batch = [
            ReadableLogRecord(_record(line, context), self._resource(line.source), self._scope(line.scope), LIMITS)
            for line in lines
        ]
        if self._exporter.export(batch) is not LogRecordExportResult.SUCCESS:
            self.raise_if_refused()
            raise Refused(f"Hedgerow at {self._url} did not take the logs in two minutes of trying.")

    def raise_if_refused(self) -> None:
        """Say why the last request failed, if trying again cannot help.

        Raises:
            Refused: with the reason.
        """
        status = self._session.status
        if status in (401, 403):
            raise Refused(f"Hedgerow at {self._url} refused the ingestion token of the project ({status}).")
        if status is not None and 400 <= status < 429:
            raise Refused(f"What answers at {self._url}/v1/logs does not take logs ({status}).")
        if self._session.failing and not self._session.patient:
            if status is None:
                raise Refused(f"Hedgerow is not running at {self._url}: start it with ./hedgerow")
            raise Refused(f"Hedgerow at {self._url} cannot take logs right now ({status}); its own log says why.")

    def stop_trying(self) -> None:
        """Make failures final, so that the end does not wait for an instance that is away."""
        self._exporter.give_up()

    def live(self) -> LiveStream:
        """Begin to emit lines as they happen."""
        return LiveStream(self._exporter, self._resource)

    def _resource(self, source: Instance) -> Resource:
        if source not in self._resources:
            self._resources[source] = _Resource(source.attributes)
        return self._resources[source]

    def _scope(self, name: str) -> InstrumentationScope:
        if name not in self._scopes:
            self._scopes[name] = InstrumentationScope(name)
        return self._scopes[name]


class _Resource(Resource):
    """A resource that knows its hash: the SDK asks for it with every line, and makes JSON of it each time."""

    def __init__(self, attributes: Attributes) -> None:
        super().__init__(attributes)
        self._hash = super().__hash__()

    def __hash__(self) -> int:
        return self._hash


class LiveStream:
    """A logger provider for each instance of the shop, and one queue for all."""

    def __init__(self, exporter: Exporter, resource: Callable[[Instance], Resource]) -> None:
        self._exporter = exporter
        self._resource = resource
        self._processor = BatchLogRecordProcessor(
            exporter, schedule_delay_millis=500, max_export_batch_size=512, max_queue_size=LIVE_QUEUE_SIZE
        )
        self._providers: dict[Instance, LoggerProvider] = {}
        self._context = _Contexts()

    def emit(self, lines: Iterable[Line]) -> None:
        """Queue lines; the SDK sends them."""
        for line in lines:
            self._provider(line.source).get_logger(line.scope).emit(_record(line, self._context))

    def close(self) -> None:
        """Send what waits, if that does not take long."""
        self._exporter.give_up()
        ending = threading.Thread(target=self._processor.shutdown, daemon=True)
        ending.start()
        ending.join(END_TIMEOUT_S)

    def _provider(self, source: Instance) -> LoggerProvider:
        if source not in self._providers:
            provider = LoggerProvider(self._resource(source), shutdown_on_exit=False)
            provider.add_log_record_processor(self._processor)
            self._providers[source] = provider
        return self._providers[source]


class _Contexts:
    """The SDK's context of a span, kept while lines of the same span follow each other."""

    def __init__(self) -> None:
        self._key = (0, 0)
        self._outside = self._context = set_span_in_context(INVALID_SPAN, Context())

    def of(self, trace_id: int, span_id: int) -> Context:
        if not trace_id:
            return self._outside
        if self._key != (trace_id, span_id):
            self._key = (trace_id, span_id)
            span = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            self._context = set_span_in_context(NonRecordingSpan(span), Context())
        return self._context


def _record(line: Line, contexts: _Contexts) -> LogRecord:
    return LogRecord(
        timestamp=line.timestamp_ns,
        observed_timestamp=line.timestamp_ns,
        context=contexts.of(line.trace_id, line.span_id),
        severity_number=SEVERITIES[line.severity],
        severity_text=SEVERITY_TEXTS.get(line.severity),
        body=line.body,
        attributes=line.attributes,
        event_name=line.event_name or None,
    )
