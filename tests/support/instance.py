"""A whole instance as a user starts it, and the processes that belong to it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psutil

from webapp.settings import ROOT

T = TypeVar("T")

PATIENCE_S = 60.0
PARTS = {  # what their commands are known by
    "clickhouse": "clickhouse_server.py",
    "valkey": "valkey-server",
    "web": "gunicorn",
    "worker": "jobs.worker",
    "scheduler": "jobs.scheduler",
}


def wait_for(probe: Callable[[], T], what: str, patience_s: float = PATIENCE_S) -> T:
    """Return the first true answer of the probe."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"Waited {patience_s:g} s in vain for {what}.")


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Every process that was started for a data directory, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            # Valkey writes its title over its environment.
            ours = process.environ().get("HEDGEROW_DATA") == str(data_dir)
            if ours or any(f"{data_dir}/" in argument for argument in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def environment(data_dir: Path, **changes: str) -> dict[str, str]:
    """The settings of an instance: those of this machine's user are left out, and bytecode is kept as by ./hedgerow."""
    ours = ("HEDGEROW_", "CLICKHOUSE_", "REDIS_", "DATABASE_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**inherited, "HEDGEROW_DATA": str(data_dir), "HEDGEROW_PORT": "0", **changes}


def refusal(data_dir: Path, **changes: str) -> str:
    """Start an instance that cannot start; return what it says, once it is clear that it left nothing behind."""
    ended = subprocess.run(
        [sys.executable, "-m", "webapp"],
        cwd=ROOT,
        env=environment(data_dir, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not processes_of(data_dir)
    sentence = ended.stderr.strip()
    assert "\n" not in sentence, sentence
    return sentence


class Instance:
    """``python -m webapp`` in a session of its own, as a shell starts it."""

    def __init__(self, data_dir: Path, **changes: str) -> None:
        self.data_dir = data_dir
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp"],
            cwd=ROOT,
            env=environment(data_dir, **changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def says(self, text: str) -> str:
        """Wait for a line with this text and return it."""

        def look() -> str | None:
            found = next((line for line in list(self.lines) if text in line), None)
            if found is None and self.process.poll() is not None:
                raise AssertionError(f"It ended without saying {text!r}:\n{self.output}")
            return found

        return wait_for(look, f"{text!r} in the output") or ""

    def ready(self) -> Self:
        self.says("Ctrl-C")
        return self

    def read(self, label: str) -> str:
        """What the final block says behind a label."""
        return self.says(f"  {label}").split(label, 1)[1].strip()

    @property
    def announced(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data_dir / "run" / "instance.json").read_text())
        return found

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.announced['port']}"

    def answers(self) -> bool:
        """Whether the instance and everything that it needs is there."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The processes beside the supervisor, by what they run; parents first."""
        found: dict[str, list[psutil.Process]] = {}
        for process in sorted(processes_of(self.data_dir), key=lambda process: process.create_time()):
            with contextlib.suppress(psutil.Error):  # it ended while we looked
                command = " ".join(process.cmdline())
                for name in (name for name, part in PARTS.items() if part in command):
                    found.setdefault(name, []).append(process)
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C: the terminal signals the whole group. Returns the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(PATIENCE_S)
        self.listener.join(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.wait()
        if error is not None:
            error.add_note(f"The instance said:\n{self.output}")
