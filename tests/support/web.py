"""The application behind a real web server on a port of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from webapp.settings import Settings

ROOT = Path(__file__).parents[2]
START_S = 30


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a child reads these settings."""
    fields = Settings.__dataclass_fields__
    values = {spec.metadata["variable"]: getattr(settings, name) for name, spec in fields.items()}
    texts = {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()}
    ours = {name: text for name, text in texts.items() if text}  # libraries take an empty path for this folder
    return {**os.environ, **ours, "PYTHONPATH": str(ROOT)}


@contextmanager
def run_gunicorn(
    settings: Settings, log: Path, *, processes: int = 1, threads: int = 8, config: str = "python:webapp.gunicorn_conf"
) -> Iterator[str]:
    """Serve as ``./hedgerow`` does, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", config]
        options = ["--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread", "--no-control-socket"]
        numbers = ["--workers", str(processes), "--threads", str(threads), "--graceful-timeout", "5"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [*command, *options, *numbers],
                cwd=ROOT,
                env=as_environment(settings),
                pass_fds=(listener.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            _await_answer(f"http://127.0.0.1:{port}/healthz", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def web_processes() -> list[psutil.Process]:
    """Return the web processes of the gunicorn that was started last; one for other tests may run beside it."""
    servers = [process for process in psutil.Process().children() if "gunicorn" in process.cmdline()]
    found = []
    for process in max(servers, key=psutil.Process.create_time).children():
        with suppress(psutil.Error):  # it ended while we looked
            if "gunicorn" in process.cmdline():
                found.append(process)
    return found


def _await_answer(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError(f"No answer from {address}:\n{log.read_text()}")
