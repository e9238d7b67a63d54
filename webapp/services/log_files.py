"""Logs as files: JSON, JSON lines, CSV. Each form writes a head, one row after the other, and an end."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

from webapp.language import tree
from webapp.language.printing import print_key
from webapp.language.tree import Field
from webapp.queries.cursor import iso_nanoseconds
from webapp.services.log_download import Download
from webapp.services.log_json import exact_row_as_json, instrumentation_scope
from webapp.services.log_rows import LogRow

PIECE_BYTES = 64 * 1024
UNSET_IDS = ("0" * 32, "0" * 16)

# What a spreadsheet takes for a formula, or skips before one: OWASP's list, with what stands before it being ignored.
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Form(Protocol):
    """A form of file."""

    mimetype: str

    def head(self) -> bytes:
        """Write what stands before the rows."""

    def row(self, row: LogRow) -> bytes:
        """Write one row."""

    def end(self, *, is_cut: bool) -> bytes:
        """Write what stands after them; ``is_cut``: there are more."""


class JsonLines:
    """A JSON object a line, with everything that is known of a log."""

    mimetype = "application/x-ndjson"

    def head(self) -> bytes:
        """Nothing stands before the lines."""
        return b""

    def row(self, row: LogRow) -> bytes:
        """Write a line."""
        return orjson.dumps(exact_row_as_json(row)) + b"\n"

    def end(self, *, is_cut: bool) -> bytes:  # noqa: ARG002 - a line that is no log would be taken for one
        """Nothing stands after them."""
        return b""


class Json:
    """One JSON object: what was asked, the rows, whether there are more."""

    mimetype = "application/json"

    def __init__(self, query: Mapping[str, Any]) -> None:
        self._query, self._is_first = query, True

    def head(self) -> bytes:
        """Begin the object and its list of rows."""
        return b'{"query":' + orjson.dumps(self._query) + b',"results":['

    def row(self, row: LogRow) -> bytes:
        """Write an element of the list."""
        comma, self._is_first = (b"\n" if self._is_first else b",\n"), False
        return comma + orjson.dumps(exact_row_as_json(row))

    def end(self, *, is_cut: bool) -> bytes:
        """End both; a file without this end is no JSON, and so not taken for whole."""
        return b'\n],"hasMore":' + orjson.dumps(is_cut) + b"}\n"


class Csv:
    """RFC 4180 with a header, in UTF-8: the columns of the list, or all that a search can name, and both maps."""

    mimetype = "text/csv"

    def __init__(self, columns: Sequence[Field] | None = None, *, raw: bool = False) -> None:
        """Choose columns between level and message; ``raw`` leaves alone what spreadsheets would run."""
        self._columns = _columns(columns)
        self._raw = raw
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def head(self) -> bytes:
        """Write the names of the columns, as a search has them."""
        return self._line([name for name, _ in self._columns])

    def row(self, row: LogRow) -> bytes:
        """Write a line, which may hold breaks within its cells."""
        return self._line([cell(row) for _, cell in self._columns])

    def end(self, *, is_cut: bool) -> bytes:  # noqa: ARG002 - a line that is no log would be taken for one
        """Nothing stands after the lines."""
        return b""

    def _line(self, cells: Iterable[str]) -> bytes:
        self._writer.writerow(cells if self._raw else map(neutralise, cells))
        line = self._text.getvalue().encode("utf-8", "replace")
        self._text.seek(0)
        self._text.truncate()
        return line


def neutralise(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula; a plain number is none."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def pieces(form: Form, download: Download) -> Iterator[bytes]:
    """Write a file, piece by piece: at the end of each page of rows, and wherever enough has come together."""
    piece = bytearray(form.head())
    for rows in download.pages():
        for row in rows:
            piece += form.row(row)
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)  # also of nothing: a search that takes long has begun to answer
        piece.clear()
    if piece := piece + form.end(is_cut=download.is_cut):
        yield bytes(piece)


Cell = Callable[[LogRow], str]

_COLUMN_CELLS: dict[Field, Cell] = {
    tree.LEVEL: lambda row: row.severity_text,
    tree.SERVICE: lambda row: row.service_name,
    tree.MESSAGE: lambda row: row.body,
    tree.TRACE_ID: lambda row: _id(row.trace_id),
    tree.SPAN_ID: lambda row: _id(row.span_id),
    tree.EVENT_NAME: lambda row: row.event_name,
    tree.SCOPE: lambda row: row.scope_name,
    tree.INSTRUMENTATION_SCOPE: lambda row: instrumentation_scope(row.scope_name, row.scope_version),
    tree.FINGERPRINT: lambda row: str(row.resource_fingerprint),
}
_USUAL = (tree.LEVEL, tree.SERVICE, tree.MESSAGE, tree.TRACE_ID, tree.SPAN_ID, tree.EVENT_NAME)


def _columns(wanted: Sequence[Field] | None) -> list[tuple[str, Cell]]:
    """Return the columns with their names: the time always first, since the order of the rows is its."""
    fields = dict.fromkeys(_USUAL if wanted is None else (tree.LEVEL, *wanted, tree.MESSAGE))
    found: list[tuple[str, Cell]] = [("timestamp", lambda row: iso_nanoseconds(row.timestamp_ns))]
    found += [(print_key(field), _cell(field)) for field in fields]
    if wanted is None:
        found.append(("attributes", lambda row: _map(row.attributes)))
        found.append(("resource_attributes", lambda row: _map(row.resource_attributes)))
    return found


def _cell(field: Field) -> Cell:
    if field.kind == "attribute":
        return lambda row: row.attributes.get(field.name, "")
    if field.kind == "resource_attribute":
        return lambda row: row.resource_attributes.get(field.name, "")
    return _COLUMN_CELLS[field]


def _id(digits: str) -> str:
    return "" if digits in UNSET_IDS else digits.lower()


def _map(values: Mapping[str, str]) -> str:
    return orjson.dumps(values).decode() if values else ""
