"""What appears on the terminal, and what only in the files."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from webapp.supervisor.terminal import KEPT_BYTES, KEPT_FILES, LogFile, Terminal


def relayed(*lines: str, shows_all: bool = False) -> list[str]:
    stream = io.StringIO()
    terminal = Terminal(stream, shows_all=shows_all)
    for line in lines:
        terminal.relay("web", line)
    return stream.getvalue().splitlines()


def event(level: str, **more: object) -> str:
    return json.dumps({"level": level, "message": "it happened", "timestamp": "now", "logger": "x", **more})


@pytest.mark.parametrize("level", ["warning", "error", "critical"])
def test_a_warning_or_worse_is_shown_with_its_details_on_one_line(level: str) -> None:
    line = event(level, query_id="q1", exception="Traceback\n  line 1")
    assert relayed(line) == [f"[web] {level}: it happened (query_id=q1)"]


@pytest.mark.parametrize(
    "line",
    [
        event("info"),
        event("debug"),
        event("warning", **{"http.response.status_code": 404}),
        "plain text",
        "{not json",
        "{}",
        "[1]",
    ],
)
def test_everything_else_stays_in_the_file(line: str) -> None:
    assert relayed(line) == []


def test_all_of_it_is_shown_when_asked_for() -> None:
    assert relayed(event("info"), "plain text", shows_all=True) == [f"[web] {event('info')}", "[web] plain text"]


def test_a_failure_of_ours_is_shown_though_a_request_caused_it() -> None:
    assert relayed(event("error", **{"http.response.status_code": 500})) != []


def test_a_terminal_that_has_gone_is_no_reason_to_stop() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    stream.close()
    terminal.say("into the void")
    terminal.say("twice")


def test_a_full_disk_is_said_once() -> None:
    stream = io.StringIO()
    log = LogFile(Path("/dev/full"), Terminal(stream))
    for _ in range(3):
        log.write("lost")
    assert stream.getvalue() == "/dev/full cannot be written: [Errno 28] No space left on device\n"
    with pytest.raises(OSError, match="No space left"):
        log.close()


def test_the_files_of_a_process_have_a_limit(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "web.log", Terminal(io.StringIO()))
    line = "x" * 1_000_000
    for _ in range((KEPT_FILES + 2) * KEPT_BYTES // len(line)):
        log.write(line)
    log.close()
    files = list(tmp_path.iterdir())
    assert len(files) == KEPT_FILES + 1
    assert all(path.stat().st_size <= KEPT_BYTES for path in files)
