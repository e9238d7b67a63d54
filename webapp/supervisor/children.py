"""Child processes: started, listened to, brought back when they die, stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from webapp.embedded.processes import ServerError, kill_session, spawn_options, tied_to_us
from webapp.settings import ROOT
from webapp.supervisor import CannotStart
from webapp.supervisor.terminal import LogFile, Terminal

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 30.0  # a child that ran this long starts anew with the shortest delay
LONGEST_LINE = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, and how it wants to be stopped.

    Attributes:
        death_signal: what the kernel sends it when the supervisor is killed.
        grace_s: how long it may take to stop; then it is killed.
        hurried_grace_s: the same when somebody asked twice.
        stop_rank: what has a higher rank stops later.
        before: called before every start.
        log_name: of its file, without suffix.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str] | None = None
    death_signal: int = signal.SIGTERM
    grace_s: float = 2.0
    hurried_grace_s: float = 0.0
    stop_rank: int = 0
    before: Callable[[], None] = lambda: None
    descriptors: tuple[int, ...] = ()
    log_name: str = ""


@dataclass(eq=False)
class Child:
    """One program, running or waiting to be started again. Everything happens on the event loop's thread."""

    program: Program
    terminal: Terminal
    log_dir: Path
    process: subprocess.Popen[bytes] | None = None
    last_line: str = ""
    started_at: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _watcher: asyncio.Task[None] | None = None
    _output: int = -1
    _rest: bytes = b""

    def __post_init__(self) -> None:
        self.log = LogFile(self.log_dir / f"{self.program.log_name or self.program.name}.log", self.terminal)

    def start(self) -> None:
        """Start the program.

        Raises:
            CannotStart: the program cannot be executed.
        """
        self.program.before()
        self.last_line = ""
        self._close_output()
        self._output, write_end = os.pipe()
        try:
            self.process = subprocess.Popen(
                tied_to_us(self.program.argv),
                stdout=write_end,
                stderr=write_end,
                cwd=ROOT,
                bufsize=0,
                pass_fds=self.program.descriptors,
                **spawn_options(self.program.env, self.program.death_signal),
            )
        except OSError as error:
            raise CannotStart(f"{self.program.name} cannot be started: {error}.") from error
        finally:
            os.close(write_end)
        self.ended.clear()
        self.started_at = time.monotonic()
        os.set_blocking(self._output, False)
        asyncio.get_running_loop().add_reader(self._output, self._read)

    def tell(self, line: str) -> None:
        """Write a line to the child's standard input; one that has ended does not hear it."""
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self.process.stdin.write(line.encode() + b"\n")

    def reap(self) -> None:
        """Notice the child's end: to be called when any child has ended."""
        if self.process is None or self.ended.is_set() or self.process.poll() is None:
            return
        kill_session(self.process.pid)  # what it leaves behind would hold its sockets and its locks
        self._read()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.ended.set()

    def watch(self) -> None:
        """From now on, start the program again whenever it ends by itself."""
        self._watcher = asyncio.get_running_loop().create_task(self._keep_running())

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY_S
        while True:
            await self.ended.wait()
            if time.monotonic() - self.started_at >= STEADY_AFTER_S:
                delay = FIRST_DELAY_S
            self.terminal.say(f"{self.program.name} {self.how_it_ended()}; starting it again in {delay:g} s.")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_S)
            try:
                self.start()
            except (CannotStart, ServerError, OSError) as error:
                self.terminal.say(str(error))

    def how_it_ended(self) -> str:
        """How it ended, with the last thing it said if that was by itself."""
        code = self.process.returncode if self.process is not None else None
        if code is not None and code < 0:
            return f"was killed ({signal.Signals(-code).name})"
        said = f": {self.last_line.rstrip('.')}" if self.last_line and not self.last_line.startswith("{") else ""
        return f"ended with status {code}{said}"

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask it to stop; past its grace, which a hurry cuts short, it and everything it started are killed."""
        if self._watcher is not None:
            self._watcher.cancel()
        if self.process is not None and not self.ended.is_set():
            self.process.terminate()
            if not await self._ends_within(self.program.grace_s, hurry):
                kill_session(self.process.pid)
                await _any_of(self.ended, timeout_s=2)
                if not hurry.is_set():
                    self.terminal.say(f"{self.program.name} did not stop in {self.program.grace_s:g} s and was killed.")
        self._close_output()
        self.log.close()

    async def _ends_within(self, grace_s: float, hurry: asyncio.Event) -> bool:
        await _any_of(self.ended, hurry, timeout_s=grace_s)
        if hurry.is_set():
            await _any_of(self.ended, timeout_s=self.program.hurried_grace_s)
        return self.ended.is_set()

    def _read(self) -> None:
        """Take what the child wrote; called whenever there is something, and once more at its end."""
        while self._output >= 0:
            try:
                chunk = os.read(self._output, LONGEST_LINE)
            except BlockingIOError:
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            if not chunk or len(self._rest) >= LONGEST_LINE:
                lines, self._rest = [*lines, self._rest], b""
            for line in lines:
                self._take(line.decode(errors="replace").rstrip())
            if not chunk:
                self._close_output()

    def _close_output(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1

    def _take(self, line: str) -> None:
        if line:
            self.last_line = line
            self.log.write(line)
            self.terminal.relay(self.program.name, line)


async def _any_of(*events: asyncio.Event, timeout_s: float) -> None:
    """Wait until one of the events is set, or the time is over."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
