"""Going to a moment: the list begins there, with rows in both directions."""

from __future__ import annotations

from webapp.language.timebox import TimeBox, parse_time_box
from webapp.pages.logs.view import Addresses, Explorer
from webapp.queries.cursor import Cursor
from webapp.queries.scope import TimeRange


def jump_url(view: Explorer, text: str) -> str:
    """Return the address at which the list begins at a moment that somebody typed.

    A moment outside the time range moves the range, which keeps its length, so that the moment is in its middle.

    Raises:
        TimeBoxError: the text is no moment.
    """
    at_ns, _ = parse_time_box(f"{text}..now", view.now, view.reading.zone).resolve(view.now, view.reading.zone)
    window, state = view.window, view.state
    changes = {"row": ""}
    if not window.start_ns <= at_ns < window.end_ns:
        half = max((window.end_ns - window.start_ns) // 2, 1)
        window = TimeRange(max(at_ns - half, 0), at_ns + half)
        changes["t"] = TimeBox.zoomed(window.start_ns, window.end_ns).to_url()
    latest_first = state.sort != "asc"
    edge = Cursor.at_edge(at_ns + 1 if latest_first else at_ns, latest_first=latest_first)
    addresses = Addresses(view.project, state, window)
    return addresses.at(state.query_string(**changes, **addresses.bound(), after=edge.encode()))
