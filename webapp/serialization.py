"""JSON as Flask reads and writes it, by orjson."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import IO, Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: several times faster on pages of rows, and strict about what it reads."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Serialise to text, for sessions and templates."""
        return orjson.dumps(obj, default=simplify, option=OPTIONS).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Parse; orjson's error is a ``ValueError``, which Flask turns into 400."""
        return orjson.loads(s)

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Serialise into a text file."""
        fp.write(self.dumps(obj, **kwargs))

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Build the response of ``jsonify`` without a detour over text."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), default=simplify, option=OPTIONS)
        return Response(body, mimetype="application/json")


def simplify(value: Any) -> Any:
    """Turn what orjson does not know into what it does."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON.")
