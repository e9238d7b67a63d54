"""Columns that a caller names: one key of a map, or one place in a body that is JSON."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from webapp.queries.parameters import Parameters

MAX_COLUMNS = 50
MAX_LENGTH = 1000
MAX_DEPTH = 16
ALLOWED = "Use attributes.<key>, resource_attributes.<key> or body.<path>."
_BODY = "body"
_SOURCES = ("attributes", "resource_attributes", _BODY)


class ColumnError(ValueError):
    """A text that names no column."""


@dataclass(frozen=True, slots=True)
class CustomColumn:
    """A column as it was asked for. The key may hold anything: it travels as a value."""

    source: str
    key: str

    @property
    def expression(self) -> str:
        """The text that names it."""
        return f"{self.source}.{self.key}"

    @property
    def row_key(self) -> str:
        """The name of its value in a row: short, and the same everywhere, whatever the key holds."""
        return f"col_{sha256(self.expression.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"

    def select(self, parameters: Parameters) -> str:
        """Return the expression for its value: a string, or NULL where the log has none."""
        if self.source != _BODY:
            key = parameters.text(self.key)
            return f"if(mapContains({self.source}, {key}), {self.source}[{key}], NULL)"
        whole = parameters.text(self.key)
        parts = self.key.split(".")
        if len(parts) == 1:
            return _json_value(whole)
        # Loggers also write {"http.status": 500}: what has no such path may have a key with dots.
        return f"coalesce({_json_value(', '.join(map(parameters.text, parts)))}, {_json_value(whole)})"


def read_column(expression: str) -> CustomColumn:
    """Read the text that names a column.

    Raises:
        ColumnError: it names none; the sentence says what would.
    """
    source, _, key = expression.partition(".")
    if source not in _SOURCES or not key:
        shown = expression if len(expression) <= 60 else f"{expression[:57]}…"
        raise ColumnError(f'"{shown}" is not a column. {ALLOWED}')
    if source == _BODY and "" in key.split("."):
        raise ColumnError(f"A path in the body has a name between all of its dots. {ALLOWED}")
    if source == _BODY and key.count(".") >= MAX_DEPTH:
        raise ColumnError(f"A path in the body has at most {MAX_DEPTH} names.")
    return CustomColumn(source, key)


def _json_value(path: str) -> str:
    """Return a string as its text, other values as JSON, and NULL for null, for nothing, and in what is not JSON."""
    kind = f"JSONType(body, {path})"
    text, json = f"JSONExtractString(body, {path})", f"JSONExtractRaw(body, {path})"
    return f"multiIf({kind} = 'String', {text}, {kind} = 'Null', NULL, {json})"
