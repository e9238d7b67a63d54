"""The explorer's state, which is its address: ``?q=…&t=now-1h..now&tz=…&cols=…&by=…&group=…&…&view=…&row=…``.

``cols`` are the columns of the list. Short keys in a stable order, defaults left out, unknown keys ignored and said.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from webapp.language.parse import QuerySyntaxError, parse
from webapp.language.printing import print_key
from webapp.language.timebox import TimeBox, TimeBoxError, parse_time_box
from webapp.language.tree import EVERYTHING, LEVEL, Field, Node
from webapp.pages.logs.columns import DEFAULT_COLUMNS, Column, print_columns, read_columns
from webapp.pages.logs.group_keys import DEFAULT_KEYS, print_keys, read_keys, read_one_key
from webapp.queries.groups import ORDERS
from webapp.queries.scope import Scope, TimeRange

DEFAULT_TIME = "now-1h..now"
DEFAULTS = {
    "t": DEFAULT_TIME,
    "cols": print_columns(DEFAULT_COLUMNS),
    "by": print_key(LEVEL),
    "group": print_keys(DEFAULT_KEYS),
    "order": ORDERS[0],
    "sort": "desc",
    "tab": "logs",
}
KEYS = ("q", "t", "tz", "cols", "by", "vs", "group", "order", "sort", "tab", "view", "row")
TABS = ("logs", "patterns", "groups")
BEFORE = "before"
# asked for by parts of the page, never part of an address that is shared
INTERNAL_KEYS = frozenset(
    {"w", "after", "before", "n", "goto", "as", "span", "of", "earlier", "later"}
    | {"whole", "inline", "facet", "find", "at", "more"}
)
SHORT_ID = re.compile("[A-Za-z0-9]{1,16}")  # of a saved view


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What the explorer shows. ``time`` is None only where the text of the time box could not be read.

    ``by`` is what breaks down the histogram; ``vs`` says whether everything is compared with the period before.
    ``group`` and ``order`` are of the groups: by which keys, and the most of what comes first. ``view`` is the saved
    view that is open: all by itself, an address with it stands for the state that was saved.
    """

    q: str = ""
    time: TimeBox | None = None
    time_text: str = DEFAULT_TIME
    zone_text: str = ""
    cols: str = DEFAULTS["cols"]
    by: str = DEFAULTS["by"]
    vs: str = ""
    group: str = DEFAULTS["group"]
    order: str = DEFAULTS["order"]
    sort: str = "desc"
    tab: str = "logs"
    view: str = ""
    row: str = ""

    @property
    def vs_turned(self) -> str:
        """What ``vs`` is after a click on Compare."""
        return "" if self.vs else BEFORE

    def query_string(self, **changes: str) -> str:
        """Return the query string of this state with these keys changed; an empty value leaves a key out."""
        return urlencode(self.pairs(**changes), quote_via=quote, safe="/:,.*@")

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """Return what an address or a form has to say of this state with these keys changed, defaults left out."""
        values = {
            "q": self.q,
            "t": self.time_text,
            "tz": self.zone_text,
            "cols": self.cols,
            "by": self.by,
            "vs": self.vs,
            "group": self.group,
            "order": self.order,
            "sort": self.sort,
            "tab": self.tab,
            "view": self.view,
            "row": self.row,
            **changes,
        }
        # Beside an open view the time is always said: without anything, the address would open the view anew.
        said = {"t"} if values["view"] else set()
        return [(key, value) for key, value in values.items() if value and (value != DEFAULTS.get(key) or key in said)]

    def with_time(self, box: TimeBox) -> str:
        """Return the query string of this state in another time range, without an open row."""
        return self.query_string(t=box.to_url(), row="")


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """An address as it was understood, with what was wrong in it."""

    state: State
    zone: tzinfo
    zone_name: str
    where: Node
    columns: tuple[Column, ...]
    by_field: Field
    group_fields: tuple[Field, ...]
    wrong_query: QuerySyntaxError | None
    wrong_time: TimeBoxError | None
    ignored: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether there is a query to run."""
        return self.wrong_query is None and self.wrong_time is None


def read_address(args: Mapping[str, str], now: datetime, project_zone: str) -> Reading:
    """Read the state from an address; nothing in it can fail, what is wrong is told."""
    ignored = [key for key in args if key not in KEYS and key not in INTERNAL_KEYS]
    zone_text = args.get("tz", "").strip()
    zone, zone_name, known = _zone(zone_text, project_zone)
    if not known:
        ignored.append(f"tz={zone_text}")
        zone_text = ""
    query = args.get("q", "").strip()
    where, wrong_query = _where(query)
    time_text = args.get("t", "").strip() or DEFAULT_TIME
    box, wrong_time = _box(time_text, now, zone)
    by_field, by_refused = read_one_key(args.get("by", ""), LEVEL)
    group_fields, refused = read_keys(args.get("group", ""))
    group_fields = group_fields or DEFAULT_KEYS
    ignored += [f"by={key}" for key in by_refused]
    ignored += [f"group={key}" for key in refused]
    columns, refused = read_columns(args.get("cols", ""))
    ignored += [f"cols={key}" for key in refused]
    view = args.get("view", "").strip()
    if view and not SHORT_ID.fullmatch(view):
        ignored.append(f"view={view}")
        view = ""
    vs = args.get("vs", "").strip()
    if vs not in ("", BEFORE):
        ignored.append(f"vs={vs}")
    state = State(
        q=query,
        time=box,
        time_text=box.to_url() if box else time_text,
        zone_text=zone_text,
        cols=print_columns(columns),
        by=print_key(by_field),
        vs=BEFORE if vs == BEFORE else "",
        group=print_keys(group_fields),
        order=_one_of(ORDERS, args.get("order", "")),
        sort="asc" if args.get("sort") == "asc" else "desc",
        tab=_one_of(TABS, args.get("tab", "")),
        view=view,
        row=args.get("row", "").strip(),
    )
    said = tuple(key[:40] for key in ignored[:3])
    return Reading(state, zone, zone_name, where, columns, by_field, group_fields, wrong_query, wrong_time, said)


def _one_of(choices: tuple[str, ...], text: str) -> str:
    """Return the text if it is a choice, else the first of them."""
    return text if text in choices else choices[0]


def _zone(text: str, project_zone: str) -> tuple[tzinfo, str, bool]:
    name = project_zone if text == "project" else text
    if name in ("", "UTC"):
        return UTC, "UTC", True
    try:
        return ZoneInfo(name), name, True
    except (KeyError, ValueError, OSError):  # unknown; not a zone's name; a folder of zones
        return UTC, "UTC", False


def _where(query: str) -> tuple[Node, QuerySyntaxError | None]:
    try:
        return parse(query), None
    except QuerySyntaxError as error:
        return EVERYTHING, error


def _box(text: str, now: datetime, zone: tzinfo) -> tuple[TimeBox | None, TimeBoxError | None]:
    try:
        return parse_time_box(text, now, zone), None
    except TimeBoxError as error:
        return None, error


def window_of(reading: Reading, args: Mapping[str, str], now: datetime) -> TimeRange:
    """Return the moments that the page shows, half-open.

    A part of a page carries the window of its page as ``w``, so that rows, chart and counts speak of the same moments
    however late a part is loaded.
    """
    start, _, end = args.get("w", "").partition("-")
    if start.isascii() and end.isascii() and start.isdigit() and end.isdigit() and int(start) < int(end) < 2**63:
        return TimeRange(int(start), int(end))
    box = reading.state.time
    if box is None:
        return TimeRange(0, 0)
    start_ns, end_ns = box.resolve(now, reading.zone)
    return TimeRange(start_ns, end_ns)


def scope_of(project_id: int, reading: Reading, window: TimeRange) -> Scope:
    """Return the query's scope: this project, these moments, this search."""
    return Scope(project_id, window, reading.where)
