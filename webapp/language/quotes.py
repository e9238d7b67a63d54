r"""Quoted text: ``\"`` is a quote and ``\\`` a backslash; any other backslash stands for itself, as in ``C:\logs``."""

from __future__ import annotations

import re

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)

_ESCAPE = re.compile(r'\\(["\\])')
# A backslash that would not stand for itself: before another, before a quote, at the end.
_AMBIGUOUS = re.compile(r'\\(?=[\\"]|\Z)')


def unescape(quoted: str) -> str:
    """Read what stands between quotes."""
    return _ESCAPE.sub(r"\1", quoted)


def quote(text: str) -> str:
    r"""Put a text in quotes, with no more backslashes than needed: ``"\d+"`` keeps its one."""
    escaped = _AMBIGUOUS.sub(r"\\\\", text).replace('"', '\\"')
    return f'"{escaped}"'
