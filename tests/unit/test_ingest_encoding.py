from __future__ import annotations

import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.support.otlp import as_json, record, request
from webapp.ingest.encoding import Encoding, declared_encoding, encoding_of

MESSAGE = request(record("hello"))


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/x-protobuf", Encoding.PROTOBUF),
        ("Application/X-Protobuf; charset=utf-8", Encoding.PROTOBUF),
        ("application/protobuf", Encoding.PROTOBUF),
        ("application/vnd.google.protobuf", Encoding.PROTOBUF),
        ("application/json", Encoding.JSON),
        ("application/json;charset=utf-8", Encoding.JSON),
        ("text/json", Encoding.JSON),
        ("application/vnd.otel+json", Encoding.JSON),
        ("", None),
        ("text/plain", None),
        ("application/octet-stream", None),
        ("application/x-www-form-urlencoded", None),
        ("json", None),
    ],
)
def test_content_type_says_the_encoding_or_nothing(content_type: str, encoding: Encoding | None) -> None:
    assert declared_encoding(content_type) is encoding


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "???"])
def test_without_a_content_type_that_helps_the_body_is_looked_at(content_type: str) -> None:
    assert encoding_of(content_type, MESSAGE.SerializeToString()) is Encoding.PROTOBUF
    assert encoding_of(content_type, as_json(MESSAGE)) is Encoding.JSON
    assert encoding_of(content_type, b"\n\n  " + as_json(MESSAGE)) is Encoding.JSON
    assert encoding_of(content_type, b"\xef\xbb\xbf" + as_json(MESSAGE)) is Encoding.JSON
    assert encoding_of(content_type, json.dumps(json.loads(as_json(MESSAGE)), indent=2).encode()) is Encoding.JSON
    assert encoding_of(content_type, b"") is Encoding.JSON


def test_protobuf_whose_length_is_a_brace_is_not_taken_for_json() -> None:
    message = ExportLogsServiceRequest()
    for length in range(60, 130):
        message = request(record("x" * length))
        if message.SerializeToString()[:2] == b"\n{":
            break
    assert message.SerializeToString()[:2] == b"\n{"
    assert encoding_of("", message.SerializeToString()) is Encoding.PROTOBUF


def test_content_type_wins_over_the_look_of_the_body() -> None:
    assert encoding_of("application/json", MESSAGE.SerializeToString()) is Encoding.JSON
    assert encoding_of("application/x-protobuf", as_json(MESSAGE)) is Encoding.PROTOBUF
