"""Values of a statement: each gets a name, and the text only ever holds the placeholder."""

from __future__ import annotations

import re
from typing import Any

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Parameters:
    """Collects the values of one statement."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def add(self, value: Any, kind: str) -> str:
        """Keep a value and return its placeholder, typed as ClickHouse types it."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"

    def text(self, value: str) -> str:
        """Keep a string. Half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD, as it does in rows."""
        return self.add(_encodable(value), "String")

    def texts(self, values: list[str]) -> str:
        """Keep a list of strings."""
        return self.add([_encodable(value) for value in values], "Array(String)")

    def moment(self, nanoseconds: int) -> str:
        """Keep a moment and return an expression that compares with ``timestamp`` to the nanosecond."""
        return f"fromUnixTimestamp64Nano({self.add(nanoseconds, 'Int64')}, 'UTC')"


def _encodable(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)
