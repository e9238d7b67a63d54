"""Whether a request is protobuf or JSON: by its content type, or else by its first bytes."""

from __future__ import annotations

from enum import Enum

from webapp.errors import InvalidRequest
from webapp.ingest.json_text import BYTE_ORDER_MARK, load_json

_PROTOBUF_TYPES = {"application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"}
_JSON_TYPES = {"application/json", "text/json"}


class Encoding(Enum):
    """How a request's body is written; the value is the content type of its answer."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


def declared_encoding(content_type: str) -> Encoding | None:
    """Return what the content type says; None where it is missing or says something else."""
    mimetype = content_type.partition(";")[0].strip().lower()
    if mimetype in _PROTOBUF_TYPES:
        return Encoding.PROTOBUF
    if mimetype in _JSON_TYPES or (mimetype.startswith("application/") and mimetype.endswith("+json")):
        return Encoding.JSON
    return None


def encoding_of(content_type: str, body: bytes) -> Encoding:
    """Return how the body is written, looking at it where the content type does not say."""
    return declared_encoding(content_type) or _look_at(body)


def _look_at(body: bytes) -> Encoding:
    text = body.removeprefix(BYTE_ORDER_MARK).lstrip(b" \t\r\n")
    if not body or body.isspace() or text[:1] == b"[":
        return Encoding.JSON  # not a request in either encoding: JSON says so in words
    if text[:1] != b"{":
        return Encoding.PROTOBUF
    if body[:1] != b"\n":
        return Encoding.JSON
    # A protobuf request begins with the byte of a newline, and 123 as the length that follows is a brace.
    try:
        load_json(body)
    except InvalidRequest:
        return Encoding.PROTOBUF
    return Encoding.JSON
