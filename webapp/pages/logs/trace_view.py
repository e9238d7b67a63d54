"""Messages with stack traces as markup: the application's frames to read, those of libraries folded away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from webapp.pages.logs.hits import Needle, spans
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.traces import folds, head_of, read_trace

READ_CHARACTERS = 16 * 1024  # of a message in the list
FRAME_CHARACTERS = 160
NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a message; ``folded`` says what is folded away, and is empty where the lines are to be read."""

    text: Markup
    folded: str
    is_open: bool


def parts(text: str, needles: Iterable[Needle]) -> list[Part]:
    """Return a message that has a stack trace in parts, those with a hit of the search unfolded; else nothing."""
    pieces = read_trace(text)
    if not pieces:
        return []
    wanted = list(needles)
    return [
        Part(
            text=render(fold.text, needles=wanted, multiline=True),
            folded=f"+ {len(fold.pieces)} frames" if fold.is_folded else "",
            is_open=fold.is_folded and bool(spans(fold.text, wanted)),
        )
        for fold in folds(pieces)
    ]


def parts_within(text: str, needles: Iterable[Needle]) -> dict[str, list[Part]]:
    """Return the parts of each stack trace that is a value of a message that is a JSON object, by its key."""
    if not text.startswith("{") or "\\n" not in text:
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    wanted = list(needles)
    found = {
        plain(key, NAME_CHARACTERS): parts(value, wanted) for key, value in values.items() if isinstance(value, str)
    }
    return {key: lines for key, lines in found.items() if lines}


def one_line(text: str, needles: Iterable[Needle], limit: int) -> Markup | None:
    """Return a message that has a stack trace in one line: what went wrong, and where in the application."""
    if "\n" not in text[:READ_CHARACTERS]:
        return None
    pieces = read_trace(text[:READ_CHARACTERS])
    if not pieces:
        return None
    head, nearest, others = head_of(pieces)
    wanted = list(needles)
    return Markup('{} <span class="frames"><span class="frames__at">{}</span> + {} frames</span>').format(
        render(head, needles=wanted, limit=limit), render(nearest, needles=wanted, limit=FRAME_CHARACTERS), others
    )
