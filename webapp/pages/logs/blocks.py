"""The list in blocks: the first one, and the next at either end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from webapp.errors import ValidationFailed
from webapp.pages.logs.hits import needles
from webapp.pages.logs.rows import Block, row_views
from webapp.pages.logs.state import scope_of
from webapp.pages.logs.times import at
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.cursor import Cursor, CursorError
from webapp.queries.custom_columns import CustomColumn
from webapp.services import logs
from webapp.services.log_search import LogPage
from webapp.services.logs import LogRow

PAGE_ROWS = 100
NOWHERE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a block begins, as an address says it: ``after`` a row, ``before`` one, or at the top.

    ``number`` counts the first row of a block below another one; 0 where nobody knows what is above.
    """

    after: str = ""
    before: str = ""
    number: int = 0

    @classmethod
    def read(cls, args: Mapping[str, str]) -> Place:
        """Read it from an address."""
        after, before, number = args.get("after", ""), args.get("before", ""), args.get("n", "")
        known = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
        return cls(after, "" if after else before, known if after or before else 1)

    @property
    def keys(self) -> dict[str, str]:
        """The keys that say it in an address."""
        return {key: text for key, text in (("after", self.after), ("before", self.before)) if text}


@dataclass(frozen=True, slots=True)
class _Ends:
    """The addresses of the blocks below and above; empty where there are no more rows."""

    below: dict[str, str] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)


def load_block(view: Explorer, place: Place, *, alone: bool = False) -> Block:
    """Load one block of rows, and note what it cost.

    Args:
        alone: whether it stands on a page of its own, with nothing above it.

    Raises:
        ValidationFailed: the cursor cannot be read.
        HedgerowError: the log store is away or at a limit.
    """
    ascending = view.state.sort == "asc"
    cursor = _cursor(place)
    page = logs.search(
        scope_of(view.project.id, view.reading, view.window),
        latest_first=ascending if place.before else not ascending,
        limit=PAGE_ROWS,
        after=cursor,
        with_attributes=False,
        custom=custom_columns(view),
    )
    view.stats = page.stats
    ends = _ends(page, place, alone=alone)
    rows = page.rows[::-1] if place.before else page.rows
    block = block_of(
        view,
        rows,
        day_above=_day_above(view, place, cursor, alone=alone),
        number=place.number,
        below=ends.below,
        above=ends.above,
        end_text=f"That is every row between {view.range_label} {view.zone_name}.",
    )
    return replace(block, is_upward=bool(place.before) and not alone, is_short=len(rows) < PAGE_ROWS)


def custom_columns(view: Explorer) -> list[CustomColumn]:
    """Return what rows are to be read with beside their fixed columns."""
    return [column.custom for column in view.reading.columns if column.custom]


def block_of(
    view: Explorer,
    rows: Sequence[LogRow],
    *,
    day_above: date | None = None,
    number: int = 0,
    below: Mapping[str, str] = NOWHERE,
    above: Mapping[str, str] = NOWHERE,
    end_text: str = "",
) -> Block:
    """Lay out rows that were read with the custom columns of the page.

    Args:
        number: of the first row in the list; 0 if that is not known.
        below: the keys of the place where the next block begins, and ``above`` of the one before; nothing at the end.
        end_text: what stands below the last row.
    """
    addresses = Addresses(view.project, view.state, view.window)

    def part(keys: Mapping[str, str]) -> str:
        return addresses.part("logs.rows", **keys) if keys else ""

    def whole(keys: Mapping[str, str]) -> str:
        return addresses.at(view.state.query_string(row="", **addresses.bound(), **keys)) if keys else ""

    wanted = needles(view.reading.where)
    return Block(
        rows=row_views(rows, view.reading.zone, wanted, day_above, view.reading.columns, number),
        columns=view.columns,
        row_url_stem=addresses.row_stem(view.place),
        open_key=view.state.row,
        next_url=part({**below, "n": str(number + len(rows))} if below and number else below),
        next_page_url=whole(below),
        above_url=part(above),
        above_page_url=whole(above),
        ascending=view.state.sort == "asc",
        is_upward=False,
        is_short=True,
        end_text=end_text,
    )


def _cursor(place: Place) -> Cursor | None:
    name, text = ("after", place.after) if place.after else ("before", place.before)
    try:
        return Cursor.decode(text) if text else None
    except CursorError as error:
        raise ValidationFailed(str(error), attr=name) from None


def _ends(page: LogPage, place: Place, *, alone: bool) -> _Ends:
    """Return where the list goes on; a page of its own has both ends, a block only the one that it was loaded for."""
    onward = page.next_cursor.encode() if page.has_more and page.next_cursor else ""
    if place.before:
        above = {"before": onward} if onward else {}
        return _Ends({"after": _first_of(page) or place.before} if alone else {}, above)
    below = {"after": onward} if onward else {}
    return _Ends(below, {"before": _first_of(page) or place.after} if alone and place.after else {})


def _first_of(page: LogPage) -> str:
    """Return the place of the row that was found first; empty where there is none (any more)."""
    return Cursor(page.rows[0].timestamp_ns, page.rows[0].uuid).encode() if page.rows else ""


def _day_above(view: Explorer, place: Place, cursor: Cursor | None, *, alone: bool) -> date | None:
    """Return the day that the row above is of; a page that begins in the middle of the list names its first day."""
    if cursor is None or place.before:
        return date.min if place.before and alone else None
    return date.min if alone else at(cursor.timestamp_ns, view.reading.zone).date()
