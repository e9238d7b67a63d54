"""The patterns of the rows as the template writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from markupsafe import Markup

from webapp.language.tree import MESSAGE, Match, Not, Operator
from webapp.pages.formats import number, percent
from webapp.pages.logs.chart import ORDER
from webapp.pages.logs.rows import known_level
from webapp.pages.logs.text import plain, render
from webapp.pages.logs.times import full_second, iso_utc
from webapp.pages.trend import trend
from webapp.patterns.pivot import Pivot
from webapp.services.log_patterns import Pattern, Patterns
from webapp.services.log_sample import Sample

MOST_PATTERNS = 100
MOST_EXAMPLES = 3
EXAMPLE_CHARACTERS = 600
TEMPLATE_CHARACTERS = 600
SERVICE_CHARACTERS = 80
TermUrl = Callable[[Match | Not, str], str]
# What placeholders are coloured as: the name stands in each, so colour says nothing alone.
KINDS = {"num": "num", "time": "time", "*": "any"}


@dataclass(frozen=True, slots=True)
class PatternView:
    """One line of the table, and what opens under it; ``why_not`` says why a link is missing."""

    level: str
    letter: str
    template: Markup
    trend: str
    count: str
    share: float
    share_label: str
    errors: str
    services: str
    examples: list[Markup]
    first: str
    first_utc: str
    last: str
    last_utc: str
    levels: list[tuple[str, str]]
    show_url: str
    hide_url: str
    why_not: str


@dataclass(frozen=True, slots=True)
class PatternsView:
    """The table and the line over it; ``width`` is that of a trend, in units of its viewBox."""

    patterns: list[PatternView]
    scanned: str
    found: str
    is_sampled: bool
    width: int

    @property
    def is_empty(self) -> bool:
        """Whether no row matched."""
        return not self.patterns


def patterns_view(found: Patterns, *, zone: tzinfo, term_url: TermUrl) -> PatternsView:
    """Lay out patterns; ``term_url`` makes the address of a tab of the search with one more term."""
    shown = len(found.patterns)
    if found.truncated:
        count = f"{shown} most frequent patterns"
    else:
        count = f"{shown} {'pattern' if shown == 1 else 'patterns'}"
    return PatternsView(
        patterns=[_pattern_view(pattern, found.sample, zone, term_url) for pattern in found.patterns],
        scanned=_scanned(found),
        found=count,
        is_sampled=not found.sample.is_complete,
        width=found.sample.grid.buckets,
    )


def _scanned(found: Patterns) -> str:
    rows, total = len(found.sample.rows), found.sample.total
    if found.sample.is_complete:
        return "1 row" if rows == 1 else f"all {number(rows)} rows"
    about = "~" if found.sample.total_is_estimate else ""
    return f"{number(rows)} of {about}{number(total)} rows, evenly over the time"


def _pattern_view(pattern: Pattern, sample: Sample, zone: tzinfo, term_url: TermUrl) -> PatternView:
    about = "" if sample.is_complete else "~"
    levels = {name: pattern.severity_counts[name] for name in ORDER if pattern.severity_counts.get(name)}
    level = known_level(max(levels, key=lambda name: levels[name], default=""))
    show_url, hide_url = _urls(pattern.pivot, term_url)
    return PatternView(
        level=level,
        letter=level[0].upper(),
        template=template(pattern.parts),
        trend=trend(pattern.sparkline, sample.unread),
        count=f"{about}{number(pattern.estimated_count)}",
        share=round(100 * pattern.share, 1),
        share_label=percent(pattern.share),
        errors=f"{about}{number(pattern.error_count)}" if pattern.error_count else "",
        services=", ".join(plain(name, SERVICE_CHARACTERS) for name in pattern.services),
        examples=[render(body, multiline=True, limit=EXAMPLE_CHARACTERS) for body in pattern.examples[:MOST_EXAMPLES]],
        first=full_second(pattern.first_seen_ns, zone),
        first_utc=iso_utc(pattern.first_seen_ns),
        last=full_second(pattern.last_seen_ns, zone),
        last_utc=iso_utc(pattern.last_seen_ns),
        levels=[(name, f"{about}{number(n)}") for name, n in levels.items()],
        show_url=show_url,
        hide_url=hide_url,
        why_not=_why_not(pattern.pivot, show_url and hide_url),
    )


def template(parts: tuple[tuple[str, str], ...]) -> Markup:
    """Render a template of at most ``TEMPLATE_CHARACTERS``; each placeholder is an element with its name."""
    shown, room = Markup(), TEMPLATE_CHARACTERS
    for literal, name in parts:
        shown += render(literal, limit=room)
        room -= len(literal)
        if room <= 0:
            break
        if name:
            shown += Markup('<i class="mask mask--{}">{}</i>').format(KINDS.get(name, "id"), name)
            room -= len(name)
    return shown


def _why_not(pivot: Pivot, urls: str) -> str:
    if urls:
        return ""
    is_found = pivot.regex or pivot.literal
    return "The search cannot take this pattern." if is_found else "No search finds just these rows."


def _urls(pivot: Pivot, term_url: TermUrl) -> tuple[str, str]:
    if pivot.regex:
        match = Match(MESSAGE, Operator.REGEX, (pivot.regex,))
    elif pivot.literal:
        match = Match(MESSAGE, Operator.CONTAINS, (pivot.literal,))
    else:
        return "", ""
    return term_url(match, "logs"), term_url(Not(match), "patterns")
