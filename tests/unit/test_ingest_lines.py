"""JSON lines: which field of a line becomes what of a row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.otlp import NOW_NS, Target
from webapp.ingest.batch import Batch
from webapp.ingest.json_lines import BODY_KEYS, LEVEL_KEYS, NAMED_REFUSALS, TIMESTAMP_KEYS, Lines
from webapp.ingest.json_text import BYTE_ORDER_MARK
from webapp.ingest.values import MAX_DEPTH

SECOND_NS = 1_000_000_000
MOMENT = "2026-09-21T14:13:20.123456789Z"  # NOW_NS


def read(*lines: Any) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the rows of some lines, given as bytes or as what JSON writes, and what was refused."""
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    batch = Batch(Target(), NOW_NS)
    reader = Lines(batch)
    reader.decode(body)
    columns = batch.columns()
    assert batch.refused >= len(reader.refusals)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)], reader.refusals


def row(line: Any) -> dict[str, Any]:
    rows, refusals = read(line)
    assert refusals == []
    return rows[0]


def test_fields_that_have_a_meaning_become_columns_and_the_others_attributes() -> None:
    found = row(
        {
            "timestamp": MOMENT,
            "message": "payment declined",
            "level": "ERROR",
            "service": "checkout",
            "trace_id": "00112233445566778899AABBCCDDEEFF",
            "span_id": "0011223344556677",
            "order": {"id": "A-17", "items": [1, {"sku": "x"}]},
            "retries": 3,
            "ok": False,
            "note": None,
        }
    )
    assert found["timestamp"] == NOW_NS
    assert (found["body"], found["severity_text"], found["severity_number"]) == ("payment declined", "error", 17)
    assert (found["service_name"], found["resource_attributes"]) == ("checkout", {"service.name": "checkout"})
    assert found["trace_id"].hex() == "00112233445566778899aabbccddeeff"
    assert found["span_id"].hex() == "0011223344556677"
    assert found["attributes"] == {
        "note": "",
        "ok": "false",
        "order.id": "A-17",
        "order.items": '[1,{"sku":"x"}]',
        "retries": "3",
    }


@pytest.mark.parametrize("key", TIMESTAMP_KEYS)
@pytest.mark.parametrize(
    ("value", "moment_ns"),
    [
        (1_790_000_000, 1_790_000_000 * SECOND_NS),
        (1_790_000_000.123456, 1_790_000_000_123_456_000),
        (1_790_000_000_123, 1_790_000_000_123_000_000),
        (1_790_000_000_123.5, 1_790_000_000_123_500_000),
        (1_790_000_000_123_456, 1_790_000_000_123_456_000),
        (NOW_NS, NOW_NS),
        (str(NOW_NS), NOW_NS),
        ("1790000000.5", 1_790_000_000_500_000_000),
        (MOMENT, NOW_NS),
        ("2026-09-21T16:13:20.5+02:00", 1_790_000_000_500_000_000),
        ("2026-09-21 14:13:20", 1_790_000_000 * SECOND_NS),
        (None, NOW_NS),
    ],
)
def test_timestamps_are_read_in_every_unit_and_form(key: str, value: Any, moment_ns: int) -> None:
    found = row({key: value, "msg": "x"})
    assert found["timestamp"] == moment_ns
    assert "$originalTimestamp" not in found["attributes"]


@pytest.mark.parametrize("value", ["yesterday", "", -1, True, [], {}, 1e30, 10**25])
def test_timestamp_that_cannot_be_read_refuses_its_line(value: Any) -> None:
    rows, refusals = read({"msg": "good"}, {"ts": value, "msg": "bad"})
    assert [found["body"] for found in rows] == ["good"]
    assert refusals == [(2, "ts must be a time like 2026-11-23T14:02:03.123Z, or an epoch in s, ms, µs or ns.")]


def test_timestamp_out_of_range_is_kept_beside_the_time_of_receipt() -> None:
    found = row({"time": 1_000_000_000, "msg": "old"})
    assert found["timestamp"] == NOW_NS
    assert found["attributes"] == {"$originalTimestamp": "2001-09-09T01:46:40.000000000Z"}


@pytest.mark.parametrize("key", BODY_KEYS)
@pytest.mark.parametrize(
    ("value", "text"), [("text", "text"), ({"a": [1]}, '{"a":[1]}'), (7, "7"), (True, "true"), (None, "")]
)
def test_message_is_text_as_it_is_and_json_otherwise(key: str, value: Any, text: str) -> None:
    assert row({key: value})["body"] == text


