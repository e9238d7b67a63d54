"""The words that logs and people use for the six levels."""

from __future__ import annotations

from webapp.language.tree import LEVELS, Level

LEVEL_BY_WORD: dict[str, Level] = {
    **{level: level for level in LEVELS},
    "verbose": "trace",
    "information": "info",
    "notice": "info",
    "warning": "warn",
    "err": "error",
    "crit": "fatal",
    "critical": "fatal",
    "alert": "fatal",
    "emerg": "fatal",
    "emergency": "fatal",
    "panic": "fatal",
}


def level_of(word: str) -> Level | None:
    """The level that a word stands for in any case, or None."""
    return LEVEL_BY_WORD.get(word.strip().lower())
