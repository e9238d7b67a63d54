"""What the supervisor writes: little on the terminal, everything into rotated files."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Any, TextIO

KEPT_BYTES = 10 * 1024 * 1024  # per file; four files of each process
KEPT_FILES = 3
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
SHOWN_FROM = LEVELS["warning"]
DIM, RED, YELLOW, PLAIN = "\033[2m", "\033[31m", "\033[33m", "\033[0m"
NOT_DETAILS = {"level", "message", "timestamp", "logger"}


class Terminal:
    """Prints lines; a terminal that has gone away is no reason to stop."""

    def __init__(self, stream: TextIO | None = None, *, shows_all: bool = False) -> None:
        self.stream: TextIO | None = stream or sys.stdout
        self.shows_all = shows_all
        self.shows_children = True
        self.colour = self.stream.isatty()

    def say(self, text: str) -> None:
        """Print lines of the supervisor's own."""
        if self.stream is None:
            return
        try:
            print(text, file=self.stream, flush=True)
        except (OSError, ValueError):
            self.stream = None

    def relay(self, name: str, line: str) -> None:
        """Print a line of a child's if it matters: a warning or worse, or everything when asked for."""
        event = _event(line)
        level = event.get("level", "") if event else ""
        if self.shows_all:
            self.say(f"{self._paint(DIM, f'[{name}]')} {line}")
        elif event and self.shows_children and LEVELS.get(level, 0) >= SHOWN_FROM and not _is_clients_mistake(event):
            label = self._paint(YELLOW if level == "warning" else RED, f"[{name}] {level}:")
            self.say(f"{label} {event.get('message', '')}{_details(event)}")

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{PLAIN}" if self.colour else text


def _is_clients_mistake(event: dict[str, Any]) -> bool:
    """Whether the line is about a request that could not be served as it was: worth a line in the file only."""
    return 400 <= int(event.get("http.response.status_code") or 0) < 500


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _details(event: dict[str, Any]) -> str:
    """The other keys on the same line; a stack trace stays in the file."""
    found = [f"{key}={value}" for key, value in event.items() if key not in NOT_DETAILS and "\n" not in str(value)]
    return f" ({', '.join(found)})" if found else ""


class LogFile(logging.handlers.RotatingFileHandler):
    """The output of one process, kept in a few files of limited size."""

    def __init__(self, path: Path, terminal: Terminal) -> None:
        super().__init__(path, maxBytes=KEPT_BYTES, backupCount=KEPT_FILES, encoding="utf-8", errors="replace")
        self.terminal = terminal
        self.failed = False

    def write(self, line: str) -> None:
        """Append one line."""
        self.emit(logging.makeLogRecord({"msg": line}))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """Say once that lines are lost: a full disk must not take the instance down with it."""
        if not self.failed:
            self.failed = True
            self.terminal.say(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}")