def test_of_several_names_the_first_with_a_value_counts_and_the_others_stay() -> None:
    found = row({"log": "third", "msg": "second", "message": None, "time": MOMENT, "ts": 5})
    assert (found["body"], found["timestamp"]) == ("second", NOW_NS)
    assert found["attributes"] == {"log": "third", "message": "", "ts": "5"}


@pytest.mark.parametrize("key", LEVEL_KEYS)
@pytest.mark.parametrize(
    ("value", "number"), [("Warning", 13), ("crit", 21), (10, 1), (20, 5), (30, 9), (40, 13), (50, 17), (60, 21)]
)
def test_levels_are_those_of_otlp_and_the_numbers_of_pino(key: str, value: Any, number: int) -> None:
    found = row({key: value})
    assert (found["severity_number"], found["attributes"]) == (number, {})


def test_severity_number_wins_over_the_text() -> None:
    assert row({"severity_number": 14, "level": "error"})["severity_number"] == 14


@pytest.mark.parametrize("value", ["high", 7, True, ["error"], {"value": 1}])
def test_level_that_is_none_stays_an_attribute(value: Any) -> None:
    found = row({"level": value})
    assert found["severity_text"] == "info"
    assert any(name.startswith("level") for name in found["attributes"])


def test_level_is_found_inside_a_message_of_json() -> None:
    assert row({"log": '{"level": "error"}'})["severity_text"] == "error"


@pytest.mark.parametrize(
    "line",
    [
        {"service": "api"},
        {"service.name": "api"},
        {"service": {"name": "api"}},
        {"service": None, "service.name": "api"},
    ],
)
def test_service_is_found_under_each_of_its_names(line: dict[str, Any]) -> None:
    assert row(line)["service_name"] == "api"


def test_lines_of_several_services_keep_their_own() -> None:
    names = ["a", "b", "", "a", "a", "b"]
    rows, _ = read(*({"service": name, "n": index} for index, name in enumerate(names)))
    assert [(found["service_name"], found["attributes"]["n"]) for found in rows] == [
        (name, str(index)) for index, name in enumerate(names)
    ]


@pytest.mark.parametrize("value", ["abc", 7, "zz112233445566778899aabbccddeeff"])
def test_trace_id_of_another_kind_stays_an_attribute(value: Any) -> None:
    found = row({"trace_id": value})
    assert found["trace_id"] == bytes(16)
    assert found["attributes"] == {"trace_id": str(value)}


def test_blank_lines_line_ends_of_windows_and_a_byte_order_mark_are_passed_over() -> None:
    rows, refusals = read(b'\xef\xbb\xbf{"msg": "a"}\r', b"", b" \t\r", b'{"msg": "b"}', b"")
    assert [found["body"] for found in rows] == ["a", "b"]
    assert refusals == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"msg": ', "The line is not JSON: "),
        (b"plain text", "The line is not JSON: "),
        (b"[1]", "The line must be a JSON object, not a list."),
        (b"7", "The line must be a JSON object, not a number."),
        (b"[" * 3000, "The line is not JSON: "),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "nested deeper than 32 levels"),
        (json.dumps(dict.fromkeys(map(str, range(10_001)), 1)).encode(), "attributes has more than 10,000 entries"),
    ],
    ids=["cut", "text", "list", "number", "brackets", "deep", "wide"],
)
def test_bad_line_is_refused_with_its_number_and_the_others_are_stored(line: bytes, words: str) -> None:
    rows, [(number, reason)] = read({"msg": "before"}, b"", line, {"msg": "after"})
    assert [found["body"] for found in rows] == ["before", "after"]
    assert number == 3
    assert words in reason
    assert "line 1" not in reason


def test_reasons_are_told_of_the_first_lines_alone() -> None:
    _, refusals = read(*[b"x"] * (NAMED_REFUSALS + 5))
    assert [number for number, _ in refusals] == list(range(1, NAMED_REFUSALS + 1))


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40)
        | st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["ts", "msg", "level", "service", "trace_id", "a", "a.b", ""]), inner, max_size=4
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        max_size=6,
    )
)
def test_every_line_is_a_row_or_a_refusal(lines: list[bytes]) -> None:
    parts = b"\n".join(lines).removeprefix(BYTE_ORDER_MARK).split(b"\n")
    rows, refusals = read(*lines)
    assert len(rows) + len(refusals) == sum(1 for part in parts if part.strip(b" \t\r\n\x0b\x0c"))
    assert all(reason.endswith(".") for _, reason in refusals)
