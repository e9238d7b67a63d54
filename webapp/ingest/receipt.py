"""A request from its bytes to its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from webapp.errors import InvalidRequest
from webapp.ingest.batch import Batch, Target
from webapp.ingest.encoding import Encoding
from webapp.ingest.json_lines import Lines
from webapp.ingest.otlp_json import decode_json
from webapp.ingest.otlp_protobuf import decode_protobuf

if TYPE_CHECKING:
    from webapp.ingest.writer import Writer

_DECODERS = {Encoding.PROTOBUF: decode_protobuf, Encoding.JSON: decode_json}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request.

    Attributes:
        accepted: records that are stored now (or were already, if this is a retry).
        rejected: records that were left out.
        reason: why the first of them was.
        lines: of JSON lines, why each of the first ones was, by number.
    """

    accepted: int
    rejected: int
    reason: str
    lines: tuple[tuple[int, str], ...] = ()


def receive(body: bytes, encoding: Encoding, target: Target, writer: Writer, received_at_ns: int) -> Receipt:
    """Decode an inflated OTLP request, and store its records for the target.

    Raises:
        InvalidRequest: the body cannot be decoded.
        PayloadTooLarge: it holds more records than one insert should.
        Unavailable: ClickHouse is away; the client should retry.
    """
    batch = Batch(target, received_at_ns)
    return _store(lambda: _DECODERS[encoding](body, batch), batch, body, writer)


def receive_lines(body: bytes, target: Target, writer: Writer, received_at_ns: int) -> Receipt:
    """Do the same with JSON lines.

    Raises:
        InvalidRequest: not one of the lines can be stored.
        PayloadTooLarge: there are more of them than one insert should have.
        Unavailable: ClickHouse is away; the client should retry.
    """
    batch = Batch(target, received_at_ns)
    lines = Lines(batch)
    receipt = _store(lambda: lines.decode(body), batch, body, writer)
    if receipt.rejected and not receipt.accepted:
        number, reason = lines.refusals[0]
        raise InvalidRequest(f"No line could be stored. Line {number}: {reason}")
    return replace(receipt, lines=tuple(lines.refusals))


def _store(decode: Callable[[], None], batch: Batch, body: bytes, writer: Writer) -> Receipt:
    writer.gate.check()  # before the work of decoding, and the memory
    decode()
    writer.write(batch, body)
    return Receipt(len(batch), batch.refused, batch.reason)
