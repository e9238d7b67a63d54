"""What long-running processes share: stopping when told to, dying with their parent, sitting out an outage."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0


class StopSignal:
    """SIGTERM and SIGINT as a flag, and a sleep that they cut short.

    A handler that raises could lose a job that was just taken from Redis, and an ``Event`` set in a handler can
    deadlock with the wait that it interrupts; so the handler sets a flag and a byte in a pipe ends the sleep. The end
    of a child ends it as well.
    """

    def __init__(self) -> None:
        self.requested_at: float | None = None
        self._wake, wakeup = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._request)
        signal.signal(signal.SIGINT, self._request)
        signal.signal(signal.SIGCHLD, _wake_up)

    @property
    def requested(self) -> bool:
        """Whether the process was told to stop."""
        return self.requested_at is not None

    def wait(self, seconds: float) -> None:
        """Sleep that long, or until a signal arrives: one that came since the last wait ends it at once."""
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 4096)

    def _request(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested_at is None:
            self.requested_at = time.monotonic()


def _wake_up(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that the signal has a handler is what makes it write to the pipe."""


class Outage:
    """A server that we need cannot be used: said once, retried with growing pauses, and said again when it is back."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._wait_s = FIRST_WAIT_S

    @property
    def lasted_s(self) -> float:
        """Seconds since it was first noticed; 0 if there is none."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def goes_on(self, server: str, error: Exception) -> float:
        """Note one more failure and return the seconds to wait before the next try."""
        if self._since is None:
            self._since = time.monotonic()
            log.warning(f"{server} cannot be used, trying again", error=first_line(error))
        wait_s, self._wait_s = self._wait_s, min(self._wait_s * 2, LONGEST_WAIT_S)
        return wait_s

    def ends(self) -> None:
        """Note a success."""
        if self._since is not None:
            log.info("back at work", away_s=round(self.lasted_s, 1))
            self._since, self._wait_s = None, FIRST_WAIT_S


def first_line(error: BaseException) -> str:
    """What went wrong, without the statement and the links that libraries append."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, however that happens.

    Only Linux can. Elsewhere a work horse may outlive a worker that was killed; what it records is then refused,
    because its run has gone to a later attempt.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
