"""The patterns of the rows as the template writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from markupsafe import Markup

from webapp.errors import HedgerowError
from webapp.language.tree import MESSAGE, Match, Not, Operator
from webapp.pages.formats import number, percent
from webapp.pages.logs.chart import ORDER
from webapp.pages.logs.delta import Delta, delta_of
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
# The address of a tab of the search with one more term, in the range of the page or in the one before.
TermUrl = Callable[[Match | Not, str, bool], str]
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
    show_url: str = ""
    hide_url: str = ""
    why_not: str = ""
    delta: Delta | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class PatternsView:
    """The table and the line over it; ``width`` is that of a trend, in units of its viewBox.

    ``before`` says what was compared with, and ``uncompared`` why nothing was.
    """

    patterns: list[PatternView]
    scanned: str
    found: str
    is_sampled: bool
    width: int
    before: str
    uncompared: str

    @property
    def is_empty(self) -> bool:
        """Whether no row matched."""
        return not self.patterns


def patterns_view(found: Patterns, *, zone: tzinfo, term_url: TermUrl) -> PatternsView:
    """Lay out patterns; those that are gone come last."""
    before = found.before if isinstance(found.before, Patterns) else None
    is_sampled = not (found.sample.is_complete and (before is None or before.sample.is_complete))
    layout = _Layout(found.sample, is_sampled, zone, term_url)
    shown = len(found.patterns)
    if found.truncated:
        count = f"{shown} most frequent patterns"
    else:
        count = f"{shown} {'pattern' if shown == 1 else 'patterns'}"
    gone = [layout.gone(pattern, before.sample) for pattern in before.patterns] if before else []
    return PatternsView(
        patterns=[*map(layout.pattern, found.patterns), *gone],
        scanned=_scanned(found.sample),
        found=count,
        is_sampled=is_sampled,
        width=found.sample.grid.buckets,
        before=_scanned(before.sample) if before else "",
        uncompared=found.before.detail if isinstance(found.before, HedgerowError) else "",
    )


def _scanned(sample: Sample) -> str:
    rows, total = len(sample.rows), sample.total
    if sample.is_complete:
        return "1 row" if rows == 1 else f"all {number(rows)} rows"
    about = "~" if sample.total_is_estimate else ""
    return f"{number(rows)} of {about}{number(total)} rows, evenly over the time"


@dataclass(frozen=True, slots=True)
class _Layout:
    sample: Sample
    is_sampled: bool
    zone: tzinfo
    term_url: TermUrl

    def pattern(self, pattern: Pattern) -> PatternView:
        """Lay out a pattern of the present lines."""
        show_url, hide_url = _urls(pattern.pivot, self.term_url, is_gone=False)
        why_not = _why_not(pattern.pivot, show_url and hide_url)
        delta = None if pattern.before is None else self._delta(pattern.estimated_count, pattern.before)
        view = self._view(pattern, self.sample)
        return replace(view, show_url=show_url, hide_url=hide_url, why_not=why_not, delta=delta)

    def gone(self, pattern: Pattern, before: Sample) -> PatternView:
        """Lay out a pattern that only lines of the period before have, with a link to these."""
        show_url, _ = _urls(pattern.pivot, self.term_url, is_gone=True)
        return replace(
            self._view(pattern, before),
            count="0" if self.sample.is_complete else "~0",
            trend="",
            share=0,
            share_label="",
            errors="",
            show_url=show_url,
            why_not=_why_not(pattern.pivot, show_url),
            delta=self._delta(0, pattern.estimated_count),
            is_gone=True,
        )

    def _delta(self, now: int, before: int) -> Delta | None:
        return delta_of(now, before, is_estimate=self.is_sampled)

    def _view(self, pattern: Pattern, sample: Sample) -> PatternView:
        about = "" if sample.is_complete else "~"
        levels = {name: pattern.severity_counts[name] for name in ORDER if pattern.severity_counts.get(name)}
        level = known_level(max(levels, key=lambda name: levels[name], default=""))
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
            examples=[
                render(body, multiline=True, limit=EXAMPLE_CHARACTERS) for body in pattern.examples[:MOST_EXAMPLES]
            ],
            first=full_second(pattern.first_seen_ns, self.zone),
            first_utc=iso_utc(pattern.first_seen_ns),
            last=full_second(pattern.last_seen_ns, self.zone),
            last_utc=iso_utc(pattern.last_seen_ns),
            levels=[(name, f"{about}{number(n)}") for name, n in levels.items()],
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


def _urls(pivot: Pivot, term_url: TermUrl, *, is_gone: bool) -> tuple[str, str]:
    if pivot.regex:
        match = Match(MESSAGE, Operator.REGEX, (pivot.regex,))
    elif pivot.literal:
        match = Match(MESSAGE, Operator.CONTAINS, (pivot.literal,))
    else:
        return "", ""
    return term_url(match, "logs", is_gone), term_url(Not(match), "patterns", is_gone)
