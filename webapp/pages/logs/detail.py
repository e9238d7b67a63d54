"""One row in full: every field with what can be done with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
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
from webapp.pages.logs.hits import Needle
from webapp.pages.logs.json_layout import lay_out
from webapp.pages.logs.rows import known_level, row_key
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import full_time, iso_utc
from webapp.services.logs import LogRow

MESSAGE_CHARACTERS = 256 * 1024
VALUE_CHARACTERS = 16 * 1024
FILTER_CHARACTERS = 1000  # longer values would not fit into an address
UNTYPEABLE = re.compile("[\r\n\0]")  # a search box, which is one line, would lose these
TermUrl = Callable[[Match | Not], str]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A name and a value; the addresses are empty where the value cannot be a filter, or every log has the field.

    ``copy`` is the value as JSON: markup would lose its line ends and null characters.
    """

    name: str
    label: Markup
    shown: Markup
    copy: str
    with_url: str
    without_url: str
    has_url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading."""

    title: str
    fields: list[FieldView]


@dataclass(frozen=True, slots=True)
class DetailUrls:
    """Where the detail's links lead."""

    close: str
    fields: str
    json: str
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
    rest_url: str
    rest_label: str
    tab: str
    groups: list[Group]
    json: Markup
    close_url: str
    fields_url: str
    json_url: str


def detail_view(
    row: LogRow,
    *,
    zone: tzinfo,
    zone_name: str,
    urls: DetailUrls,
    term_url: TermUrl,
    needles: Iterable[Needle],
    tab: str,
    whole: bool,
) -> Detail:
    """Lay out one row; ``term_url`` makes the address of the search with one more term, empty where there is none."""
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
        rest_url=urls.whole if cut else "",
        rest_label=f"Load the rest: {size(len(body.encode(errors='replace')))} in all" if cut else "",
        tab="json" if as_json else "fields",
        groups=[] if as_json else _groups(row, term_url),
        json=render(text, multiline=True, limit=None if whole else MESSAGE_CHARACTERS),
        close_url=urls.close,
        fields_url=urls.fields,
        json_url=urls.json,
    )


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


def _groups(row: LogRow, term_url: TermUrl) -> list[Group]:
    known = [
        _field("level", row.severity_text, LEVEL, term_url),
        _field("severity number", str(row.severity_number), None, term_url),
        _field("service", row.service_name, SERVICE, term_url),
        _field("trace id", _id(row.trace_id), TRACE_ID, term_url),
        _field("span id", _id(row.span_id), SPAN_ID, term_url),
        _field("event", row.event_name, EVENT_NAME, term_url),
        _field("scope", row.scope_name, SCOPE, term_url),
        _field("scope version", row.scope_version, None, term_url),
        _field("received", iso_utc(row.observed_timestamp_ns), None, term_url),
        _field("uuid", str(row.uuid), None, term_url),
    ]
    maps = ((row.attributes, attribute), (row.resource_attributes, resource_attribute))
    own, resource = (
        [_field(key, value, make(key), term_url, empty=True) for key, value in sorted(values.items())]
        for values, make in maps
    )
    return [
        Group("Attributes", [field for field in own if field]),
        Group("Resource", [field for field in resource if field]),
        Group("Log", [field for field in known if field]),
    ]


def _id(text: str) -> str:
    return "" if not text.strip("0") else text.lower()


def _field(name: str, value: str, field: Field | None, term_url: TermUrl, *, empty: bool = False) -> FieldView | None:
    if not value and not empty:
        return None
    shown = render(value, multiline=True, limit=VALUE_CHARACTERS) if value else Markup('<span class="ctl">empty</span>')
    copy = json.dumps(value, ensure_ascii=False)
    with_url = without_url = has_url = ""
    if (
        field is not None
        and value
        and len(value) + len(name) <= FILTER_CHARACTERS
        and not UNTYPEABLE.search(name + value)
    ):
        match = Match(field, Operator.EQUALS, (value,))
        with_url, without_url = term_url(match), term_url(Not(match))
        if field.kind != "column":
            has_url = term_url(Match(field, Operator.EXISTS, ()))
    return FieldView(plain(name, 300), _breakable(plain(name, 300)), shown, copy, with_url, without_url, has_url)


def _breakable(name: str) -> Markup:
    """Let a long key wrap behind its dots rather than in the middle of a word."""
    return Markup("<wbr>").join(re.split(r"(?<=[._/-])(?=.)", name))
