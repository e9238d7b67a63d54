"""One row in full: every field with what can be done with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from markupsafe import Markup

from webapp.language.tree import (
    EVENT_NAME,
    LEVEL,
    SCOPE,
    SERVICE,
    SPAN_ID,
    TRACE_ID,
    Field,
    Match,
    Not,
    Operator,
    attribute,
    resource_attribute,
)
from webapp.pages.formats import size
from webapp.pages.logs.context import ContextView
from webapp.pages.logs.hits import Needle
from webapp.pages.logs.json_layout import lay_out
from webapp.pages.logs.rows import known_level, row_key
from webapp.pages.logs.terms import is_typeable
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import full_time, iso_utc
from webapp.pages.logs.trace_view import Part, parts, parts_within
from webapp.services.logs import LogRow

MESSAGE_CHARACTERS = 256 * 1024
VALUE_CHARACTERS = 16 * 1024
BRIEF_CHARACTERS = 300  # of a value, where those before it took as much as a message may
MOST_FIELDS = 200  # of a group: 5,000 with their links take 8 MB and five seconds, and 240 kB as JSON
TermUrl = Callable[[Match | Not], str]
ColumnUrl = Callable[[Field], tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A name and a value; the addresses are empty where the value cannot be a filter, or every log has the field.

    ``copy`` is the value as JSON: markup would lose its line ends and null characters. A value that is shown in part
    has none, but a ``rest_label``: how large it is.
    """

    name: str
    label: Markup
    shown: Markup
    copy: str
    rest_label: str
    with_url: str
    without_url: str
    has_url: str
    column_url: str
    is_column: bool
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; ``left_out`` says how many others there are, if any."""

    title: str
    fields: list[FieldView]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class DetailUrls:
    """Where the detail's links lead."""

    close: str
    fields: str
    json: str
    context: str
    trace: str
    whole: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The view model of the detail."""

    key: str
    level: str
    level_label: str
    service: str
    timestamp: str
    when: str
    zone: str
    message: Markup
    parts: list[Part]
    traces: dict[str, list[Part]]
    copy: str
    rest_url: str
    rest_label: str
    tab: str
    groups: list[Group]
    json: Markup
    json_rest_label: str
    close_url: str
    fields_url: str
    json_url: str
    whole_url: str
    context_url: str
    trace_url: str
    context: ContextView | None


def detail_view(
    row: LogRow,
    *,
    zone: tzinfo,
    zone_name: str,
    urls: DetailUrls,
    term_url: TermUrl,
    column_url: ColumnUrl,
    needles: Iterable[Needle],
    tab: str,
    whole: bool,
    context: ContextView | None = None,
) -> Detail:
    """Lay out one row.

    Args:
        term_url: makes the address of the search with one more term, empty where there is none.
        column_url: makes the address of the list with one more column, or without it; and says whether it has it.
        context: the rows around it, if these are what is looked at.
    """
    needles = list(needles)
    body = lay_out(row.body) if len(row.body) <= MESSAGE_CHARACTERS else row.body
    cut = len(body) > MESSAGE_CHARACTERS and not whole
    as_json = tab == "json"
    text = json.dumps(as_object(row), indent=2, ensure_ascii=False) if as_json else ""
    level = known_level(row.severity_text)
    return Detail(
        key=row_key(row),
        level=level,
        level_label=level,
        service=plain(row.service_name, 200),
        timestamp=iso_utc(row.timestamp_ns),
        when=full_time(row.timestamp_ns, zone),
        zone=zone_name,
        message=render(body, needles=needles, multiline=True, limit=MESSAGE_CHARACTERS if cut else None),
        parts=[] if cut else parts(body, needles),
        traces={} if cut else parts_within(row.body, needles),
        copy=json.dumps(row.body, ensure_ascii=False) if len(row.body) <= VALUE_CHARACTERS else "",
        rest_url=urls.whole if cut else "",
        rest_label=_rest(body) if cut else "",
        tab=tab,
        groups=_Fields(term_url, column_url, whole=whole).groups(row) if tab == "fields" else [],
        json=render(text, multiline=True, limit=None if whole else MESSAGE_CHARACTERS),
        json_rest_label=_rest(text) if len(text) > MESSAGE_CHARACTERS and not whole else "",
        close_url=urls.close,
        fields_url=urls.fields,
        json_url=urls.json,
        whole_url=urls.whole,
        context_url=urls.context,
        trace_url=urls.trace,
        context=context,
    )


def _rest(text: str) -> str:
    return f"Load the rest: {size(len(text.encode(errors='replace')))} in all"


def as_object(row: LogRow) -> dict[str, Any]:
    """Return the row as an object with the API's names."""
    return {
        "uuid": str(row.uuid),
        "timestamp": iso_utc(row.timestamp_ns),
        "observed_timestamp": iso_utc(row.observed_timestamp_ns),
        "level": row.severity_text,
        "severity_number": row.severity_number,
        "service_name": row.service_name,
        "body": row.body,
        "trace_id": row.trace_id,
        "span_id": row.span_id,
        "trace_flags": row.trace_flags,
        "event_name": row.event_name,
        "instrumentation_scope": _scope(row),
        "attributes": dict(sorted(row.attributes.items())),
        "resource_attributes": dict(sorted(row.resource_attributes.items())),
    }


