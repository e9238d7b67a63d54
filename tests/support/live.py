"""The events of live tails."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from flask import Flask


@dataclass(frozen=True)
class Event:
    """What a stream says at a time: ``kind`` is empty where it is nothing but a mark."""

    kind: str
    mark: str
    data: dict[str, Any]

    @property
    def bodies(self) -> list[str]:
        """The messages of the rows, from top to bottom."""
        found = re.findall(r'<span class="m" role="gridcell">(.*?)</span></div>', self.data.get("html", ""))
        return [html.unescape(text) for text in found]


def read_events(text: str) -> list[Event]:
    """Read the events of a body."""
    return list(events_of([*text.splitlines(keepends=True)]))


def events_of(lines: Iterable[str]) -> Iterator[Event]:
    """Read the events of a stream as its lines come; comments are none."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name:
            fields[name] = value
        elif fields.keys() & {"event", "id"}:
            yield Event(fields.get("event", ""), fields.get("id", ""), json.loads(fields.get("data", "{}")))
            fields = {}
        else:
            fields = {}


def end_after_one_look(app: Flask) -> None:
    """Let every stream of an application end when it has looked once: a test client reads all of an answer."""
    answers = cycle([False, True, True])
    app.extensions["hedgerow_streams"].watch(lambda: next(answers))
