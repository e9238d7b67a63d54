"""Hooks of gunicorn: ``gunicorn --config webapp/gunicorn_conf.py wsgi:app``. Addresses and numbers come as options."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import structlog

from webapp import observability
from webapp.observability.shared_metrics import bury
from webapp.settings import load_settings, read_settings

logger_class = "webapp.observability.gunicorn.StructuredLogger"
# As long as gunicorn lets it be: keys and texts stand in addresses, where a character may take twelve bytes.
limit_request_line = 8190

# Seconds that a connection may rest. Longer than the clients' own patience (4 for Node's fetch, 5 for its agents): if
# the server is the first to close one, a POST may be under way on it, and no client may send a POST again by itself.
keepalive = 10

log = structlog.get_logger("webapp.gunicorn")


# What a process that has just been forked must not lose: until it has handlers of its own it has the parent's, which
# would note the signal for a parent that is not there. Asked to stop then, it would go on until it is killed.
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


def on_starting(_server: Any) -> None:
    """Configure logging once, in the parent; the processes that it forks inherit it."""
    observability.configure(load_settings(), "web")
    os.register_at_fork(before=hold_stop_signals, after_in_parent=take_stop_signals)


def hold_stop_signals() -> None:
    """Let signals to stop wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def take_stop_signals() -> None:
    """Take signals to stop again, those that wait at once."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def post_worker_init(worker: Any) -> None:
    """Say that a web process is ready to answer, and let what waits in it see when it is asked to end."""
    take_stop_signals()
    extensions = worker.wsgi.extensions
    for waiting in (extensions["hedgerow_ingestion"].writer.gatherer, extensions["hedgerow_streams"]):
        waiting.watch(lambda: not worker.alive)
    log.info("web process ready", pid=worker.pid)


def worker_exit(_server: Any, worker: Any) -> None:
    """Say that a web process ends, and send what it still has to say."""
    log.info("web process stopped", pid=worker.pid)
    observability.stop_shipping()


def child_exit(_server: Any, worker: Any) -> None:
    """Keep what a web process has counted, however it ended."""
    folder = read_settings().metrics_dir
    if not folder:
        return
    try:
        bury(Path(folder), worker.pid)
    except Exception as error:  # counts must never be what stops the server
        log.error("the counts of a web process are not kept", pid=worker.pid, error=repr(error))
