from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import Parse
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from webapp.errors import AuthenticationFailed, HedgerowError, InvalidRequest, PayloadTooLarge, Unavailable
from webapp.ingest.encoding import Encoding
from webapp.ingest.receipt import Receipt
from webapp.ingest.replies import write_failure, write_success


def read(body: bytes, encoding: Encoding) -> ExportLogsServiceResponse:
    if encoding is Encoding.JSON:
        return Parse(body, ExportLogsServiceResponse())
    return ExportLogsServiceResponse.FromString(body)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_full_success_says_nothing(encoding: Encoding) -> None:
    assert read(write_success(Receipt(3, 0, ""), encoding), encoding) == ExportLogsServiceResponse()


@pytest.mark.parametrize("encoding", list(Encoding))
def test_partial_success_counts_the_refused_and_says_why(encoding: Encoding) -> None:
    response = read(write_success(Receipt(3, 2, "logRecords[1] is wrong."), encoding), encoding)
    assert response.partial_success.rejected_log_records == 2
    assert response.partial_success.error_message == "logRecords[1] is wrong."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequest("What."), 3),
        (AuthenticationFailed("What."), 16),
        (PayloadTooLarge("What."), 8),
        (Unavailable("What."), 14),
        (HedgerowError("What."), 13),
    ],
)
def test_failure_in_protobuf_is_a_status(error: HedgerowError, code: int) -> None:
    status = Status.FromString(write_failure(error, Encoding.PROTOBUF, "abc"))
    assert status.code == code
    assert status.message == ("What. (request abc)" if error.status >= 500 else "What.")


def test_failure_in_json_has_the_shape_of_the_api_and_the_message_of_a_status() -> None:
    body = json.loads(write_failure(InvalidRequest("What."), Encoding.JSON, "abc"))
    assert body == {
        "type": "invalid_request",
        "code": "parse_error",
        "detail": "What.",
        "attr": None,
        "message": "What.",
    }


def test_failure_on_our_side_carries_the_request_id() -> None:
    assert json.loads(write_failure(Unavailable("What."), Encoding.JSON, "abc"))["request_id"] == "abc"
