"""One child at a time: it comes back when it dies, and stops without a trace when it is told to."""

from __future__ import annotations

import asyncio
import io
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from webapp.embedded.processes import session_members
from webapp.supervisor import CannotStart
from webapp.supervisor.children import LONGEST_LINE, Child, Program
from webapp.supervisor.terminal import Terminal

STUBBORN = "trap '' TERM; echo begun; while :; do sleep 0.1; done"


@asynccontextmanager
async def running(tmp_path: Path, program: Program) -> AsyncIterator[Child]:
    """The child of a loop that notices its end, stopped at the end of the test."""
    child = Child(program, Terminal(io.StringIO()), tmp_path)

    async def notice_ends() -> None:
        while True:
            child.reap()
            await asyncio.sleep(0.01)

    noticing = asyncio.ensure_future(notice_ends())
    child.start()
    try:
        yield child
    finally:
        hurry = asyncio.Event()
        hurry.set()
        await child.stop(hurry)
        noticing.cancel()


def play(scenario: Coroutine[Any, Any, None]) -> None:
    """Run the scenario in a thread, because the browser's tests leave a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, scenario).result()


def shell(script: str, grace_s: float = 5.0) -> Program:
    return Program(name="part", argv=["/bin/sh", "-c", script], grace_s=grace_s)


def printed(child: Child) -> str:
    assert isinstance(child.terminal.stream, io.StringIO)
    return child.terminal.stream.getvalue()


async def until(probe: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not probe():
            await asyncio.sleep(0.01)


def test_a_child_that_ends_comes_back_later_each_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell("echo 'no such thing'; exit 3")) as child:
            child.watch()
            await until(lambda: "in 2 s" in printed(child))
            told = printed(child).splitlines()
            assert told == [
                f"part ended with status 3: no such thing; starting it again in {delay} s."
                for delay in ("0.5", "1", "2")
            ]

    play(scenario())


def test_a_child_that_stops_in_time_is_not_killed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell("trap 'echo bye; exit 0' TERM; echo begun; read line")) as child:
            await until(lambda: child.last_line == "begun")
            await child.stop(asyncio.Event())
            assert child.process is not None
            assert child.process.returncode == 0
        assert (tmp_path / "part.log").read_text() == "begun\nbye\n"
        assert "killed" not in printed(child)

    play(scenario())


def test_a_child_that_does_not_stop_is_killed_and_that_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell(STUBBORN, grace_s=0.3)) as child:
            await until(lambda: child.last_line == "begun")
            await child.stop(asyncio.Event())
            assert child.process is not None
            assert child.process.returncode == -signal.SIGKILL
            assert not session_members(child.process.pid)
        assert printed(child) == "part did not stop in 0.3 s and was killed.\n"

    play(scenario())


def test_who_asks_twice_does_not_wait(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell(STUBBORN, grace_s=600)) as child:
            await until(lambda: child.last_line == "begun")
            hurry = asyncio.Event()
            asyncio.get_running_loop().call_later(0.2, hurry.set)
            async with asyncio.timeout(20):
                await child.stop(hurry)
            assert child.ended.is_set()

    play(scenario())


def test_what_a_killed_child_started_dies_with_it_even_in_a_group_of_its_own(tmp_path: Path) -> None:
    start_another = (
        "import subprocess, time\n"
        "print(subprocess.Popen(['sleep', '600'], process_group=0).pid, flush=True)\n"
        "time.sleep(600)\n"
    )

    async def scenario() -> None:
        async with running(tmp_path, Program(name="part", argv=[sys.executable, "-c", start_another])) as child:
            await until(lambda: child.last_line)
            grandchild = psutil.Process(int(child.last_line))
            assert child.process is not None
            child.process.kill()
            await child.ended.wait()
            await until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)

    play(scenario())


def test_every_byte_that_a_child_writes_is_kept(tmp_path: Path) -> None:
    write = (
        f"import sys; sys.stdout.buffer.write(b'\\xff\\n' + b'x' * {3 * LONGEST_LINE} + b'\\nend without a newline')"
    )

    async def scenario() -> None:
        async with running(tmp_path, Program(name="part", argv=[sys.executable, "-c", write])) as child:
            await child.ended.wait()
        text = (tmp_path / "part.log").read_text()
        assert text.startswith("\N{REPLACEMENT CHARACTER}\n")
        assert text.endswith("end without a newline\n")
        assert text.count("x") == 3 * LONGEST_LINE

    play(scenario())


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        child = Child(Program(name="part", argv=["/no/such/program"]), Terminal(io.StringIO()), tmp_path)
        with pytest.raises(CannotStart, match=r"^part cannot be started: .*No such file"):
            child.start()
        await child.stop(asyncio.Event())

    play(scenario())


def test_a_child_is_told_by_line(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell('read line; echo "heard $line"')) as child:
            child.tell("this")
            await child.ended.wait()
            child.tell("nobody hears this any more")
        assert (tmp_path / "part.log").read_text() == "heard this\n"

    play(scenario())


def test_a_child_that_ran_for_a_while_comes_back_soon(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, shell("read line")) as child:
            child.watch()
            for _ in range(2):
                await until(lambda: not child.ended.is_set())
                child.started_at = time.monotonic() - 3600
                assert child.process is not None
                child.process.kill()
                await child.ended.wait()
            await until(lambda: printed(child).count("\n") == 2)
            assert printed(child).count("starting it again in 0.5 s.") == 2

    play(scenario())
