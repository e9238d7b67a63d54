"""The pages of ``docs/`` as tests read them: addresses, tables, commands with their answers, links.

A page about endpoints has a line for each, ``POST /api/…/`` in backticks and who may ask; what follows, up to the next
such line, is about it. Tables are known by the first word of their header: parameters by ``name``, fields of an answer
by ``field``, refusals by ``sent``. A row of the first two without a type stands for what it links to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
API = DOCS / "api"

_ADDRESS = re.compile(r"^`(?P<method>GET|POST|PUT|PATCH|DELETE) (?P<path>/\S+)`(?:, (?P<who>.+))?$", re.MULTILINE)
_EXAMPLE = re.compile(
    r"^```sh\n(?P<command>curl [^`]*)^```\n\nAnswer, (?P<status>\d{3})(?::\n\n```json\n(?P<answer>[^`]*)^```|[:,] .+)$",
    re.MULTILINE,
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the cells of its header, and of its rows."""

    header: list[str]
    rows: list[list[str]]

    @property
    def kind(self) -> str:
        """The first word of the header."""
        return self.header[0].split(" ")[0]

    @property
    def about(self) -> str:
        """What in backticks stands in the header's first cell: the object whose fields these are, or nothing."""
        return "".join(words_in(self.header[0]))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A part of a page: a method and a path, who may ask, and what is said of them."""

    page: str
    method: str
    path: str
    who: str
    text: str

    @property
    def name(self) -> str:
        """The two by which it is known."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Example:
    """A command, the status that it gets, and the answer, if that is shown."""

    page: str
    command: str
    status: int
    answer: str | None


def read(name: str) -> str:
    """Return a page of the API."""
    return (API / name).read_text(encoding="utf-8")


def pages() -> list[str]:
    """List the pages of the API."""
    return sorted(path.name for path in API.glob("*.md"))


def endpoints() -> list[Endpoint]:
    """List what all pages say of endpoints."""
    return [endpoint for page in pages() for endpoint in endpoints_of(page)]


def endpoints_of(page: str) -> Iterator[Endpoint]:
    """Yield the parts of a page that are about an endpoint."""
    text = read(page)
    found = list(_ADDRESS.finditer(text))
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        yield Endpoint(page, match["method"], match["path"], match["who"] or "", text[match.end() : end])


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one that is as high."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found, heading
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> list[Table]:
    """List the tables in a text."""
    found: list[Table] = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following.startswith("|---"):
            found.append(Table(_cells(line), []))
        elif line.startswith("| "):
            found[-1].rows.append(_cells(line))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def words_in(cell: str) -> list[str]:
    """List what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def examples(page: str) -> list[Example]:
    """List the commands of a page that come with an answer."""
    return [
        Example(page, match["command"], int(match["status"]), match["answer"])
        for match in _EXAMPLE.finditer(read(page))
    ]


def links(text: str) -> list[str]:
    """List where the links of a page lead; those inside of code are none."""
    return _LINK.findall(_FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """Return the names by which headings can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