def _scope(row: LogRow) -> str:
    return f"{row.scope_name}@{row.scope_version}" if row.scope_version else row.scope_name


class _Fields:
    """Lays out the fields of one row, in which all values together are bounded, unless they are wanted whole."""

    def __init__(self, term_url: TermUrl, column_url: ColumnUrl, *, whole: bool) -> None:
        self._term_url = term_url
        self._column_url = column_url
        self._whole = whole
        self._characters = 0

    def groups(self, row: LogRow) -> list[Group]:
        known = [
            self._field("level", row.severity_text, LEVEL),
            self._field("severity number", str(row.severity_number), None),
            self._field("service", row.service_name, SERVICE),
            self._field("trace id", _id(row.trace_id), TRACE_ID),
            self._field("span id", _id(row.span_id), SPAN_ID),
            self._field("event", row.event_name, EVENT_NAME),
            self._field("scope", row.scope_name, SCOPE),
            self._field("scope version", row.scope_version, None),
            self._field("received", iso_utc(row.observed_timestamp_ns), None),
            self._field("uuid", str(row.uuid), None),
        ]
        return [
            self._group("Attributes", row.attributes, attribute),
            self._group("Resource", row.resource_attributes, resource_attribute),
            Group("Log", [field for field in known if field]),
        ]

    def _group(self, title: str, values: Mapping[str, str], make: Callable[[str], Field]) -> Group:
        pairs = sorted(values.items())
        shown = [self._field(key, value, make(key), empty=True) for key, value in pairs[:MOST_FIELDS]]
        left_out = len(pairs) - len(shown)
        return Group(title, [field for field in shown if field], f"{left_out:,} more, as JSON" if left_out else "")

    def _field(self, name: str, value: str, field: Field | None, *, empty: bool = False) -> FieldView | None:
        if not value and not empty:
            return None
        limit = VALUE_CHARACTERS if self._characters < MESSAGE_CHARACTERS else BRIEF_CHARACTERS
        is_cut = len(value) > limit and not self._whole
        self._characters += min(len(value), limit)
        laid_out = value if is_cut else lay_out(value)
        shown = render(laid_out, multiline=True, limit=limit if is_cut else None)
        column_url, is_column = self._column_url(field) if field else ("", False)
        with_url, without_url, has_url = self._urls(value, field)
        return FieldView(
            name=plain(name, 300),
            label=_breakable(plain(name, 300)),
            shown=shown if value else Markup('<span class="ctl">empty</span>'),
            copy="" if is_cut else json.dumps(value, ensure_ascii=False),
            rest_label=_rest(value) if is_cut else "",
            with_url=with_url,
            without_url=without_url,
            has_url=has_url,
            column_url=column_url,
            is_column=is_column,
            parts=[] if is_cut else parts(value, ()),
        )

    def _urls(self, value: str, field: Field | None) -> tuple[str, str, str]:
        if field is None or not value:
            return "", "", ""
        match = Match(field, Operator.EQUALS, (value,))
        if not is_typeable(match):
            return "", "", ""
        has_url = self._term_url(Match(field, Operator.EXISTS, ())) if field.kind != "column" else ""
        return self._term_url(match), self._term_url(Not(match)), has_url


def _id(text: str) -> str:
    return "" if not text.strip("0") else text.lower()


def _breakable(name: str) -> Markup:
    """Let a long key wrap behind its dots rather than in the middle of a word."""
    return Markup("<wbr>").join(re.split(r"(?<=[._/-])(?=.)", name))
