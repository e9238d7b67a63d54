"""Stack traces in messages: which lines are frames, and which of these are of libraries rather than of the application.

Knows the traces of Python, the JVM, Node and browsers, .NET, Go, Ruby, PHP and Rust, as their runtimes print them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

LEAST_FRAMES = 2  # fewer are no trace, but a line that looks like a frame
MOST_CHARACTERS = 256 * 1024

_FRAME = re.compile(
    r"""
      \s+at\s\S.*                                             # JVM, Node, .NET
    | \s*\.\.\.\s\d+\s(?:more|common\sframes\somitted).*      # JVM: those of the exception around it
    | \s+File\s".*",\sline\s\d+.*                             # Python
    | \#\d+\s(?:/|\[internal|\{main\}|[\w\\:>-]+\().*         # PHP
    | \s*(?:from\s)?\S+\.rb:\d+:in\s.*                        # Ruby
    | \s+\d+:\s.*(?:::|rust|main|_start).*                    # Rust
    """,
    re.VERBOSE,
)
_GO = re.compile(r"(?:created by )?[\w./*()\[\]{}-]+(?:\(.*\))?(?: in goroutine \d+)?")  # the place is on the next line
_PYTHON = re.compile(r'\s+File "')
_RUST = re.compile(r"\s+\d+: ")
_PLACE_OF_GO = re.compile(r"\t\S+:\d+")
_PLACE_OF_RUST = re.compile(r"\s+at ")
_NO_NEWS = re.compile(r"stack ?(?:back)?trace:|goroutine \d+ \[.*\]:", re.IGNORECASE)
_CAUSE = "Caused by: "
_PYTHON_HEAD = "Traceback (most recent call last):"

_LIBRARY = re.compile(
    r"""
      /(?:site|dist)-packages/ | /lib(?:64)?/python\d | <frozen\s | "<string>"
    | \bat\s(?:java|javax|jdk|sun|kotlin|kotlinx|scala|groovy|akka|reactor|jakarta)\.
    | \bat\s(?:com\.sun|com\.zaxxer|com\.fasterxml|com\.google|com\.mysql|io\.netty|io\.micrometer|io\.grpc|io\.vertx)\.
    | \bat\s(?:org\.(?:springframework|apache|hibernate|eclipse|jboss|junit|postgresql|slf4j|aspectj|mariadb))\.
    | \bat\s(?:java\.base|app//java|jdk\.internal)[/.] | \.\.\.\s\d+\s(?:more|common)
    | node_modules | \(node: | at\snode: | \(internal/ | at\sinternal/ | <anonymous>\)?$ | at\snew\sPromise
    | \bat\s(?:System|Microsoft)\.
    | /go/src/ | /pkg/mod/ | ^runtime[./] | ^panic\(
    | /gems/ | /ruby/\d | <internal:
    | /vendor/ | \#\d+\s\{main\} | \[internal\sfunction\]
    | \s\d+:\s(?:0x[0-9a-f]+\s-\s)?<?(?:std|core|alloc|tokio|rust_begin_unwind|__rust|_start|main$|__libc)
    | /rustc/ | /\.cargo/
    """,
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that belong together, with the line ends between them: one frame, or text around frames."""

    text: str
    is_frame: bool
    is_library: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """A run of pieces: what is read, or frames of libraries, which may be folded."""

    pieces: list[Piece]
    is_folded: bool

    @property
    def text(self) -> str:
        """The lines as they were sent."""
        return "\n".join(piece.text for piece in self.pieces)


def read_trace(text: str) -> list[Piece]:
    """Return the pieces of a text that has a stack trace, joined by line ends the text itself; none if it has none."""
    if "\n" not in text or len(text) > MOST_CHARACTERS:
        return []
    pieces = list(_pieces(text.split("\n")))
    return pieces if sum(piece.is_frame for piece in pieces) >= LEAST_FRAMES else []


def _pieces(lines: list[str]) -> Iterator[Piece]:
    at = 0
    while at < len(lines):
        end = at + 1
        is_frame = bool(_FRAME.fullmatch(lines[at])) or _is_go(lines, at)
        if is_frame:
            end += _more_lines(lines, at)
        text = "\n".join(lines[at:end])
        yield Piece(text, is_frame, is_library=is_frame and bool(_LIBRARY.search(text)))
        at = end


def _is_go(lines: list[str], at: int) -> bool:
    has_place = at + 1 < len(lines) and _PLACE_OF_GO.match(lines[at + 1])
    return bool(has_place) and _GO.fullmatch(lines[at]) is not None


def _more_lines(lines: list[str], at: int) -> int:
    """Return how many of the lines behind a frame's first one belong to it: its code, or its place."""
    first = lines[at]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if _PYTHON.match(first):
        depth = _depth(first)
        return next((more for more, line in enumerate(lines[at + 1 :]) if _depth(line) <= depth), len(lines) - at - 1)
    if _RUST.match(first):
        return int(bool(_PLACE_OF_RUST.match(following)))
    return int(_is_go(lines, at))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def folds(pieces: list[Piece]) -> list[Fold]:
    """Group pieces: the application's frames and the text around them to read, runs of library frames folded.

    Where every frame is a library's, the first is read. A single one is not worth folding.
    """
    has_own = any(piece.is_frame and not piece.is_library for piece in pieces)
    first = None if has_own else next(piece for piece in pieces if piece.is_frame)
    found: list[Fold] = []
    for hides, run in groupby(pieces, lambda piece: piece.is_library and piece is not first):
        group = list(run)
        is_folded = hides and len(group) > 1
        if found and not is_folded and not found[-1].is_folded:
            found[-1] = Fold([*found[-1].pieces, *group], is_folded=False)
        else:
            found.append(Fold(group, is_folded))
    return found


def head_of(pieces: list[Piece]) -> tuple[str, str, int]:
    """Return a trace in one line: what went wrong, the application's frame next to it, and how many others there are.

    The cause that is named last counts as what went wrong, too. Python says what went wrong behind its frames, and the
    frame next to it is the last one; with others it is the other way round.
    """
    frames = [piece for piece in pieces if piece.is_frame]
    first = next(place for place, piece in enumerate(pieces) if piece.is_frame)
    lead = [text for piece in pieces[:first] if (text := piece.text.strip()) and not _NO_NEWS.fullmatch(text)]
    behind = [text for piece in pieces[first:] if not piece.is_frame and (text := piece.text.strip())]
    is_python = lead[-1:] == [_PYTHON_HEAD]
    if is_python:
        lead = [*lead[:-1], *behind[-1:]]
    else:
        lead += [text for text in behind if text.startswith(_CAUSE)][-1:]
    own = [piece for piece in frames if not piece.is_library] or frames
    nearest = own[-1 if is_python else 0].text.strip().split("\n")[0]
    return " ".join(lead), nearest, len(frames) - 1
