"""The groups of lines that are alike, found without comparing each with each: a small Drain.

After He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", 2017. A line goes by its
shape, then by its first and its second word; where it arrives, it joins the group that is most like it, if at least
half of the words are the same, and what differs becomes a placeholder. Every number of children has a limit, so the
time for a line has one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import eq

from webapp.patterns.lines import Line
from webapp.patterns.masks import MARK
from webapp.patterns.template import ANY, Template

DEPTH = 2  # words that decide the way
MAX_BRANCHES = 64  # words at each fork; all others go the same way
MAX_GROUPS = 24  # at the end of a way: a line that is like none joins the nearest then
LEAST_ALIKE = 0.5


class Group:
    """Lines that share a template."""

    __slots__ = ("lines", "template")

    def __init__(self, line: Line) -> None:
        self.template = Template.of(line)
        self.lines = [line]

    def add(self, line: Line) -> None:
        """Take a line in."""
        self.template = self.template.merged(line.words)
        self.lines.append(line)

    def likeness(self, words: tuple[str, ...]) -> float:
        """Return the share of words that are the same, from 0 to 1."""
        return sum(map(eq, self.template.words, words)) / len(words) if words else 1.0


class _Fork:
    """Ways on by the next word; at the last depth, the groups."""

    __slots__ = ("branches", "groups")

    def __init__(self) -> None:
        self.branches: dict[str, _Fork] = {}
        self.groups: list[Group] = []

    def branch(self, word: str) -> _Fork:
        """Return the way of a word. One with a mask or a digit may be another next time: they share a way."""
        if (
            MARK in word
            or any(map(str.isdigit, word))
            or (word not in self.branches and len(self.branches) >= MAX_BRANCHES)
        ):
            word = ANY
        return self.branches.setdefault(word, _Fork())


def templates_of(lines: Mapping[Line, int]) -> dict[Line, Template]:
    """Find the template of each line, given how often it occurs.

    The frequent come first and lay the ways; among those as frequent, the text decides. So the same lines have the same
    templates in whatever order they came.
    """
    shapes: dict[str, _Fork] = {}
    groups: list[Group] = []
    for line in sorted(lines, key=lambda line: (-lines[line], line.shape, line.words)):
        fork = shapes.setdefault(line.shape, _Fork())
        for word in line.words[:DEPTH]:
            fork = fork.branch(word)
        if (group := _nearest(fork.groups, line)) is not None:
            group.add(line)
        else:
            groups.append(Group(line))
            fork.groups.append(groups[-1])
    return {line: group.template for group in groups for line in group.lines}


def _nearest(groups: Iterable[Group], line: Line) -> Group | None:
    """Return the group that a line belongs to: the most alike, the oldest of those as much; None for a new one."""
    known = list(groups)
    if not known:
        return None
    likeness = [group.likeness(line.words) for group in known]
    most = max(likeness)
    if most < LEAST_ALIKE and len(known) < MAX_GROUPS:
        return None
    return known[likeness.index(most)]
