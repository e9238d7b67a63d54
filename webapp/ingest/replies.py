"""What OTLP clients are answered: protobuf messages, written in the encoding of the request.

Failures in protobuf are a ``google.rpc.Status``, as the protocol asks. In JSON they are the API's error shape with
the Status's ``message`` beside it; the Status's numeric ``code`` is left out, which the protocol allows, because
the API's ``code`` is a word.
"""

from __future__ import annotations

import orjson
from google.rpc import code_pb2, status_pb2  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from webapp.errors import HedgerowError
from webapp.ingest.encoding import Encoding
from webapp.ingest.receipt import Receipt

_CODES = {
    400: code_pb2.INVALID_ARGUMENT,
    401: code_pb2.UNAUTHENTICATED,
    403: code_pb2.PERMISSION_DENIED,
    413: code_pb2.RESOURCE_EXHAUSTED,
    415: code_pb2.INVALID_ARGUMENT,
    429: code_pb2.RESOURCE_EXHAUSTED,
    503: code_pb2.UNAVAILABLE,
    504: code_pb2.DEADLINE_EXCEEDED,
}


def write_success(receipt: Receipt, encoding: Encoding) -> bytes:
    """Write an ``ExportLogsServiceResponse``; it says nothing unless records were left out."""
    if encoding is Encoding.JSON:
        if not receipt.rejected:
            return b"{}"
        partial = {"rejectedLogRecords": str(receipt.rejected), "errorMessage": receipt.reason}
        return orjson.dumps({"partialSuccess": partial})
    response = ExportLogsServiceResponse()
    if receipt.rejected:
        response.partial_success.rejected_log_records = receipt.rejected
        response.partial_success.error_message = receipt.reason
    return response.SerializeToString()


def write_lines_answer(receipt: Receipt) -> bytes:
    """Write how many lines were stored; of those that were not, the first ones with their reasons."""
    answer: dict[str, object] = {"accepted": receipt.accepted, "rejected": receipt.rejected}
    if receipt.rejected:
        answer["errors"] = [{"line": number, "detail": reason} for number, reason in receipt.lines]
    return orjson.dumps(answer)


def write_failure(error: HedgerowError, encoding: Encoding, request_id: str) -> bytes:
    """Write an error; of a failure on our side also the request's id, which is in our log with the cause."""
    if encoding is Encoding.PROTOBUF:
        message = f"{error.detail} (request {request_id})" if error.status >= 500 else error.detail
        status = status_pb2.Status(code=_CODES.get(error.status, code_pb2.INTERNAL), message=message)
        return bytes(status.SerializeToString())
    body = {**error.as_dict(), "message": error.detail}
    if error.status >= 500:
        body["request_id"] = request_id
    return orjson.dumps(body)
