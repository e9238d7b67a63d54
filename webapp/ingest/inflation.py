"""Compressed bodies, inflated in pieces so that a bomb stops at the limit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import zstandard

from webapp.errors import InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from webapp.settings import MIB

PIECE_BYTES = 256 * 1024
GZIP_MAGIC = b"\x1f\x8b\x08"

MAX_ZSTD_RATIO = 32 * 1024  # a block of four bytes is 128 KiB of one repeated byte
MIN_STEP_BYTES = 16

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_RAW_DEFLATE_WINDOW = -zlib.MAX_WBITS


def inflate(
    body: bytes, content_encoding: str, limit_bytes: int, reserve: Callable[[int], None] = lambda _: None
) -> bytes:
    """Return the body as it was before it was compressed; gzip is also known by its first bytes.

    Args:
        body: as it was sent.
        content_encoding: the header.
        limit_bytes: of the inflated body.
        reserve: told of each piece before it is kept; what it raises ends the work.

    Raises:
        PayloadTooLarge: it is larger than the limit; no more than that was inflated.
        InvalidRequest: it is not what the header says, or it is cut short.
        UnsupportedMediaType: the encoding is not known here.
    """
    name = content_encoding.strip().lower()
    if name in {"", "identity"} and body.startswith(GZIP_MAGIC):
        name = "gzip"
    if name in {"", "identity"}:
        pieces: Iterator[bytes] = iter((body,))
    elif name in {"gzip", "x-gzip"}:
        pieces = _inflate_members(body, _GZIP_WINDOW)
    elif name == "deflate":
        pieces = _inflate_members(body, _deflate_window(body))
    elif name == "zstd":
        pieces = _inflate_zstd(body, limit_bytes)
    else:
        raise UnsupportedMediaType(
            f"The Content-Encoding is {content_encoding!r}, but must be gzip, deflate, zstd or identity."
        )
    try:
        return _join(pieces, limit_bytes, reserve)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise InvalidRequest(f"The body is not {name} as it should be: {error}.") from None


def _join(pieces: Iterator[bytes], limit_bytes: int, reserve: Callable[[int], None]) -> bytes:
    parts = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit_bytes:
            raise PayloadTooLarge(
                f"The body is larger than {in_mebibytes(limit_bytes)} when inflated. Send it in smaller batches."
            )
        reserve(len(piece))
        parts.append(piece)
    return b"".join(parts)


def in_mebibytes(size_bytes: int) -> str:
    """Write a limit as people say it."""
    return f"{size_bytes / MIB:g} MiB" if size_bytes >= MIB else f"{size_bytes:,} bytes"


def _inflate_members(body: bytes, window: int) -> Iterator[bytes]:
    """Inflate one stream after the other: gzip files may be joined end to end."""
    rest = body
    while rest:
        stream = zlib.decompressobj(window)
        while not stream.eof:
            piece = stream.decompress(rest, PIECE_BYTES)
            rest = stream.unconsumed_tail
            if not piece and not rest and not stream.eof:
                raise EOFError("it ends too early")
            yield piece
        rest = stream.unused_data


def _deflate_window(body: bytes) -> int:
    """Tell deflate as the standard has it, in a zlib wrapper, from the bare stream that some clients send."""
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else _RAW_DEFLATE_WINDOW


def _inflate_zstd(body: bytes, limit_bytes: int) -> Iterator[bytes]:
    """Inflate one frame after the other.

    The library returns all that an input holds, so it is fed no more at once than what can fill the room that is left.
    """
    rest = memoryview(body)
    room = limit_bytes
    while rest:
        frame = zstandard.ZstdDecompressor().decompressobj()
        while not frame.eof:
            if not rest:
                raise EOFError("it ends too early")
            taken = rest[: max(MIN_STEP_BYTES, min(PIECE_BYTES, room // MAX_ZSTD_RATIO))]
            piece = frame.decompress(taken)
            rest = rest[len(taken) - len(frame.unused_data) :]
            room -= len(piece)
            yield piece
