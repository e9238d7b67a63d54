"""One JSON line per event on stdout, from our modules and from the libraries alike."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Literal, TextIO

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

import webapp
from webapp.observability.shipping import Shipper

if TYPE_CHECKING:
    from structlog.typing import Processor

    from webapp.settings import Settings

Component = Literal["web", "worker", "scheduler", "supervisor", "cli"]

QUIET = {  # libraries whose level is at least this
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "clickhouse_driver": logging.WARNING,
    "opentelemetry": logging.WARNING,
    "opentelemetry.exporter": logging.ERROR,  # a retry is no news
    "requests": logging.WARNING,
    "urllib3": logging.WARNING,
}

log = structlog.get_logger("webapp.process")
_shipper: Shipper | None = None


class _Handler(logging.StreamHandler[TextIO]):
    """Write to stdout or stderr as they are at that moment, which someone may have replaced since."""

    def __init__(self, *, errors: bool) -> None:
        logging.Handler.__init__(self)
        self._errors = errors

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr if self._errors else sys.stdout


def configure(settings: Settings, component: Component) -> None:
    """Send every log line of this process to stdout as JSON, and into Hedgerow if it ships its own logs.

    To be called once, by the entry point of a process; children by fork inherit it. A command (``cli``) keeps
    stdout for its result: it says only warnings and errors, on stderr and for people, and ships nothing.
    """
    global _shipper  # noqa: PLW0603 — logging itself is one per process
    command = component == "cli"
    if settings.ship_own_logs and settings.own_logs_endpoint and settings.own_logs_token and not command:
        _shipper = Shipper(settings, component)
    handler = _Handler(errors=command)
    handler.setFormatter(_formatter(_shipper, for_people=command))
    level = logging.getLevelName(settings.log_level.upper())
    _route_libraries(handler, max(level, logging.WARNING) if command else level)
    _configure_structlog()
    if not command:
        _announce()


def stop_shipping() -> None:
    """Send what waits and ship no more: for a process that ends without running its exit handlers."""
    if _shipper is not None:
        _shipper.stop()


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _formatter(shipper: Shipper | None, *, for_people: bool) -> ProcessorFormatter:
    ship: list[Processor] = [shipper] if shipper else []
    render: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(serializer=_to_json),
    ]
    if for_people:
        render = [structlog.dev.ConsoleRenderer(colors=False)]
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[*ship, ProcessorFormatter.remove_processors_meta, *render],
    )


def _to_json(event: dict[str, Any], **_options: Any) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # an integer beyond 64 bits, or text that is not Unicode
        return json.dumps(event, default=str)


def _route_libraries(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [*(other for other in root.handlers if not isinstance(other, _Handler)), handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))


def _announce() -> None:
    started_at = time.monotonic()
    owner = os.getpid()
    log.info("process started", version=webapp.__version__, pid=owner)

    @atexit.register
    def announce_end() -> None:
        with contextlib.suppress(Exception):  # the interpreter is going; there is nobody left to tell
            if os.getpid() == owner:
                log.info("process stopped", uptime_s=round(time.monotonic() - started_at, 1), pid=owner)
            stop_shipping()
        # The interpreter would look through all its objects once more: 0.4 s, while somebody waits for Ctrl-C.
        gc.freeze()
