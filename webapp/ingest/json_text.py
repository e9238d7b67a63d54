"""JSON as clients send it, which is not always JSON as it is defined."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from webapp.errors import InvalidRequest

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def load_json(body: bytes) -> Any:
    """Parse a body; text that is not valid Unicode is mended, as one such line must not cost the whole batch.

    A JavaScript client that cuts a message in the middle of an emoji sends half of a surrogate pair, and a client that
    copies bytes sends what is not UTF-8: both become U+FFFD. ``NaN`` is taken too.

    Raises:
        InvalidRequest: it is not JSON.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        problem = f"{error.msg} at line {error.lineno}, column {error.colno}"
    try:
        return _without_surrogates(json.loads(body.decode("utf-8", "replace")))
    except (ValueError, RecursionError):
        raise InvalidRequest(f"The body is not JSON: {problem}.") from None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value
