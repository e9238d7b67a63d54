"""Attributes read from their bytes: the quick way for what is short means what protobuf means."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.support.otlp import any_value
from webapp.ingest import protobuf_attributes
from webapp.ingest.protobuf_attributes import AttributeReader, read_attributes

LENGTHS = st.sampled_from([0, 1, 125, 126, 127, 128, 129, 130, 16_384])
TEXTS = st.text(max_size=8) | LENGTHS.map(lambda length: "é"[: length % 2] + "x" * length)
NUMBERS = st.sampled_from([sign * 2**bits - less for bits in range(0, 63, 7) for sign in (1, -1) for less in (0, 1)])
VALUES = (
    TEXTS | NUMBERS | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats() | st.binary(max_size=4) | st.none()
)
NESTED = st.lists(VALUES, max_size=2) | st.dictionaries(TEXTS, VALUES, max_size=2)


def as_pair(key: str, value: object) -> bytes:
    return KeyValue(key=key, value=any_value(value)).SerializeToString()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, VALUES | NESTED), max_size=5))
def test_what_is_read_is_what_protobuf_says(attributes: list[tuple[str, object]]) -> None:
    raws = [as_pair(key, value) for key, value in attributes]
    expected = read_attributes(map(KeyValue.FromString, raws))
    reader = AttributeReader()
    for _ in range(2):  # from the bytes, and from memory
        assert list(reader.read(raws).items()) == sorted(expected.items())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=12) | st.tuples(TEXTS, VALUES, st.integers(0, 6), st.integers(0, 255)))
def test_damaged_bytes_are_read_like_protobuf_reads_them(raw: bytes | tuple[str, object, int, int]) -> None:
    if isinstance(raw, tuple):
        key, value, place, byte = raw
        whole = bytearray(as_pair(key, value))
        whole[place : place + 1] = bytes((byte,))
        raw = bytes(whole)
    try:
        expected = read_attributes([KeyValue.FromString(raw)])
    except DecodeError:
        return  # refused, or mended: tests/unit/test_ingest_protobuf.py
    assert AttributeReader().read([raw]) == expected


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**14, 2**21, 2**28 - 1])
def test_a_number_that_is_cut_off_or_goes_on_is_refused(number: int) -> None:
    raw = as_pair("key", number)
    cut = raw[:-1]
    cut_with_its_length = cut[:6] + bytes((cut[6] - 1,)) + cut[7:]
    longer = raw[:6] + bytes((raw[6] + 1,)) + raw[7:] + b"\x05"
    unended = raw[:-1] + bytes((raw[-1] | 128,))
    assert AttributeReader().read([raw]) == {"key": str(number)}
    for damaged in (cut, cut_with_its_length, longer, unended):
        with pytest.raises(DecodeError):
            AttributeReader().read([damaged])


def test_an_attribute_that_is_no_utf8_is_mended() -> None:
    raw = as_pair("key", "text").replace(b"text", b"te\xfft")
    assert AttributeReader().read([raw]) == {"key": "te\ufffdt"}


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf_attributes, "MAX_REMEMBERED", 10)
    reader = AttributeReader()
    for number in range(100):
        assert reader.read([as_pair("k", str(number))]) == {"k": str(number)}
        assert len(reader) <= 10
