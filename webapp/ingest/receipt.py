"""A request from its bytes to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.ingest.batch import Batch, Target
from webapp.ingest.encoding import Encoding, encoding_of
from webapp.ingest.otlp_json import decode_json
from webapp.ingest.otlp_protobuf import decode_protobuf
from webapp.ingest.writer import write

if TYPE_CHECKING:
    from webapp.store.store import Store

_DECODERS = {Encoding.PROTOBUF: decode_protobuf, Encoding.JSON: decode_json}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a request.

    Attributes:
        accepted: records that are stored now (or were already, if this is a retry).
        rejected: records that were left out.
        reason: why the first of them was.
    """

    accepted: int
    rejected: int
    reason: str


def receive(body: bytes, content_type: str, target: Target, store: Store, received_at_ns: int) -> Receipt:
    """Decode an inflated OTLP request, and store its records for the target.

    Raises:
        InvalidRequest: the body cannot be decoded.
        PayloadTooLarge: it holds more records than one insert should.
        Unavailable: ClickHouse is away; the client should retry.
    """
    batch = Batch(target, received_at_ns)
    _DECODERS[encoding_of(content_type, body)](body, batch)
    write(store, batch, body)
    return Receipt(len(batch), batch.refused, batch.reason)
