"""Rows of the list as the template writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from uuid import UUID

from markupsafe import Markup

from webapp.errors import NotFound
from webapp.language.tree import LEVELS
from webapp.pages.logs.columns import DEFAULT_COLUMNS, Column, ColumnView, values_of
from webapp.pages.logs.hits import Needle
from webapp.pages.logs.text import render
from webapp.pages.logs.times import at, full_day, row_time
from webapp.pages.logs.trace_view import one_line
from webapp.services.logs import LogRow

CELL_CHARACTERS = 600
COLUMN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row has in a column, empty where it has nothing; ``width`` in characters."""

    text: Markup
    width: int


@dataclass(frozen=True, slots=True)
class RowView:
    """One line of the list.

    ``day`` stands above the line where a new day begins; ``number`` counts from 1 at the top of the list, 0 if unknown.
    """

    key: str
    level: str
    level_label: str
    letter: str
    time: str
    cells: list[Cell]
    message: Markup
    day: str
    number: int


@dataclass(frozen=True, slots=True)
class Block:
    """A run of rows and where the next ones are, below and above. Addresses are empty at the end."""

    rows: list[RowView]
    columns: list[ColumnView]
    row_url_stem: str
    open_key: str
    next_url: str
    next_page_url: str
    above_url: str
    above_page_url: str
    ascending: bool
    is_upward: bool
    is_short: bool
    end_text: str


def row_key(row: LogRow) -> str:
    """Return the key of a row in addresses: its time finds it, its uuid tells it from others of that moment."""
    return f"{row.timestamp_ns}.{row.uuid.hex}"


def read_row_key(key: str) -> tuple[int, UUID]:
    """Read a row's key.

    Raises:
        NotFound: it is not one.
    """
    time_text, _, uuid_text = key.partition(".")
    try:
        timestamp_ns, uuid = int(time_text), UUID(hex=uuid_text)
    except ValueError:
        raise NotFound("This address does not name a row.") from None
    if not -(2**63) < timestamp_ns < 2**63:
        raise NotFound("This address does not name a row.")
    return timestamp_ns, uuid


def known_level(severity_text: str) -> str:
    """Return the level a row is drawn as."""
    return severity_text if severity_text in LEVELS else "info"


def row_views(
    rows: Sequence[LogRow],
    zone: tzinfo,
    wanted: Iterable[Needle],
    day_before: date | None,
    columns: Sequence[Column] = DEFAULT_COLUMNS,
    first_number: int = 0,
) -> list[RowView]:
    """Lay out rows that were read with these columns.

    Args:
        day_before: the day of the row above, None at the top of the list.
        first_number: of the first row in the list; 0 if that is not known.
    """
    wanted, views, day = list(wanted), [], day_before
    for place, row in enumerate(rows):
        moment = at(row.timestamp_ns, zone)
        new_day = day is not None and moment.date() != day
        day = moment.date()
        level = known_level(row.severity_text)
        views.append(
            RowView(
                key=row_key(row),
                level=level,
                level_label=level,
                letter=level[0].upper(),
                time=row_time(row.timestamp_ns, zone),
                cells=[
                    Cell(render(value or "", limit=COLUMN_CHARACTERS), column.width)
                    for column, value in zip(columns, values_of(row, columns), strict=True)
                ],
                message=one_line(row.body, wanted, CELL_CHARACTERS)
                or render(row.body, needles=wanted, limit=CELL_CHARACTERS),
                day=full_day(moment) if new_day else "",
                number=first_number + place if first_number else 0,
            )
        )
    return views
