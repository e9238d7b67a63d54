"""Processes that never outlive the one that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Self

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_LIFELINE = Path(__file__).with_name("lifeline.py")

# Below the ranges that Linux (32768), macOS (49152) and most services hand out, so that nobody takes
# the port of a server while it restarts.
PORTS = range(20000, 30000)


class ServerError(Exception):
    """An embedded server cannot run; the text is one plain sentence."""


def die_with_parent(parent: int, death_signal: int = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a new child must run before its program, so that the kernel ends it with its parent.

    The signal follows the *thread* that forked: start children from the main thread only. Elsewhere than on
    Linux there is no such call; ``tied_to_us`` wraps the program there.
    """
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return arrange


def tied_to_us(argv: Sequence[str], *, always: bool = False) -> list[str]:
    """Return the command in a form that ends with our end of its standard input, where the kernel cannot help."""
    if _LIBC is not None and not always:
        return list(argv)
    return [sys.executable, str(_LIFELINE), *argv]


def spawn_options(env: Mapping[str, str] | None = None, death_signal: int = signal.SIGTERM) -> dict[str, Any]:
    """Return the options of ``Popen`` (asyncio's too) that every child of ours is started with.

    Its own session keeps a Ctrl-C in the terminal away from it: only the supervisor decides who stops when.
    """
    return {
        "stdin": subprocess.PIPE,
        "start_new_session": True,
        "preexec_fn": die_with_parent(os.getpid(), death_signal),
        "env": None if env is None else dict(env),
    }


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise ServerError(f"No free port between {PORTS.start} and {PORTS.stop - 1} on 127.0.0.1.")


def session_members(session: int) -> list[int]:
    """Return the processes of a session: a child, its children, and those that took their own process group."""
    members = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                members.append(int(entry.parent.name))
    return members


def kill_session(session: int) -> None:
    """End at once whatever is left of a child that was started with ``spawn_options``."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
    for process in session_members(session):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


class EmbeddedServer(ABC):
    """A server of ours on this machine: how it is started, and when it is ready.

    The supervisor uses ``prepare``, ``argv`` and ``accepts``; tests use it as a context manager.

    Attributes:
        keeps_log: whether it writes a log file itself, beside what it says on its standard output.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    keeps_log: ClassVar[bool] = False
    start_timeout_s: ClassVar[float] = 60.0
    stop_timeout_s: ClassVar[float] = 3.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Write what the server reads at its start."""

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The settings by which other processes find the server."""

    @property
    @abstractmethod
    def argv(self) -> list[str]:
        """The command that runs the server in the foreground."""

    @abstractmethod
    def accepts(self) -> bool:
        """Whether a client can connect now."""

    def start(self) -> None:
        """Start the server and return when it accepts clients.

        Raises:
            ServerError: it did not start; the text says why.
        """
        self.prepare()
        output = self.folder / "output.log"
        with output.open("wb") as sink:
            self.process = self._spawn(sink)
        deadline = time.monotonic() + self.start_timeout_s
        while not self.accepts():
            if self.process.poll() is not None:
                self.stop()
                raise ServerError(f"{self.title} did not start: {_last_line(output)}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"{self.title} did not answer within {self.start_timeout_s:.0f} seconds.")
            time.sleep(0.01)

    def _spawn(self, sink: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(tied_to_us(self.argv), stdout=sink, stderr=sink, **spawn_options())

    def stop(self) -> None:
        """Stop the server cleanly; past its time it is killed."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.stop_timeout_s)
        except subprocess.TimeoutExpired:
            kill_session(self.process.pid)
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."
