"""No row matches: which term is in the way, and which wider range has rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from webapp.language.printing import print_query, terms
from webapp.language.timebox import parse_time_box
from webapp.language.tree import conjunction
from webapp.pages.logs.view import Addresses, Explorer
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
    term: str
    count: int
    url: str


def hints(view: Explorer) -> list[Hint]:
    """Count what the query would show without one of its terms, then in wider ranges; only what has rows is offered."""
    found = [*_without_one_term(view), *_wider(view)]
    return [hint for hint in found if hint.count]


def _without_one_term(view: Explorer) -> list[Hint]:
    if not view.state.q:
        return []
    every = terms(view.reading.where)
    addresses = Addresses(view.project, view.state, view.window)
    result = []
    for term in every[:MOST_TERMS]:
        rest = conjunction([other for other in every if other is not term])
        rows = count(Scope(view.project.id, view.window, rest)).count
        url = addresses.at(view.state.query_string(q=print_query(rest), row=""))
        result.append(Hint("Without", print_query(term), rows, url))
    return result


def _wider(view: Explorer) -> list[Hint]:
    addresses = Addresses(view.project, view.state, view.window)
    now_ns = int(view.now.timestamp() * 1e9)
    result = []
    for text, length in WIDER:
        start_ns = now_ns - int(length.total_seconds() * 1e9)
        if start_ns >= view.window.start_ns:
            continue
        rows = count(Scope(view.project.id, TimeRange(start_ns, now_ns), view.reading.where)).count
        box = parse_time_box(text, view.now, view.reading.zone)
        result.append(Hint(box.label(view.now, view.reading.zone), "", rows, addresses.at(view.state.with_time(box))))
        if rows:  # the nearest range that has rows is the useful one
            break
    return result
