"""Which of the six levels a record has, and the number that stands for it."""

from __future__ import annotations

from typing import Any

import orjson

UNSPECIFIED_LEVEL = "info"
NUMBER_OF_LEVEL = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}

# Index = severity number of OTLP, four to a level; 0 means that the client gave none.
LEVEL_OF_NUMBER: tuple[str, ...] = ("", *(level for level in NUMBER_OF_LEVEL for _ in range(4)))

LEVEL_OF_TEXT: dict[str, str] = {
    **dict.fromkeys(("critical", "fatal", "crit", "alert", "emerg", "panic"), "fatal"),
    **dict.fromkeys(("error", "err"), "error"),
    **dict.fromkeys(("warn", "warning"), "warn"),
    **dict.fromkeys(("info", "information", "notice"), "info"),
    "debug": "debug",
    **dict.fromkeys(("trace", "verbose"), "trace"),
}

BODY_KEYS = ("level", "severity", "log.level")


def severity_of(number: int, text: str, body: str) -> tuple[int, str]:
    """Return the severity number and the level; the number wins over the text, the text over a JSON body."""
    if 0 < number < len(LEVEL_OF_NUMBER):
        return number, LEVEL_OF_NUMBER[number]
    level = LEVEL_OF_TEXT.get(text.strip().lower()) or level_in_body(body) or UNSPECIFIED_LEVEL
    return NUMBER_OF_LEVEL[level], level


def level_in_body(body: str) -> str | None:
    """Find the level inside a body that is a JSON object, also one nested as ``{"log": {"level": …}}``."""
    if not body.lstrip(" \t\r\n").startswith("{"):
        return None
    try:
        fields: dict[str, Any] = orjson.loads(body)
    except ValueError:
        return None
    for key in BODY_KEYS:
        level = _level(fields.get(key))
        if level is not None:
            return level
    nested = fields.get("log")
    return _level(nested.get("level")) if isinstance(nested, dict) else None


def _level(value: object) -> str | None:
    return LEVEL_OF_TEXT.get(value.strip().lower()) if isinstance(value, str) else None
