"""What the search that is being typed could go on with: keys, signs, and values with their rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from webapp.errors import HedgerowError
from webapp.language import tree
from webapp.language.complete import (
    Part,
    Suggestion,
    Typed,
    apply,
    suggest_keys,
    suggest_signs,
    suggest_values,
    typed_at,
)
from webapp.language.keys import Sign
from webapp.language.tree import EVENT_NAME, EVERYTHING, LEVEL, SERVICE, Field, Match, Operator
from webapp.language.written import filter_beside
from webapp.pages.formats import compact
from webapp.pages.logs.chart import ORDER
from webapp.pages.logs.chips import units
from webapp.pages.logs.facets import read_field
from webapp.pages.logs.suggestions import MAX_CHARACTERS, suggested_keys
from webapp.pages.logs.terms import is_typeable
from webapp.pages.logs.text import render
from webapp.pages.logs.view import Explorer
from webapp.queries.scope import Scope
from webapp.services.log_facets import find_facets
from webapp.services.log_values import Asked, find_values

MOST_SHOWN = 20
MOST_KEYS = 20  # of logs and of resources each
LABEL_CHARACTERS = 120
# The first are what people look for; the last stand behind all attributes.
COLUMNS = (SERVICE, LEVEL, tree.MESSAGE, EVENT_NAME, tree.TRACE_ID, tree.SPAN_ID, tree.SCOPE)
RARE_COLUMNS = (tree.INSTRUMENTATION_SCOPE, tree.FINGERPRINT)
_SIGNS = "<>=~"
_COLUMN_NAMES = {LEVEL: "severity_text", SERVICE: "service_name", EVENT_NAME: "event_name"}


@dataclass(frozen=True, slots=True)
class Option:
    """A suggestion: the text to put in the place of what is typed, what is shown of it, and a word beside it."""

    insert: str
    label: Markup
    note: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions, the best first, for what begins at ``start`` and ends ``tail`` before the end of the text.

    Both in UTF-16 units, as browsers count. ``has_more``: the log store may know of others.
    """

    part: Part
    options: list[Option]
    start: int
    tail: int
    has_more: bool


def complete(view: Explorer, text: str, cursor: int, *, from_store: bool) -> Completion:
    """Suggest what could be meant at the cursor, in UTF-16 units.

    Without the log store these are columns, signs and levels; with it also attributes and values, if it answers.
    """
    at = _characters(text, cursor)
    typed = typed_at(text, at, COLUMNS)
    if typed.part in (Part.KEY, Part.SIGN):
        known = [*COLUMNS, *(_attributes(view, typed.text.rstrip(_SIGNS)) if from_store else ()), *RARE_COLUMNS]
        typed = typed_at(text, at, known)
        signs = suggest_signs(typed)
        begun = {sign.insert for sign in signs}
        found = [*signs, *(key for key in suggest_keys(typed, known) if key.insert not in begun)]
    else:
        values = _values(view, text, typed) if from_store else []
        found = suggest_values(typed, _every_level(values) if typed.field == LEVEL else values)
    options = [_option(text, typed, suggestion) for suggestion in found[:MOST_SHOWN]]
    has_more = not from_store and _is_in_store(typed)
    return Completion(typed.part, options, units(text[: typed.start]), units(text[typed.end :]), has_more)


def _is_in_store(typed: Typed) -> bool:
    if typed.part is Part.VALUE:
        return typed.sign is not Sign.FITS and _asked(typed) is not None
    return typed.part in (Part.KEY, Part.SIGN)


def _characters(text: str, cursor: int) -> int:
    """Return which character of the text is behind the cursor."""
    at = 0
    while at < len(text) and units(text[at]) <= cursor:
        cursor -= units(text[at])
        at += 1
    return at


def _option(text: str, typed: Typed, suggestion: Suggestion) -> Option:
    whole, cursor = apply(text, typed, suggestion)
    label = suggestion.label or "(empty)"
    start, end = suggestion.hit
    parts = [render(part) for part in (label[:start], label[start:end])]
    rest = render(label[end:], limit=LABEL_CHARACTERS)
    marked = Markup("{}<mark>{}</mark>{}") if end > start else Markup("{}{}{}")
    return Option(whole[typed.start : cursor], marked.format(*parts, rest), suggestion.note)


def _attributes(view: Explorer, piece: str) -> list[Field]:
    try:
        return [read_field(key) for key in suggested_keys(view, MOST_KEYS, piece)]
    except HedgerowError:
        return []


def _every_level(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    rows = dict(values)
    return [(level, rows.get(level, "")) for level in ORDER]


def _values(view: Explorer, text: str, typed: Typed) -> list[tuple[str, str]]:
    """Return the values of the field under the other filters, each with its rows."""
    field, asked = typed.field, _asked(typed)
    if field is None or asked is None:
        return []
    scope = Scope(view.project.id, view.window, filter_beside(text, typed.term, typed.end))
    try:
        found = _counted(scope, field, asked)
    except HedgerowError:
        return []
    return [(value, note) for value, note in found if is_typeable(Match(field, Operator.EQUALS, (value,)))]


def _counted(scope: Scope, field: Field, asked: Asked) -> list[tuple[str, str]]:
    if field == EVENT_NAME:
        named = find_values(scope, asked)
        return _noted(named.values, named.approximate)
    [facet] = find_facets(scope, [field], text=asked.text)
    if facet.values or not facet.approximate:
        return _noted(facet.values, facet.approximate)
    # A rare value was not in the part of the time that was read: whether it has rows under this filter is not known.
    anywhere = find_values(replace(scope, where=EVERYTHING), asked)
    return [(value, "") for value, _ in anywhere.values]


def _asked(typed: Typed) -> Asked | None:
    """Return how to ask for the values; None of ids and of the message, where nobody chooses from a list."""
    field, piece = typed.field, typed.text[:MAX_CHARACTERS]
    if field in _COLUMN_NAMES:
        return Asked("log", _COLUMN_NAMES[field], piece, limit=MOST_SHOWN)
    if field is None or field.kind == "column":
        return None
    return Asked("log" if field.kind == "attribute" else "resource", field.name, piece, limit=MOST_SHOWN)


def _noted(values: list[tuple[str, int]], approximate: bool) -> list[tuple[str, str]]:
    return [(value, f"{'~' if approximate else ''}{compact(rows)}") for value, rows in values]
