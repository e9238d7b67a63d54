"""Log text as safe markup: log text is hostile, and nothing in it may be hidden, run or run away.

ANSI colours become classes. Every other control character, and every character that reorders or hides text
(bidirectional controls, zero-width ones), is shown by name. Hits of the search are marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from webapp.pages.logs.hits import Needle, spans

SPECIAL = re.compile(
    r"\x1b\[(?P<sgr>[0-9;]{0,64})m"
    r"|(?P<newline>\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])"
    r"|(?P<tab>\t)"
    r"|(?P<control>[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff]|[\U000e0000-\U000e007f]|(?<![\u2000-\U0001ffff])\u200d)"
)

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of text that looks alike. ``shown`` differs from ``raw`` where a character is shown by name."""

    raw: str
    shown: str
    classes: str


def render(text: str, *, needles: Iterable[Needle] = (), multiline: bool = False, limit: int | None = None) -> Markup:
    """Render log text.

    Args:
        text: as stored.
        needles: what to mark, substrings and patterns, whatever their case.
        multiline: keep line breaks and tabs, for the detail; else they are shown as signs, for the list.
        limit: characters of ``text`` to show; an ellipsis says that there is more.
    """
    cut = limit is not None and len(text) > limit
    pieces = list(_pieces(text[:limit] if cut else text, multiline))
    marked = _marked(pieces, needles)
    html = "".join(_html(piece, hit) for piece, hit in marked)
    return Markup(html + ('<span class="ctl">…</span>' if cut else ""))  # noqa: S704 - every piece is escaped


def plain(text: str, limit: int) -> str:
    """Return text for a title or an attribute: one line, signs for controls, at most ``limit`` characters."""
    shown = "".join(piece.shown for piece in _pieces(text[: limit + 1], multiline=False))
    return shown if len(text) <= limit else shown[:limit] + "…"


def _pieces(text: str, multiline: bool) -> Iterator[_Piece]:
    classes = ""
    active: dict[str, str] = {}
    done = 0
    for match in SPECIAL.finditer(text):
        if match.start() > done:
            run = text[done : match.start()]
            yield _Piece(run, run, classes)
        done = match.end()
        if match["sgr"] is not None:
            _apply_sgr(active, match["sgr"])
            classes = " ".join(f"a-{name}" for name in active.values())
        elif match["newline"] is not None:
            yield _Piece("\n", "\n", classes) if multiline else _Piece("\n", " ⏎ ", "ctl")
        elif match["tab"] is not None:
            yield _Piece("\t", "\t" if multiline else "  ", classes)
        else:
            yield _Piece(match[0], _name(match[0]), "ctl")
    if done < len(text):
        yield _Piece(text[done:], text[done:], classes)


def _name(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def _apply_sgr(active: dict[str, str], codes: str) -> None:
    numbers = [int(code or 0) for code in codes.split(";")]
    if 38 in numbers or 48 in numbers:  # 256 colours and true colour: contrast could not be promised, so left out
        return
    for number in numbers:
        if number == 0:
            active.clear()
        elif number in STYLES:
            active[STYLES[number]] = STYLES[number]
        elif number == 22:
            active.pop("bold", None)
            active.pop("dim", None)
        elif number in (23, 24):
            active.pop(STYLES[number - 20], None)
        elif number == 39:
            active.pop("colour", None)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            active["colour"] = COLOURS[number % 10]


def _marked(pieces: list[_Piece], needles: Iterable[Needle]) -> Iterator[tuple[_Piece, bool]]:
    edges = [edge for hit in spans("".join(piece.raw for piece in pieces), needles) for edge in hit]
    if not edges:
        yield from ((piece, False) for piece in pieces)
        return
    start = position = 0
    for piece in pieces:
        end = start + len(piece.raw)
        at = start
        while at < end:
            while position < len(edges) and edges[position] <= at:
                position += 1
            stop = min(edges[position], end) if position < len(edges) else end
            raw = piece.raw[at - start : stop - start]
            shown = raw if piece.shown == piece.raw else piece.shown
            yield _Piece(raw, shown, piece.classes), position % 2 == 1
            at = stop
        start = end


def _html(piece: _Piece, hit: bool) -> str:
    shown = str(escape(piece.shown))
    if piece.classes:
        shown = f'<span class="{piece.classes}">{shown}</span>'
    return f"<mark>{shown}</mark>" if hit else shown
