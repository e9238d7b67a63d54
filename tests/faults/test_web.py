"""Web processes that are asked to stop at an inconvenient moment."""

from __future__ import annotations

from pathlib import Path

from tests.support.instance import wait_for
from tests.support.web import run_gunicorn
from webapp.settings import Settings

# The first process is asked to stop right after the fork, when it has no handlers of its own yet.
CONFIG = """
import os, signal
from pathlib import Path
from webapp.gunicorn_conf import *

def post_fork(_server, worker):
    marker = Path({marker!r})
    if not marker.exists():
        marker.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGTERM)
"""


def test_a_process_that_is_asked_to_stop_while_it_begins_does_so(settings: Settings, tmp_path: Path) -> None:
    config, marker, log = tmp_path / "gunicorn_conf.py", tmp_path / "asked", tmp_path / "gunicorn.log"
    config.write_text(CONFIG.format(marker=str(marker)))
    with run_gunicorn(settings, log, config=str(config)):
        told = f"Worker exiting (pid: {marker.read_text()})"
        wait_for(lambda: told in log.read_text(), "the process that was asked to end")
