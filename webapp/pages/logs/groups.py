"""Rows grouped by keys, as the template writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from markupsafe import Markup

from webapp.language.printing import print_key
from webapp.language.tree import LEVEL, LEVELS, SPAN_ID, TRACE_ID, Field, Match, Operator
from webapp.pages.formats import number, percent
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import full_second, iso_utc
from webapp.queries.groups import MOST_KEYS, ORDERS
from webapp.services.log_groups import Group, Groups

MOST_GROUPS = 100
KEY_CHARACTERS = 80
VALUE_CHARACTERS = 200
TermsUrl = Callable[[Sequence[Match], str], str]
OrderUrl = Callable[[str], str]
TITLES = {"log_count": "Rows", "error_count": "Errors", "last_seen": "Last seen"}


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value of a group; ``url`` shows only it, and is empty where no search does. ``level`` is that of a level."""

    shown: Markup
    title: str
    level: str
    url: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """A line of the table; ``width`` of the bar is in percent of the largest group."""

    values: list[ValueView]
    count: str
    width: float
    errors: str
    error_share: str
    last: str
    last_utc: str
    url: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """A column that the table can be ordered by."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class GroupsView:
    """The table and the line over it; ``suggestions`` are keys to choose from."""

    keys: list[str]
    orders: dict[str, OrderView]
    groups: list[GroupView]
    found: str
    rows: str
    suggestions: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether no row has all the keys."""
        return not self.groups


def boxes(fields: Sequence[Field]) -> list[str]:
    """Return what stands in the boxes for the keys: those that there are, and an empty one if there may be more."""
    return [*map(print_key, fields), ""][:MOST_KEYS]


def groups_view(
    found: Groups,
    fields: Sequence[Field],
    *,
    order: str,
    suggestions: list[str],
    zone: tzinfo,
    terms_url: TermsUrl,
    order_url: OrderUrl,
) -> GroupsView:
    """Lay out groups; ``terms_url`` makes the address of a tab of the search with more terms."""
    highest = max((group.rows for group in found.groups), default=1)
    shown = len(found.groups)
    every = f"{number(found.total)} {'group' if found.total == 1 else 'groups'}"
    return GroupsView(
        keys=[plain(print_key(field), KEY_CHARACTERS) for field in fields],
        orders={name: OrderView(TITLES[name], order_url(name), name == order) for name in ORDERS},
        groups=[_group_view(group, fields, highest, zone, terms_url) for group in found.groups],
        found=f"the first {shown} of {every}" if shown < found.total else every,
        rows=f"{number(found.rows)} {'row' if found.rows == 1 else 'rows'}",
        suggestions=suggestions,
    )


def _group_view(group: Group, fields: Sequence[Field], highest: int, zone: tzinfo, terms_url: TermsUrl) -> GroupView:
    matches = [_match(field, value) for field, value in zip(fields, group.values, strict=True)]
    return GroupView(
        values=[
            ValueView(
                shown=render(value, limit=VALUE_CHARACTERS) if value else Markup('<span class="ctl">empty</span>'),
                title=plain(value, VALUE_CHARACTERS),
                level=value if match.field == LEVEL and value in LEVELS else "",
                url=terms_url([match], "groups"),
            )
            for match, value in zip(matches, group.values, strict=True)
        ],
        count=number(group.rows),
        width=round(100 * group.rows / highest, 1),
        errors=number(group.errors) if group.errors else "",
        error_share=percent(group.errors / group.rows) if group.errors else "",
        last=full_second(group.last_seen_ns, zone),
        last_utc=iso_utc(group.last_seen_ns),
        url=terms_url(matches, "logs"),
    )


def _match(field: Field, value: str) -> Match:
    return Match(field, Operator.EQUALS, (value.lower() if field in (TRACE_ID, SPAN_ID) else value,))
