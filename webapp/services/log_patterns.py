"""The patterns of a scope: what its lines have in common, how many lines there are of each, and how to find them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from webapp.errors import HedgerowError
from webapp.language.tree import LEVELS
from webapp.patterns.lines import MAX_CHARACTERS, read_line
from webapp.patterns.pivot import Pivot, pivot
from webapp.patterns.template import Template
from webapp.patterns.tree import templates_of
from webapp.queries.sample import fair_share
from webapp.queries.scope import SECOND_NS, Scope, TimeRange
from webapp.services.log_sample import BUDGET_S, Sample, SampledRow, take_sample

MAX_PATTERNS = 200
MAX_EXAMPLES = 10
MAX_SERVICES = 4
MAX_GONE = 20
# Of all lines together: they are taken apart in less than a second. 10,000 lines have 400 characters each at least.
MAX_TEXT = 4_000_000
ERRORS = ("error", "fatal")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Lines with one template.

    Attributes:
        parts: the text as pairs of what the lines share and the name of the placeholder after it, "" if none is.
        count: rows of the sample; all other numbers are estimates for the whole scope, exact if it is complete.
        examples: bodies that differ, the latest first, cut after ``MAX_CHARACTERS``.
        services: the names of those with most of the lines, at most ``MAX_SERVICES``.
        sparkline: a number for each bucket of the sample's grid.
        before: rows in the range that was compared with, if one was.
    """

    text: str
    parts: tuple[tuple[str, str], ...]
    count: int
    estimated_count: int
    share: float
    error_count: int
    first_seen_ns: int
    last_seen_ns: int
    examples: list[str]
    services: list[str]
    sparkline: list[int]
    severity_counts: dict[str, int]
    pivot: Pivot
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns with most lines, in that order; ``truncated`` if there are more of them.

    Attributes:
        before: the sample that was compared with, and those of its patterns that none of the present lines has, at most
            ``MAX_GONE``; or why there is none.
    """

    patterns: list[Pattern]
    sample: Sample
    truncated: bool
    before: Patterns | HedgerowError | None = None

    @property
    def coverage(self) -> float:
        """The share of the rows that were looked at, from 0 to 1."""
        if self.sample.is_complete:
            return 1.0
        return len(self.sample.rows) / self.sample.total if self.sample.total else 0.0

    @property
    def buckets(self) -> list[tuple[int, int]]:
        """Start and end of each bucket of a sparkline, in nanoseconds."""
        grid = self.sample.grid
        edges = [(grid.start_s + n * grid.interval_s) * SECOND_NS for n in range(grid.buckets + 1)]
        return list(pairwise(edges))


def find_patterns(
    scope: Scope, *, before: TimeRange | None = None, max_patterns: int = MAX_PATTERNS, budget_s: float = BUDGET_S
) -> Patterns:
    """Sort the lines of a scope, or of a sample of it, by what they have in common.

    Args:
        before: compare with the lines of this range. If they cannot be had, ``Patterns.before`` is the error.

    Raises:
        QueryTimeout: not even a part of the sample could be read in time.
    """
    sample = take_sample(scope, characters=MAX_CHARACTERS, budget_s=budget_s)
    if before is None:
        [groups] = _sorted_lines(sample)
        return _patterns(groups, sample, max_patterns)
    try:
        earlier = take_sample(replace(scope, time=before), characters=MAX_CHARACTERS, budget_s=budget_s)
    except HedgerowError as error:
        [groups] = _sorted_lines(sample)
        return replace(_patterns(groups, sample, max_patterns), before=error)
    groups, were = _sorted_lines(sample, earlier)
    found = _patterns(groups, sample, max_patterns, {name: _weight(rows, earlier) for name, rows in were.items()})
    gone = _patterns({name: rows for name, rows in were.items() if name not in groups}, earlier, MAX_GONE)
    return replace(found, before=gone)


def _sorted_lines(*samples: Sample) -> list[dict[Template, list[SampledRow]]]:
    """Sort the rows of samples by templates that all of them have in common."""
    bodies = {row.body for sample in samples for row in sample.rows}
    characters = characters_to_read([min(len(body), MAX_CHARACTERS) for body in bodies])
    lines = {body: read_line(body, characters) for body in bodies}
    templates = templates_of(Counter(lines[row.body] for sample in samples for row in sample.rows))
    found = []
    for sample in samples:
        groups = defaultdict[Template, list[SampledRow]](list)
        for row in sample.rows:
            groups[templates[lines[row.body]]].append(row)
        found.append(dict(groups))
    return found


def _patterns(
    groups: Mapping[Template, list[SampledRow]],
    sample: Sample,
    max_patterns: int,
    before: Mapping[Template, float] | None = None,
) -> Patterns:
    weighed = sorted(
        ((_weight(rows, sample), template) for template, rows in groups.items()),
        key=lambda item: (-round(item[0]), -len(groups[item[1]]), item[1].text, item[1].shape, item[1].words),
    )
    found = [_pattern(template, groups[template], sample, before) for _, template in weighed[:max_patterns]]
    return Patterns(found, sample, truncated=len(weighed) > max_patterns)


def characters_to_read(lengths: Sequence[int]) -> int:
    """Return how much of each line is looked at: so much that all together are at most ``MAX_TEXT``."""
    return MAX_CHARACTERS if sum(lengths) <= MAX_TEXT else fair_share(lengths, MAX_TEXT)


def _pattern(
    template: Template, rows: list[SampledRow], sample: Sample, before: Mapping[Template, float] | None
) -> Pattern:
    levels, services = defaultdict[str, float](float), defaultdict[str, float](float)
    buckets = Counter(row.bucket for row in rows)
    for row in sorted(rows, key=lambda row: row.bucket):  # in one order, for sums of fractions depend on it
        levels[row.severity_text] += sample.weights[row.bucket]
        services[row.service_name] += sample.weights[row.bucket]
    estimated = _weight(rows, sample)
    bodies = _latest_bodies(rows)
    return Pattern(
        text=template.text,
        parts=template.parts,
        count=len(rows),
        estimated_count=round(estimated),
        share=estimated / sample.total,
        error_count=round(sum(levels[level] for level in ERRORS)),
        first_seen_ns=min(row.timestamp_ns for row in rows),
        last_seen_ns=max(row.timestamp_ns for row in rows),
        examples=[body[:MAX_CHARACTERS] for body in bodies],
        services=sorted(filter(None, services), key=lambda name: (-services[name], name))[:MAX_SERVICES],
        sparkline=[round(buckets[n] * sample.weights[n]) if n in buckets else 0 for n in range(sample.grid.buckets)],
        severity_counts={**dict.fromkeys(LEVELS, 0), **{level: round(levels[level]) for level in sorted(levels)}},
        pivot=pivot(template, bodies),
        before=None if before is None else round(before.get(template, 0)),
    )


def _weight(rows: Iterable[SampledRow], sample: Sample) -> float:
    """Return for how many rows of the scope some of the sample stand; always the same, whatever their order."""
    return sum(n * sample.weights[bucket] for bucket, n in sorted(Counter(row.bucket for row in rows).items()))


def _latest_bodies(rows: Iterable[SampledRow]) -> list[str]:
    latest: dict[str, int] = {}
    for row in rows:
        latest[row.body] = max(row.timestamp_ns, latest.get(row.body, 0))
    return sorted(latest, key=lambda body: (-latest[body], body))[:MAX_EXAMPLES]
