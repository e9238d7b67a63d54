"""JSON as clients write it, and what is refused with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.otlp import NOW_NS, decode_text, json_record, only_row
from webapp.errors import InvalidRequest

TRACE = "0102030405060708090a0b0c0d0e0f10"


@pytest.mark.parametrize("time", [NOW_NS, str(NOW_NS)])
def test_nanoseconds_come_as_number_or_text(time: Any) -> None:
    assert only_row(decode_text(json_record(timeUnixNano=time)))["timestamp"] == NOW_NS


def test_time_as_a_rounded_number_is_taken_as_it_is() -> None:
    body = json_record().replace(b"{}", b'{"timeUnixNano":1.790e18}')
    assert only_row(decode_text(body))["timestamp"] == 1_790_000_000_000_000_000


@pytest.mark.parametrize("number", [17, 17.0, "17", "SEVERITY_NUMBER_ERROR"])
def test_severity_number_comes_as_number_text_or_name(number: Any) -> None:
    row = only_row(decode_text(json_record(severityNumber=number)))
    assert (row["severity_number"], row["severity_text"]) == (17, "error")


@pytest.mark.parametrize(
    "text",
    [TRACE, TRACE.upper(), "AQIDBAUGBwgJCgsMDQ4PEA=="],
    ids=["lower case", "upper case", "base64"],
)
def test_trace_id_is_hexadecimal_or_base64(text: str) -> None:
    assert only_row(decode_text(json_record(traceId=text)))["trace_id"] == bytes.fromhex(TRACE)


@pytest.mark.parametrize("text", ["", None, TRACE[:-2], "z" * 32, "not an id", "not an id=", "é" * 32, "ab" * 11])
def test_id_that_is_none_is_zeros(text: Any) -> None:
    row = only_row(decode_text(json_record(traceId=text, spanId=text)))
    assert (row["trace_id"], row["span_id"]) == (bytes(16), bytes(8))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"intValue": 1}, "1"),
        ({"intValue": "1"}, "1"),
        ({"int_value": -5}, "-5"),
        ({"intValue": 1.0}, "1"),
        ({"intValue": 2**70}, None),
        ({"intValue": "99999999999999999999"}, "99999999999999999999"),
        ({"doubleValue": 1}, "1.0"),
        ({"doubleValue": "2.5"}, "2.5"),
        ({"doubleValue": "NaN"}, "NaN"),
        ({"doubleValue": "-Infinity"}, "-Infinity"),
        ({"boolValue": False}, "false"),
        ({"stringValue": None, "intValue": 3}, "3"),
        ({"unknownValue": 1, "stringValue": "known"}, "known"),
        ({"unknownValue": 1}, "null"),
        ({"bytesValue": "_-8"}, "/+8="),
        ({"arrayValue": {}}, "[]"),
        ({"arrayValue": {"values": [None, {"stringValue": "x"}]}}, '[null,"x"]'),
        ({"kvlist_value": {}}, "{}"),
    ],
)
def test_values_come_in_many_spellings(value: Any, text: str | None) -> None:
    row = only_row(decode_text(json_record(attributes=[{"key": "k", "value": value}])))
    assert row["attributes"]["k"] == (text if text is not None else str(int(float(2**70))))


def test_null_is_the_default_of_every_field() -> None:
    names = ("timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "body", "attributes", "traceId")
    row = only_row(decode_text(json_record(**dict.fromkeys((*names, "spanId", "flags", "eventName")))))
    assert (row["timestamp"], row["body"], row["attributes"], row["severity_text"]) == (NOW_NS, "", {}, "info")


def test_unknown_fields_are_ignored_at_every_level() -> None:
    record = {"body": {"stringValue": "x"}, "droppedAttributesCount": 1, "new": [1]}
    scope_logs = {"scope": {"name": "s", "new": 1}, "logRecords": [record], "schemaUrl": "", "new": {}}
    resource_logs = {"resource": {"attributes": [], "new": 1}, "scopeLogs": [scope_logs], "new": None}
    row = only_row(decode_text(json.dumps({"resourceLogs": [resource_logs], "new": 1}).encode()))
    assert (row["body"], row["scope_name"]) == ("x", "s")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb'"cut \ud83d"', "cut \ufffd"),
        (rb'"whole \ud83e\udd94"', "whole 🦔"),
        (rb'"\\ud83d stays"', r"\ud83d stays"),
        (b'"latin \xe9 1"', "latin \ufffd 1"),
        (rb'"nul \u0000"', "nul \x00"),
    ],
)
def test_text_that_is_not_unicode_is_mended(raw: bytes, text: str) -> None:
    body = json_record(body={"stringValue": "?"}).replace(b'"?"', raw)
    assert only_row(decode_text(body))["body"] == text


def test_mended_text_may_stand_in_keys_and_beside_nan() -> None:
    fields = b'{"attributes":[{"key":"\\ud800","value":{"doubleValue":NaN}}]}'
    assert only_row(decode_text(json_record().replace(b"{}", fields)))["attributes"] == {"\ufffd": "NaN"}


def test_byte_order_mark_is_skipped() -> None:
    assert len(decode_text(b"\xef\xbb\xbf" + json_record())) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"timeUnixNano": "soon"}, "timeUnixNano must be a whole number from 0 to 18446744073709551615"),
        ({"timeUnixNano": -1}, "timeUnixNano must be a whole number"),
        ({"timeUnixNano": True}, "timeUnixNano must be a whole number"),
        ({"time_unix_nano": "1e3"}, "timeUnixNano must be a whole number"),
        ({"observedTimeUnixNano": 2**64}, "observedTimeUnixNano must be a whole number"),
        ({"flags": 2**32}, "flags must be a whole number from 0 to 4294967295"),
        ({"severityNumber": "LOUD"}, "severityNumber must be a number from 0 to 24 or a name"),
        ({"severityText": 5}, "severityText must be a string, not a number"),
        ({"body": "plain"}, 'body must be an object like {"stringValue": "…"}, not a string'),
        ({"body": {"stringValue": 5}}, "body.stringValue cannot be a number"),
        ({"body": {"intValue": "five"}}, "body.intValue cannot be 'five'"),
        ({"body": {"boolValue": "true"}}, "body.boolValue cannot be 'true'"),
        ({"body": {"doubleValue": []}}, "body.doubleValue cannot be a list"),
        ({"body": {"bytesValue": "%"}}, "body.bytesValue cannot be '%'"),
        ({"body": {"arrayValue": {"values": {}}}}, "body.values must be a list, not an object"),
        ({"body": {"kvlistValue": {"values": [1]}}}, "body.values must be an object, not a number"),
        ({"attributes": {"a": 1}}, "attributes must be a list, not an object"),
        ({"attributes": ["a"]}, "attributes[0] must be an object with key and value, not a string"),
        ({"attributes": [{"key": 1}]}, "attributes[0].key must be a string, not a number"),
        ({"attributes": [{"key": "a", "value": 1}]}, "attributes[0].value must be an object like"),
        ({"traceId": 5}, "traceId must be a string, not a number"),
        ({"eventName": {}}, "eventName must be a string, not an object"),
    ],
)
def test_record_with_a_wrong_field_is_refused_alone_and_the_field_is_named(fields: dict[str, Any], reason: str) -> None:
    good = {"body": {"stringValue": "good"}}
    request = {"resourceLogs": [{"scopeLogs": [{"logRecords": [good, fields, good]}]}]}
    batch = decode_text(json.dumps(request).encode())
    assert batch.columns()["body"] == ["good", "good"]
    assert batch.refused == 1
    assert batch.reason.startswith(f"resourceLogs[0].scopeLogs[0].logRecords[1].{reason}")
    assert batch.reason.endswith(".")


def test_record_that_is_no_object_is_refused_alone() -> None:
    batch = decode_text(b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[null,{}]}]}]}')
    assert (len(batch), batch.refused) == (1, 1)
    assert batch.reason == "resourceLogs[0].scopeLogs[0].logRecords[0] must be an object, not null."


def test_reason_is_that_of_the_first_refused_record() -> None:
    batch = decode_text(b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[1,"two"]}]}]}')
    assert batch.refused == 2
    assert "[0] must be an object, not a number" in batch.reason


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is not JSON: "),
        (b"{", "The body is not JSON: unexpected end of data at line 1, column "),
        (b"\xff\xff", "The body is not JSON: "),
        (b"[" * 100_000, "The body is not JSON: "),
        (b"[]", "The body must be a JSON object with resourceLogs, not a list."),
        (b"null", "The body must be a JSON object with resourceLogs, not null."),
        (b'{"resourceSpans":[]}', "The JSON object has no resourceLogs: it is not an ExportLogsServiceRequest."),
        (b'{"resourceLogs":{}}', "resourceLogs must be a list, not an object."),
        (b'{"resourceLogs":[1]}', "resourceLogs[0] must be an object, not a number."),
        (b'{"resourceLogs":[{"resource":[]}]}', "resourceLogs[0].resource must be an object, not a list."),
        (
            b'{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":5}]}}]}',
            'resourceLogs[0].resource.attributes[0].value must be an object like {"stringValue":',
        ),
        (b'{"resourceLogs":[{"scopeLogs":5}]}', "resourceLogs[0].scopeLogs must be a list, not a number."),
        (
            b'{"resourceLogs":[{"scopeLogs":[{},{"scope":{"name":1}}]}]}',
            "resourceLogs[0].scopeLogs[1].scope.name must be a string, not a number.",
        ),
        (
            b'{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}',
            "resourceLogs[0].scopeLogs[0].logRecords must be a list, not an object.",
        ),
    ],
)
def test_body_that_is_no_request_is_refused_with_a_sentence(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_text(body)
    assert caught.value.detail.startswith(detail)
    assert caught.value.code == "parse_error"


@pytest.mark.parametrize("body", [b"{}", b'{"resourceLogs":[]}', b'{"resource_logs":null}', b'{"resourceLogs":[{}]}'])
def test_request_without_records_is_no_error(body: bytes) -> None:
    batch = decode_text(body)
    assert (len(batch), batch.refused) == (0, 0)
