"""The columns between a row's time and its message, as the address and people write them.

``service:12,resource.host.name,"a:b":30``: keys as a search writes them, each with its width in characters where that
is not the usual one. ``-`` is no column at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webapp.language.keys import RESOURCE_PREFIX
from webapp.language.printing import print_key
from webapp.language.tree import (
    EVENT_NAME,
    INSTRUMENTATION_SCOPE,
    LEVEL,
    SERVICE,
    SPAN_ID,
    TRACE_ID,
    Field,
)
from webapp.pages.logs.group_keys import KEY_CHARACTERS, read_key, split_keys
from webapp.pages.logs.text import plain
from webapp.queries.custom_columns import CustomColumn
from webapp.services.logs import LogRow

NO_COLUMNS = "-"
MOST_COLUMNS = 12
LEAST_WIDTH, MOST_WIDTH = 4, 80
USUAL_WIDTH = 18
_WIDTHS = {LEVEL: 6, SERVICE: 17, EVENT_NAME: 20, INSTRUMENTATION_SCOPE: 24, TRACE_ID: 32, SPAN_ID: 16}
FIELDS = tuple(_WIDTHS)
NAMES = {
    LEVEL: "Level",
    SERVICE: "Service",
    EVENT_NAME: "Event",
    INSTRUMENTATION_SCOPE: "Scope",
    TRACE_ID: "Trace",
    SPAN_ID: "Span",
}
_WIDTH = re.compile(r":(\d{1,3})\Z")
_SOURCES = {"attribute": "attributes", "resource_attribute": "resource_attributes"}


@dataclass(frozen=True, slots=True)
class Column:
    """A field that every row shows; ``width`` in characters."""

    field: Field
    width: int

    @property
    def custom(self) -> CustomColumn | None:
        """What the store is asked for beside the fixed columns of a row."""
        source = _SOURCES.get(self.field.kind)
        return CustomColumn(source, self.field.name) if source else None


DEFAULT_COLUMNS = (Column(SERVICE, _WIDTHS[SERVICE]),)


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column in the head of the list and in the menu: its name, and the addresses that move it or take it away."""

    key: str
    name: str
    title: str
    width: int
    usual: int
    before_url: str
    after_url: str
    remove_url: str


def usual_width(field: Field) -> int:
    """Return the width, in characters, of a column whose width nobody chose."""
    return _WIDTHS.get(field, USUAL_WIDTH)


def read_columns(text: str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Read columns: none twice, and what cannot be one or is too many. An empty text is the usual columns."""
    if text.strip() == NO_COLUMNS:
        return (), ()
    columns: dict[Field, Column] = {}
    refused: list[str] = []
    for part in split_keys(text):
        width = _WIDTH.search(part)
        field = read_key(part[: width.start()] if width else part)
        if field in columns:
            continue
        is_known = field.kind != "column" or field in FIELDS
        if not is_known or len(columns) == MOST_COLUMNS or len(field.name) > KEY_CHARACTERS:
            refused.append(part)
            continue
        wanted = int(width[1]) if width else usual_width(field)
        columns[field] = Column(field, min(max(wanted, LEAST_WIDTH), MOST_WIDTH))
    return tuple(columns.values()) or DEFAULT_COLUMNS, tuple(refused)


def print_columns(columns: Sequence[Column]) -> str:
    """Write columns so that ``read_columns`` reads the same."""
    return ",".join(map(_print_column, columns)) or NO_COLUMNS


def _print_column(column: Column) -> str:
    key = print_key(column.field)
    return key if column.width == usual_width(column.field) else f"{key}:{column.width}"


def values_of(row: LogRow, columns: Sequence[Column]) -> list[str | None]:
    """Return what a row that was read with the columns' custom ones has in each of them; None where it has nothing."""
    custom = iter(row.custom)
    return [next(custom) if column.custom else _fixed(row, column.field) for column in columns]


def _fixed(row: LogRow, field: Field) -> str | None:
    scope = f"{row.scope_name}@{row.scope_version}" if row.scope_version else row.scope_name
    values = {
        LEVEL: row.severity_text,
        SERVICE: row.service_name,
        EVENT_NAME: row.event_name,
        INSTRUMENTATION_SCOPE: scope,
        TRACE_ID: row.trace_id.lower() if row.trace_id.strip("0") else "",
        SPAN_ID: row.span_id.lower() if row.span_id.strip("0") else "",
    }
    return values[field] or None


def toggled(columns: Sequence[Column], field: Field) -> tuple[Column, ...]:
    """Return the columns with this one at their end, or without it if it is there."""
    kept = tuple(column for column in columns if column.field != field)
    return kept if len(kept) < len(columns) else (*kept, Column(field, usual_width(field)))


def column_views(columns: Sequence[Column], url: Callable[[str], str]) -> list[ColumnView]:
    """Lay out columns; ``url`` makes the address of the page with other ones."""

    def moved(place: int, step: int) -> str:
        if not 0 <= place + step < len(columns):
            return ""
        others = [column for at, column in enumerate(columns) if at != place]
        return url(print_columns([*others[: place + step], columns[place], *others[place + step :]]))

    return [
        ColumnView(
            key=print_key(column.field),
            name=NAMES.get(column.field) or plain(print_key(column.field).removeprefix(RESOURCE_PREFIX), 60),
            title=plain(print_key(column.field), 300),
            width=column.width,
            usual=usual_width(column.field),
            before_url=moved(place, -1),
            after_url=moved(place, 1),
            remove_url=url(print_columns([other for other in columns if other is not column])),
        )
        for place, column in enumerate(columns)
    ]
