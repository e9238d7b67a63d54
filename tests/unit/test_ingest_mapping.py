"""The mapping of a record to its row: every rule, in both encodings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.support.otlp import NOW_NS, Target, as_json, decode, decode_text, only_row, pairs, record, request
from webapp.errors import PayloadTooLarge
from webapp.ingest import batch as batch_module
from webapp.ingest.batch import DAY_NS, SECOND_NS, Batch

Decode = Callable[..., Batch]


def by_protobuf(message: ExportLogsServiceRequest, **options: Any) -> Batch:
    return decode(message.SerializeToString(), **options)


def by_json(message: ExportLogsServiceRequest, **options: Any) -> Batch:
    return decode_text(as_json(message), **options)


def by_snake_case_json(message: ExportLogsServiceRequest, **options: Any) -> Batch:
    return decode_text(as_json(message, snake_case=True), **options)


pytestmark = pytest.mark.parametrize("decoded", [by_protobuf, by_json, by_snake_case_json])


def test_every_column_is_filled_from_its_field(decoded: Decode) -> None:
    message = request(
        record(
            "payment declined",
            {"http.route": "/pay", "attempt": 2},
            observed_time_unix_nano=NOW_NS + 5,
            severity_number=18,
            severity_text="ERROR2",
            trace_id=bytes(range(16)),
            span_id=bytes(range(8)),
            flags=0x301,
            event_name="payment.declined",
        ),
        resource={"service.name": "shop", "host.name": "a1"},
        scope=("shop.payments", "1.4"),
    )
    row = only_row(decoded(message, now_ns=NOW_NS + 99))
    uuid, fingerprint = row.pop("uuid"), row.pop("resource_fingerprint")
    assert UUID(int=uuid).version == 7
    assert 0 <= fingerprint < 1 << 64
    assert row == {
        "project_id": 7,
        "timestamp": NOW_NS,
        "trace_id": bytes(range(16)),
        "span_id": bytes(range(8)),
        "trace_flags": 1,
        "severity_text": "error",
        "severity_number": 18,
        "service_name": "shop",
        "body": "payment declined",
        "attributes": {"attempt": "2", "http.route": "/pay"},
        "resource_attributes": {"host.name": "a1", "service.name": "shop"},
        "scope_name": "shop.payments",
        "scope_version": "1.4",
        "event_name": "payment.declined",
        "expires_on": (datetime.fromtimestamp(NOW_NS / SECOND_NS, UTC).date()).fromordinal(
            datetime.fromtimestamp(NOW_NS / SECOND_NS, UTC).date().toordinal() + 30
        ),
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("as it is\n\ttab", "as it is\n\ttab"),
        ("", ""),
        (None, ""),
        ("nul \x00 and 🦔", "nul \x00 and 🦔"),
        (42, "42"),
        (-(2**63), "-9223372036854775808"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (True, "true"),
        (False, "false"),
        (b"\x00\xff", "AP8="),
        ({"a": 1, "b": {"c": [True, None, "x"]}}, '{"a":1,"b":{"c":[true,null,"x"]}}'),
        ({}, "{}"),
        ([], "[]"),
        ([b"hi", 2.0, float("nan"), float("-inf")], '["aGk=",2.0,"NaN","-Infinity"]'),
        ({"é": "ü"}, '{"é":"ü"}'),
    ],
)
def test_body_is_text_or_json_text(decoded: Decode, body: Any, text: str) -> None:
    assert only_row(decoded(request(record(body))))["body"] == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", {"k": "text"}),
        ("", {"k": ""}),
        (None, {"k": "null"}),
        (0, {"k": "0"}),
        (2**63 - 1, {"k": "9223372036854775807"}),
        (0.1, {"k": "0.1"}),
        (float("inf"), {"k": "Infinity"}),
        (float("nan"), {"k": "NaN"}),
        (True, {"k": "true"}),
        (b"hi", {"k": "aGk="}),
        ([1, "a", {"b": 2}], {"k": '[1,"a",{"b":2}]'}),
        ([], {"k": "[]"}),
        ({}, {"k": "{}"}),
        ({"a": 1, "b": "x"}, {"k.a": "1", "k.b": "x"}),
        ({"a": {"b": {"c": False}}, "d": {}}, {"k.a.b.c": "false", "k.d": "{}"}),
        ({"": "empty"}, {"k.": "empty"}),
    ],
)
def test_attribute_becomes_text_and_maps_become_dotted_keys(
    decoded: Decode, value: Any, expected: dict[str, str]
) -> None:
    row = only_row(decoded(request(record("x", {"k": value}), resource={"k": value})))
    assert row["attributes"] == expected
    assert row["resource_attributes"] == expected


def test_attribute_without_a_value_is_empty_text(decoded: Decode) -> None:
    message = request(record("x"))
    message.resource_logs[0].scope_logs[0].log_records[0].attributes.add(key="k")
    assert only_row(decoded(message))["attributes"] == {"k": ""}


def test_last_of_equal_keys_counts(decoded: Decode) -> None:
    message = request(record("x", {"k": "first", "m": {"a": 1}}))
    message.resource_logs[0].scope_logs[0].log_records[0].attributes.extend(pairs({"k": "last", "m.a": 2}))
    assert only_row(decoded(message))["attributes"] == {"k": "last", "m.a": "2"}


def test_last_of_equal_keys_counts_whichever_value_would_be_sorted_last(decoded: Decode) -> None:
    message = request(record("x", {"k": "z", "a": 1}))
    message.resource_logs[0].scope_logs[0].log_records[0].attributes.extend(pairs({"k": "b"}))
    assert list(only_row(decoded(message))["attributes"].items()) == [("a", "1"), ("k", "b")]


def test_keys_are_sorted_in_every_row(decoded: Decode) -> None:
    row = only_row(decoded(request(record("x", {"b": 1, "a": 2, "$": 3}), resource={"z": 1, "y": 2})))
    assert list(row["attributes"]) == ["$", "a", "b"]
    assert list(row["resource_attributes"]) == ["y", "z"]


@pytest.mark.parametrize("name", ["", "shop"])
def test_service_name_comes_from_the_resource(decoded: Decode, name: str) -> None:
    resource = {"service.name": name} if name else {"host.name": "a1"}
    assert (
        only_row(decoded(request(record("x", {"service.name": "not this"}), resource=resource)))["service_name"] == name
    )


def test_same_resource_has_the_same_fingerprint_whatever_the_order(decoded: Decode) -> None:
    one = only_row(decoded(request(record("x"), resource={"a": "1", "b": "2"})))
    two = only_row(decoded(request(record("y"), resource={"b": "2", "a": "1"})))
    other = only_row(decoded(request(record("x"), resource={"a": "1", "b": "3"})))
    shifted = only_row(decoded(request(record("x"), resource={"a": "1b", "": "2"})))
    assert one["resource_fingerprint"] == two["resource_fingerprint"] == 3635842660603944335
    assert len({one["resource_fingerprint"], other["resource_fingerprint"], shifted["resource_fingerprint"]}) == 3


@pytest.mark.parametrize("size", [0, 1, 8, 15, 17, 32])
def test_ids_of_a_wrong_length_are_zeros(decoded: Decode, size: int) -> None:
    row = only_row(decoded(request(record("x", trace_id=b"\1" * size, span_id=b"\1" * (size + 1)))))
    assert row["trace_id"] == bytes(16)
    assert row["span_id"] == bytes(8)


def test_flags_keep_the_byte_of_the_trace(decoded: Decode) -> None:
    assert only_row(decoded(request(record("x", flags=0xFFFFFF01))))["trace_flags"] == 1


def test_missing_time_is_the_observed_one_and_else_that_of_receipt(decoded: Decode) -> None:
    observed = only_row(decoded(request(record("x", time_unix_nano=0, observed_time_unix_nano=NOW_NS - 5))))
    assert observed["timestamp"] == NOW_NS - 5
    received = only_row(decoded(request(record("x", time_unix_nano=0))))
    assert received["timestamp"] == NOW_NS
    assert "$originalTimestamp" not in observed["attributes"] | received["attributes"]


@pytest.mark.parametrize(
    ("offset_ns", "kept"),
    [(0, True), (-30 * DAY_NS, True), (-30 * DAY_NS - 1, False), (DAY_NS, True), (DAY_NS + 1, False)],
)
def test_time_beyond_retention_or_a_day_ahead_becomes_the_time_of_receipt(
    decoded: Decode, offset_ns: int, kept: bool
) -> None:
    row = only_row(decoded(request(record("x", {"a": "1"}, time_unix_nano=NOW_NS + offset_ns))))
    assert row["timestamp"] == (NOW_NS + offset_ns if kept else NOW_NS)
    assert ("$originalTimestamp" in row["attributes"]) is not kept
    assert row["attributes"]["a"] == "1"


@pytest.mark.parametrize(
    ("time_ns", "written"),
    [
        (1, "1970-01-01T00:00:00.000000001Z"),
        (2**64 - 1, "2554-07-21T23:34:33.709551615Z"),
        (1_234_567_890_000_000_000, "2009-02-13T23:31:30.000000000Z"),
    ],
)
def test_original_time_is_kept_to_the_nanosecond(decoded: Decode, time_ns: int, written: str) -> None:
    row = only_row(decoded(request(record("x", time_unix_nano=time_ns))))
    assert row["attributes"] == {"$originalTimestamp": written}
    assert row["timestamp"] == NOW_NS


def test_observed_time_that_cannot_be_is_replaced_too(decoded: Decode) -> None:
    row = only_row(decoded(request(record("x", time_unix_nano=0, observed_time_unix_nano=5))))
    assert row["timestamp"] == NOW_NS
    assert row["attributes"] == {"$originalTimestamp": "1970-01-01T00:00:00.000000005Z"}


@pytest.mark.parametrize(
    ("moment", "retention_days", "expected"),
    [
        ("2026-03-01T00:00:00", 30, date(2026, 3, 31)),
        ("2026-02-28T23:59:59", 1, date(2026, 3, 1)),
        ("2026-12-31T12:00:00", 365, date(2027, 12, 31)),
        ("2026-12-31T12:00:00", 100_000, date(2149, 6, 5)),
        ("2026-12-31T12:00:00", 10**9, date(2149, 6, 5)),
    ],
)
def test_row_expires_its_retention_after_its_own_day(
    decoded: Decode, moment: str, retention_days: int, expected: date
) -> None:
    time_ns = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * SECOND_NS
    message = request(record("x", time_unix_nano=time_ns))
    row = only_row(decoded(message, target=Target(retention_days=retention_days), now_ns=time_ns + 3600 * SECOND_NS))
    assert row["expires_on"] == expected


def test_resources_and_scopes_stay_with_their_own_records(decoded: Decode) -> None:
    message = request(record("a"), record("b"), resource={"service.name": "one"}, scope=("s1", "1"))
    scope_logs = message.resource_logs[0].scope_logs.add()
    scope_logs.scope.name = "s2"
    scope_logs.log_records.append(record("c"))
    message.resource_logs[0].scope_logs.add()  # an empty scope between
    message.MergeFrom(request(record("d"), resource={"service.name": "two"}))
    columns = decoded(message).columns()
    assert columns["body"] == ["a", "b", "c", "d"]
    assert columns["service_name"] == ["one", "one", "one", "two"]
    assert columns["scope_name"] == ["s1", "s1", "s2", ""]
    assert columns["scope_version"] == ["1", "1", "", ""]
    assert columns["resource_attributes"][0] is columns["resource_attributes"][2]
    assert len(set(columns["uuid"])) == 4


def test_long_bodies_and_thousands_of_attributes_are_stored(decoded: Decode) -> None:
    attributes = {f"key{number:05}": f"v{number}" for number in range(5_000)}
    row = only_row(decoded(request(record("x" * 1_000_000, attributes))))
    assert len(row["body"]) == 1_000_000
    assert row["attributes"] == attributes


def test_record_with_too_many_attributes_is_refused_and_its_neighbours_are_stored(decoded: Decode) -> None:
    many = {f"k{number}": number for number in range(10_001)}
    mixed = {"m": {f"k{number}": number for number in range(9_999)}, "n": {"a": 1, "b": 2}}
    records = [record("before"), record("flat", many), record("nested", {"m": many}), record("mixed", mixed)]
    batch = decoded(request(*records, record("after")))
    assert batch.columns()["body"] == ["before", "after"]
    assert batch.refused == 3
    assert "[1].attributes has more than 10,000 entries" in batch.reason


def nested(depth: int, kind: type) -> Any:
    value: Any = "leaf"
    for _ in range(depth - 1):
        value = [value] if kind is list else {"m": value}
    return value


@pytest.mark.parametrize("kind", [list, dict])
def test_values_may_be_nested_32_levels_deep_and_deeper_ones_are_refused(decoded: Decode, kind: type) -> None:
    batch = decoded(
        request(
            record(nested(32, kind), {"k": nested(32, kind)}),
            record(nested(33, kind)),
            record("x", {"k": nested(33, kind)}),
        )
    )
    assert (len(batch), batch.refused) == (1, 2)
    assert "nested deeper than 32 levels" in batch.reason


def test_deeply_nested_keys_cannot_multiply_the_size_of_a_request(decoded: Decode) -> None:
    leaves = {f"leaf{number}": "" for number in range(1_000)}
    row = only_row(decoded(request(record("x", {"k" * 10_000: leaves}))))
    assert list(row["attributes"]) == ["k" * 10_000]
    assert row["attributes"]["k" * 10_000].startswith('{"leaf0":"","leaf1":""')


def test_request_with_more_records_than_one_insert_should_hold_is_too_large(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "MAX_RECORDS", 3)
    assert len(decoded(request(*[record("x")] * 3))) == 3
    with pytest.raises(PayloadTooLarge, match="at most 3 records"):
        decoded(request(*[record("x")] * 4))


def test_request_with_more_attributes_than_one_insert_should_hold_is_too_large(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "MAX_ATTRIBUTES_ALTOGETHER", 10)
    for attributes in ({"a": 1, "b": 2, "c": 3}, {"m": {"a": 1, "b": 2, "c": 3}}):
        with pytest.raises(PayloadTooLarge, match="smaller batches"):
            decoded(request(*[record("x", attributes)] * 4))


def test_maps_that_unfold_into_more_entries_than_one_insert_should_hold_are_too_large(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "MAX_LEAVES", 4)
    assert len(decoded(request(record("x", {"m": {"a": 1, "b": 2, "c": 3}})))) == 1
    with pytest.raises(PayloadTooLarge, match="smaller batches"):
        decoded(request(*[record("x", {"m": {"a": 1, "b": 2, "c": 3}})] * 3))


def test_resource_that_would_fill_the_memory_if_every_row_repeated_it_is_too_large(decoded: Decode) -> None:
    resource = {"k": "x" * 3 * 1024 * 1024}
    assert len(decoded(request(*[record("x")] * 80, resource=resource))) == 80
    with pytest.raises(PayloadTooLarge, match="repeated in every one of their records"):
        decoded(request(*[record("x")] * 90, resource=resource))


def test_attributes_that_repeat_one_key_count_too(decoded: Decode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "MAX_ATTRIBUTES_ALTOGETHER", 10)
    message = request(record("x"))
    for _ in range(11):
        message.resource_logs[0].scope_logs[0].log_records[0].attributes.add()
    with pytest.raises(PayloadTooLarge):
        decoded(message)


@pytest.mark.parametrize("level", ["resources", "scopes", "records"])
def test_countless_empty_parts_are_too_large_before_they_are_read(
    decoded: Decode, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setattr(batch_module, "MAX_PARTS", 5)
    message = request()
    resource_logs = message.resource_logs[0]
    scope_logs = resource_logs.scope_logs[0]
    adders = {"resources": message.resource_logs.add, "scopes": resource_logs.scope_logs.add}
    for _ in range(5):
        adders.get(level, scope_logs.log_records.add)()
    with pytest.raises(PayloadTooLarge):
        decoded(message)


def test_request_without_records_is_empty(decoded: Decode) -> None:
    assert len(decoded(request())) == 0
    assert len(decoded(ExportLogsServiceRequest())) == 0
    assert decoded(request()).columns()["uuid"] == []
