"""Hedgerow's own log lines, handed to the OpenTelemetry SDK, which sends them to Hedgerow's own OTLP endpoint.

The lines are on stdout as well, so shipping may give up: it never blocks a request, never fails one, and never
holds a process at its end for more than a second.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging

    from structlog.typing import EventDict, WrappedLogger

    from webapp.observability.pipeline import Pipeline
    from webapp.settings import Settings

SILENT_LOGGERS = ("opentelemetry", "urllib3", "requests")  # what they say is about shipping itself
NOT_ATTRIBUTES = frozenset({"event", "level", "logger", "exc_info", "_record", "_from_structlog"})

_unshipped: ContextVar[bool] = ContextVar("hedgerow_unshipped", default=False)


@contextmanager
def unshipped() -> Iterator[None]:
    """Keep what is logged inside on stdout only: for work that storing our own lines causes."""
    mark = _unshipped.set(True)
    try:
        yield
    finally:
        _unshipped.reset(mark)


def set_unshipped(value: bool) -> None:
    """Say for the present thread whether its lines stay on stdout only, until it is said again."""
    _unshipped.set(value)


def is_unshipped() -> bool:
    """Whether the present thread's lines stay on stdout only."""
    return _unshipped.get()


class Shipper:
    """A structlog processor that also ships each event.

    The pipeline is made at the first line of a process, and again after a fork, because neither threads nor
    connections survive one.
    """

    def __init__(self, settings: Settings, component: str) -> None:
        self._settings = settings
        self._component = component
        self._lock = threading.Lock()
        self._pipeline: Pipeline | None = None
        self._inherited: Pipeline | None = None
        self._closed = False
        # Registered before any pipeline exists, and so run before the hooks of the SDK.
        os.register_at_fork(after_in_child=self._after_fork)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Ship the event where it may be shipped, and pass it on.

        A failure closes shipping and is told on the line itself: the line must come out whatever happens.
        """
        record: logging.LogRecord = event["_record"]
        if is_unshipped() or self._closed or record.name.startswith(SILENT_LOGGERS):
            return event
        try:
            with unshipped():  # making the pipeline may log, for instance a warning of an import
                self._current().emit(
                    record.name,
                    int(record.created * 1e9),
                    str(event.get("level", "info")),
                    text_of(event.get("event", "")),
                    attributes_of(event),
                )
        except Exception as error:
            self._closed = True
            event["shipping_stopped"] = repr(error)
        return event

    def stop(self) -> None:
        """Send what waits and ship nothing more in this process."""
        with self._lock:
            pipeline, self._pipeline, self._closed = self._pipeline, None, True
        if pipeline is not None:
            pipeline.close()

    def _current(self) -> Pipeline:
        with self._lock:
            if self._pipeline is None:
                from webapp.observability.pipeline import Pipeline

                if self._inherited is not None:
                    self._inherited.end_idle_thread()
                    self._inherited = None
                self._pipeline = Pipeline(self._settings, self._component)
            return self._pipeline

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        if self._pipeline is not None:
            self._pipeline.disown()
            self._inherited, self._pipeline = self._pipeline, None


def attributes_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event's own keys as OpenTelemetry attributes, with the exception taken apart."""
    attributes = {key: _value(value) for key, value in event.items() if key not in NOT_ATTRIBUTES and value is not None}
    kind, error, trace = exception_of(event.get("exc_info"))
    if kind is not None:
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        attributes["exception.type"] = f"{module}{kind.__qualname__}"
        attributes["exception.message"] = text_of(error)
        attributes["exception.stacktrace"] = text_of("".join(traceback.format_exception(kind, error, trace)))
    return attributes


ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def exception_of(exc_info: Any) -> ExcInfo:
    """The exception that a log call means by its ``exc_info``: a tuple, an exception, or true for the present one."""
    if isinstance(exc_info, BaseException):
        return type(exc_info), exc_info, exc_info.__traceback__
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        return exc_info
    return sys.exc_info() if exc_info else (None, None, None)


def text_of(value: object) -> str:
    """The value as text that protobuf accepts: one lone surrogate would lose the whole batch."""
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _value(value: Any) -> Any:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, bool | int | float | bytes):
        return value
    if isinstance(value, Mapping):
        return {text_of(key): _value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(item) for item in value]
    return text_of(value)
