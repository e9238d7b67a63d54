"""Where the kernel cannot tie a child to its parent, a pipe does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from tests.support.instance import wait_for
from webapp.embedded.processes import spawn_options, tied_to_us


def _start(tmp_path: Path, script: str) -> tuple[subprocess.Popen[bytes], psutil.Process]:
    """Start a shell on a lifeline; returns the process that holds it, and the shell."""
    note = tmp_path / "pid"
    argv = tied_to_us(["/bin/sh", "-c", f"echo $$ >{note}.new; mv {note}.new {note}; {script}"], always=True)
    holder = subprocess.Popen(argv, **spawn_options())
    wait_for(note.exists, "the shell")
    return holder, psutil.Process(int(note.read_text()))


def _let_go(holder: subprocess.Popen[bytes]) -> None:
    assert holder.stdin is not None
    holder.stdin.close()


def test_a_command_ends_when_its_parent_lets_go(tmp_path: Path) -> None:
    holder, shell = _start(tmp_path, "exec sleep 600")
    _let_go(holder)
    holder.wait(20)
    assert not shell.is_running()


def test_a_signal_reaches_the_command(tmp_path: Path) -> None:
    holder, _ = _start(tmp_path, "trap 'exit 7' TERM; while :; do sleep 0.05; done")
    holder.terminate()
    assert holder.wait(20) == 7
    _let_go(holder)


@pytest.mark.parametrize("status", [0, 3])
def test_the_status_of_the_command_is_handed_on(tmp_path: Path, status: int) -> None:
    holder, _ = _start(tmp_path, f"sleep 0.3; exit {status}")
    assert holder.wait(20) == status
    _let_go(holder)
