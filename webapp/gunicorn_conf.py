"""Hooks of gunicorn: ``gunicorn --config webapp/gunicorn_conf.py wsgi:app``. Addresses and numbers come as options."""

from __future__ import annotations

from typing import Any

import structlog

from webapp import observability
from webapp.settings import load_settings

logger_class = "webapp.observability.gunicorn.StructuredLogger"

log = structlog.get_logger("webapp.gunicorn")


def on_starting(_server: Any) -> None:
    """Configure logging once, in the parent; the processes that it forks inherit it."""
    observability.configure(load_settings(), "web")


def post_worker_init(worker: Any) -> None:
    """Say that a web process is ready to answer, and let what waits in it see when it is asked to end."""
    worker.wsgi.extensions["hedgerow_ingestion"].writer.gatherer.watch(lambda: not worker.alive)
    log.info("web process ready", pid=worker.pid)


def worker_exit(_server: Any, worker: Any) -> None:
    """Say that a web process ends, and send what it still has to say."""
    log.info("web process stopped", pid=worker.pid)
    observability.stop_shipping()
