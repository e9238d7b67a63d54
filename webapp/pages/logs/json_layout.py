"""JSON laid out over lines, with every token as it was sent: numbers keep their digits, repeated keys their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NoReturn

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
OPENING, CLOSING = frozenset("{["), frozenset("}]")
DEEPEST = 20  # further in, lines stand below each other: indentation must not outgrow the text


def lay_out(text: str) -> str:
    """Indent a text that is a JSON object or list; anything else stays as it is."""
    if not text.startswith(("{", "[")) or not _is_json(text):
        return text
    return "".join(_pieces(TOKEN.findall(text)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=len, parse_float=len, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _pieces(tokens: list[str]) -> Iterator[str]:
    depth = 0
    for piece, following in pairwise([*tokens, ""]):
        yield piece
        depth += (piece in OPENING) - (piece in CLOSING)
        if piece == ":":
            yield " "
        elif (piece in OPENING and following not in CLOSING) or piece == ",":
            yield _line(depth)
        elif following in CLOSING and piece not in OPENING:
            yield _line(depth - 1)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, DEEPEST)
