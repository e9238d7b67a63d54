"""No row matches: which term is in the way, and which wider range has rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from webapp.language.nanoseconds import SECOND_NS, nanoseconds_of
from webapp.language.printing import print_query, terms
from webapp.language.timebox import parse_time_box
from webapp.language.tree import conjunction
from webapp.pages.logs.text import render
from webapp.pages.logs.view import QUERY_CHARACTERS, Addresses, Explorer
from webapp.queries.scope import Scope, TimeRange
from webapp.services.logs import count

MOST_TERMS = 5  # each costs a count
WIDER = (
    ("4h", timedelta(hours=4)),
    ("24h", timedelta(hours=24)),
    ("7d", timedelta(days=7)),
    ("30d", timedelta(days=30)),
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A change to the query that has rows, and how many."""

    label: str
    term: Markup
    count: int
    url: str


def hints(view: Explorer) -> list[Hint]:
    """Count what the query would show without one of its terms, then in wider ranges; only what has rows is offered.

    If neither helps alone, both together are tried: without a term, over the longest range.
    """
    found = [*_without_one_term(view, view.window), *_wider(view)]
    if not any(hint.count for hint in found):
        found = _without_one_term(view, _longest(view))
    return [hint for hint in found if hint.count]


def _without_one_term(view: Explorer, window: TimeRange) -> list[Hint]:
    if not view.state.q:
        return []
    wider = window != view.window
    text, _ = WIDER[-1]
    box = parse_time_box(text, view.now, view.reading.zone)
    label = f"{box.label(view.now, view.reading.zone)}, without" if wider else "Without"
    time = {"t": box.to_url()} if wider else {}
    every = terms(view.reading.where)
    addresses = Addresses(view.project, view.state, view.window)
    result = []
    for term in every[:MOST_TERMS]:
        rest = conjunction([other for other in every if other is not term])
        rows = count(Scope(view.project.id, window, rest)).count
        url = addresses.at(view.state.query_string(q=print_query(rest), row="", **time))
        result.append(Hint(label, render(print_query(term), limit=QUERY_CHARACTERS), rows, url))
    return result


def _longest(view: Explorer) -> TimeRange:
    now_ns = nanoseconds_of(view.now)
    return TimeRange(now_ns - int(WIDER[-1][1].total_seconds()) * SECOND_NS, now_ns)


def _wider(view: Explorer) -> list[Hint]:
    addresses = Addresses(view.project, view.state, view.window)
    now_ns = nanoseconds_of(view.now)
    result = []
    for text, length in WIDER:
        start_ns = now_ns - int(length.total_seconds()) * SECOND_NS
        if start_ns >= view.window.start_ns:
            continue
        rows = count(Scope(view.project.id, TimeRange(start_ns, now_ns), view.reading.where)).count
        box = parse_time_box(text, view.now, view.reading.zone)
        result.append(
            Hint(box.label(view.now, view.reading.zone), Markup(), rows, addresses.at(view.state.with_time(box)))
        )
        if rows:  # the nearest range that has rows is the useful one
            break
    return result
