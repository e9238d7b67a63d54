"""Columns on the wire: byte for byte what the driver's own columns write."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from clickhouse_driver.bufferedwriter import BufferedSocketWriter
from clickhouse_driver.columns.service import write_column
from clickhouse_driver.context import Context
from clickhouse_driver.errors import TypeMismatchError
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.store.blocks import BlockClient

MAP = "Map(LowCardinality(String), String)"
TEXTS = st.text(max_size=6) | st.sampled_from(["", "\0", "a\0b", "😀", "\\", "'", "x" * 127, "é" * 64, "y" * 20_000])
CLIENT = BlockClient("127.0.0.1")  # connects with its first query, which there is none of here


class Sink:
    """The end of a connection."""

    def __init__(self) -> None:
        self.received = b""

    def sendall(self, data: bytes) -> None:
        self.received += data


def ours(kind: str, items: list[Any]) -> bytes:
    sink = Sink()
    out = BufferedSocketWriter(sink, 1 << 16)
    CLIENT._write_column("column", kind, items, out)
    out.flush()
    return sink.received


def drivers(kind: str, items: list[Any]) -> bytes:
    context = Context()
    context.client_settings = CLIENT.connection.context.client_settings
    sink = Sink()
    out = BufferedSocketWriter(sink, 1 << 16)
    write_column(context, "column", kind, list(items), out)
    out.flush()
    return sink.received


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(TEXTS, TEXTS, max_size=4), min_size=1, max_size=6))
def test_maps(items: list[dict[str, str]]) -> None:
    assert ours(MAP, items) == drivers(MAP, items)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXTS, TEXTS, max_size=4), st.dictionaries(TEXTS, TEXTS, max_size=4))
def test_maps_that_rows_share(one: dict[str, str], other: dict[str, str]) -> None:
    items = [one] * 5 + [other] * 3 + [one]
    assert ours(MAP, items) == drivers(MAP, items)


@pytest.mark.parametrize("count", [1, 255, 257, 70_000])
def test_any_number_of_different_texts(count: int) -> None:
    texts = [f"key {number}" for number in range(count)]
    assert ours("LowCardinality(String)", texts) == drivers("LowCardinality(String)", texts)
    maps = [dict.fromkeys(texts, "x")]
    assert ours(MAP, maps) == drivers(MAP, maps)


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_texts(items: list[str]) -> None:
    for kind in ("String", "LowCardinality(String)"):
        assert ours(kind, items) == drivers(kind, items)


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("UInt8", [0, 255]),
        ("UInt32", [0, 2**32 - 1]),
        ("UInt64", [0, 2**64 - 1]),
        ("DateTime64(9, 'UTC')", [0, 2**63 - 1]),
        ("Date", [date(1970, 1, 1), date(2026, 3, 1), date(2149, 6, 6), date(2026, 3, 1)]),
        ("FixedString(16)", [bytes(16), bytes(range(16))]),
    ],
)
def test_everything_else(kind: str, items: list[Any]) -> None:
    assert ours(kind, items) == drivers(kind, items)


def test_ids_are_written_from_their_bits() -> None:
    items = [UUID(int=0), UUID("0199d0c0-0000-7000-8000-00000000abcd"), UUID(int=2**128 - 1)]
    assert ours("UUID", [item.int for item in items]) == drivers("UUID", items)


@pytest.mark.parametrize(
    ("kind", "items"), [("UInt8", [256]), ("UUID", ["x"]), (MAP, ["x"]), ("Date", [5]), ("String", [5])]
)
def test_a_value_of_another_type_is_an_error_that_names_the_column(kind: str, items: list[Any]) -> None:
    with pytest.raises(TypeMismatchError, match="column"):
        ours(kind, items)
