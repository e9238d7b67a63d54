"""The running instance of a data directory: one at a time, and known to the commands that are run beside it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class AlreadyRunning(Exception):
    """The data directory is in use; the text is one plain sentence."""


def is_running(data_dir: Path) -> bool:
    """Whether a supervisor, or a child that has not ended yet, holds the data directory."""
    try:
        with _lock_file(data_dir).open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def read_instance(data_dir: Path) -> dict[str, Any]:
    """Return what the running instance says of itself; nothing if it is gone, however it ended."""
    if not is_running(data_dir):
        return {}
    try:
        known = json.loads(_instance_file(data_dir).read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


class InstanceLock:
    """Holds the data directory for as long as the process, or a child that inherited ``descriptor``, lives.

    Children keep it through ``pass_fds``: after a kill of the supervisor nobody starts on data that a child still
    writes to.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.descriptor = -1

    def take(self, timeout_s: float = 20.0) -> Self:
        """Take the directory; wait a little for one whose supervisor is gone but whose children are still ending.

        Raises:
            AlreadyRunning: another supervisor has it.
        """
        path = _lock_file(self.data_dir)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + timeout_s
        grace = time.monotonic() + 0.5  # a command that looks whether we run holds it for an instant
        while not self._try():
            holder = _holder(path)
            if time.monotonic() > (grace if _is_alive(holder) else deadline):
                self.release()
                raise AlreadyRunning(_in_use(self.data_dir, holder))
            time.sleep(0.05)
        _instance_file(self.data_dir).unlink(missing_ok=True)  # of one that was killed
        os.truncate(self.descriptor, 0)
        os.pwrite(self.descriptor, str(os.getpid()).encode(), 0)
        return self

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def announce(self, facts: Mapping[str, Any]) -> None:
        """Leave what commands need to find us: whole or not at all, and for this user alone."""
        path = _instance_file(self.data_dir)
        draft = path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump({"pid": os.getpid(), **facts}, handle)
        draft.replace(path)

    def release(self) -> None:
        """Let go of the directory and of what was announced."""
        if self.descriptor < 0:
            return
        if _holder(_lock_file(self.data_dir)) == os.getpid():
            with contextlib.suppress(OSError):
                _instance_file(self.data_dir).unlink(missing_ok=True)
        os.close(self.descriptor)
        self.descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock_file(data_dir: Path) -> Path:
    return data_dir / "run" / "lock"


def _instance_file(data_dir: Path) -> Path:
    return data_dir / "run" / "instance.json"


def _holder(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _is_alive(process: int) -> bool:
    if process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _in_use(data_dir: Path, holder: int) -> str:
    if _is_alive(holder):
        return (
            f"Hedgerow is running already on {data_dir} (process {holder}). "
            "Stop it first, or choose another directory with HEDGEROW_DATA."
        )
    return (
        f"The last instance on {data_dir} was killed and a process of it is still ending. "
        "Try again in a moment, or choose another directory with HEDGEROW_DATA."
    )
