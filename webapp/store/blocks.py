"""Columns on the wire: ClickHouse's native format, without a step of Python per value.

The driver's own columns look at every value for itself, and at every key of a map. Here whole columns go through
``map``, ``array`` and ``join``, and what repeats is done once: the keys for all rows that have the same ones, the
values of a map that rows share.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate, chain
from typing import Any

from clickhouse_driver import Client, defines
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.columns.service import write_column
from clickhouse_driver.errors import TypeMismatchError
from clickhouse_driver.protocol import ClientPacketTypes
from clickhouse_driver.varint import write_varint
from clickhouse_driver.writer import write_binary_int64, write_binary_str, write_binary_uint8

_EPOCH = date(1970, 1, 1).toordinal()
_LOW_CARDINALITY_VERSION = 1
_OWN_DICTIONARY = 1 << 9 | 1 << 10  # the keys stand in this block, and no earlier ones count
_NUMBERS = {"UInt8": "B", "UInt16": "H", "UInt32": "I", "UInt64": "Q", "DateTime64(9, 'UTC')": "q"}


class BlockClient(Client):  # type: ignore[misc]
    """The driver's client, whose columnar insertions are written by this module."""

    def send_data(
        self, sample_block: Any, data: Sequence[Sequence[Any]], types_check: bool = False, columnar: bool = False
    ) -> int:
        """Send the rows in one block, whatever their number, and the empty one that ends them."""
        if not columnar:
            rows: int = super().send_data(sample_block, data, types_check=types_check)
            return rows
        block = ColumnOrientedBlock(sample_block.columns_with_types, data)
        if block.num_rows:
            self._send_block(block)
        self.connection.send_data(ColumnOrientedBlock())
        return int(block.num_rows)  # whatever the server says meanwhile is read with the end of the insertion

    def _send_block(self, block: Any) -> None:
        connection = self.connection
        write_varint(ClientPacketTypes.DATA, connection.fout)
        write_binary_str("", connection.fout)  # no temporary table
        stream = connection.block_out
        BlockInfo().write(stream.fout)
        write_varint(block.num_columns, stream.fout)
        write_varint(block.num_rows, stream.fout)
        revision = connection.server_info.used_revision
        for (name, kind), items in zip(block.columns_with_types, block.get_columns(), strict=True):
            write_binary_str(name, stream.fout)
            write_binary_str(kind, stream.fout)
            if revision >= defines.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION:
                write_binary_uint8(0, stream.fout)  # every value is written out
            self._write_column(name, kind, items, stream.fout)
        stream.finalize()

    def _write_column(self, name: str, kind: str, items: Sequence[Any], out: Any) -> None:
        writer = _WRITERS.get(kind)
        try:
            if writer is not None:
                writer(items, out)
            elif kind in _NUMBERS:
                out.write(array(_NUMBERS[kind], items).tobytes())
            else:
                write_column(self.connection.context, name, kind, list(items), out)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise TypeMismatchError(f"Column {name} of type {kind}: {error}") from error


def _write_texts(items: Sequence[str], out: Any) -> None:
    out.write_strings(items, encoding="utf-8")


def _write_categories(items: Sequence[str], out: Any) -> None:
    write_binary_int64(_LOW_CARDINALITY_VERSION, out)
    distinct = dict.fromkeys(items)
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    _write_dictionary(distinct, len(items), array(_width(distinct), map(numbers.__getitem__, items)).tobytes(), out)


def _write_maps(items: Sequence[dict[str, str]], out: Any) -> None:
    write_binary_int64(_LOW_CARDINALITY_VERSION, out)
    ends = array("Q", accumulate(map(len, items)))
    out.write(ends.tobytes())
    if not ends[-1]:
        return
    key_sets = list(map(tuple, items))
    distinct_sets = dict.fromkeys(key_sets)
    distinct = dict.fromkeys(chain.from_iterable(distinct_sets))
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    width = _width(distinct)
    written = {keys: array(width, map(numbers.__getitem__, keys)).tobytes() for keys in distinct_sets}
    _write_dictionary(distinct, ends[-1], b"".join(map(written.__getitem__, key_sets)), out)
    _write_values(items, out)


def _write_values(items: Sequence[dict[str, str]], out: Any) -> None:
    """Write the values of maps; those of a map that many rows share, as they share a resource's, once."""
    shared = dict(zip(map(id, items), items, strict=True))
    if len(shared) * 2 > len(items):
        _write_texts(list(chain.from_iterable(map(dict.values, items))), out)
        return
    written = {number: b"".join(map(_as_bytes, values.values())) for number, values in shared.items()}
    for number in map(id, items):
        out.write(written[number])


def _as_bytes(text: str) -> bytes:
    """Return a text as it is written: its length in groups of seven bits, the lowest first, then itself."""
    encoded = text.encode()
    length, head = len(encoded), bytearray()
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head) + encoded


def _write_dictionary(distinct: dict[str, None], count: int, numbers: bytes, out: Any) -> None:
    """Write the texts there are, then for each row the number of its text."""
    write_binary_int64(_OWN_DICTIONARY | _WIDTHS.index(_width(distinct)), out)
    write_binary_int64(len(distinct), out)
    _write_texts(list(distinct), out)
    write_binary_int64(count, out)
    out.write(numbers)


_WIDTHS = ("B", "H", "I")


def _width(distinct: dict[str, None]) -> str:
    """Return the smallest kind of number in which each text has its own."""
    return _WIDTHS[(len(distinct) > 1 << 8) + (len(distinct) > 1 << 16)]


def _write_uuids(items: Sequence[int], out: Any) -> None:
    """Write each, given as its 128 bits, as two numbers, the first half first."""
    halves = array("Q", b"".join([number.to_bytes(16, "big") for number in items]))
    halves.byteswap()
    out.write(halves.tobytes())


def _write_days(items: Sequence[date], out: Any) -> None:
    numbers = {day: day.toordinal() - _EPOCH for day in set(items)}
    out.write(array("H", map(numbers.__getitem__, items)).tobytes())


_WRITERS: dict[str, Callable[[Sequence[Any], Any], None]] = {
    "String": _write_texts,
    "LowCardinality(String)": _write_categories,
    "Map(LowCardinality(String), String)": _write_maps,
    "UUID": _write_uuids,
    "Date": _write_days,
}
