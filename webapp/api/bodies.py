"""Bodies of requests as they arrive: in pieces, maybe broken, maybe longer than is taken."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import IO

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from webapp.extensions import settings

PIECE_BYTES = 256 * 1024
DISCARDED_BODIES = 3  # times the limit; who sends more than that sees the connection break
BROKEN_BODY = (ClientDisconnected, OSError, ParseException)  # the last two are gunicorn's, of chunks


def body_stream() -> IO[bytes]:
    """Return what the client sends, of any length: who reads it counts."""
    # werkzeug refuses a chunked body of exactly the limit, and reads nothing of what is longer.
    request.max_content_length = sys.maxsize
    return request.stream


def discard_rest() -> None:
    """Read what a refused client is still sending, within reason.

    Most clients write their whole request before they read the answer: if we closed the connection now, they would see
    a broken pipe in place of our sentence.
    """
    left = DISCARDED_BODIES * settings.max_body_bytes
    with suppress(*BROKEN_BODY, RequestEntityTooLarge):  # the last of a chunked body that werkzeug has begun to count
        while left > 0 and (piece := body_stream().read(PIECE_BYTES)):
            left -= len(piece)
