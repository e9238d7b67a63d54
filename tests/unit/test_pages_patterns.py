"""How much was read for the patterns is said, and what it stands for is drawn."""

from __future__ import annotations

import re
from datetime import UTC

import pytest

from webapp.pages.formats import percent
from webapp.pages.logs.patterns import TEMPLATE_CHARACTERS, PatternsView, patterns_view, template
from webapp.patterns.pivot import Pivot
from webapp.queries.histogram import Grid
from webapp.services.log_patterns import Pattern, Patterns
from webapp.services.log_sample import Sample, SampledRow


def view(
    read: int,
    total: int,
    *,
    guessed: bool = False,
    pivot: Pivot | None = None,
    counts: list[int] | None = None,
    stem: str = "/",
) -> PatternsView:
    """Lay out one pattern of so many rows; of more than were read, every other bucket was not."""
    whole = read == total
    unread = frozenset[int]() if whole else frozenset({1, 3})
    rows = [SampledRow(0, 0, "info", "api", "hello")] * read
    found = Pattern(
        text="hello",
        parts=(("hello", ""),),
        count=read,
        estimated_count=total,
        share=1.0,
        error_count=0,
        first_seen_ns=0,
        last_seen_ns=0,
        examples=["hello"],
        services=["api"],
        sparkline=counts or [0, 0, 0, 0],
        severity_counts={"info": total},
        pivot=pivot or Pivot(),
    )
    sample = Sample(Grid(0, 60, 4), rows, {0: 1.0}, total, whole, guessed, unread)
    return patterns_view(
        Patterns([found], sample, truncated=False), zone=UTC, term_url=lambda _, tab, __: stem and stem + tab
    )


@pytest.mark.parametrize(
    ("read", "total", "guessed", "said", "count"),
    [
        (1, 1, False, "1 row", "1"),
        (8412, 8412, False, "all 8,412 rows", "8,412"),
        (10_000, 1_204_331, False, "10,000 of 1,204,331 rows, evenly over the time", "~1,204,331"),
        (40, 1_204_331, True, "40 of ~1,204,331 rows, evenly over the time", "~1,204,331"),
    ],
)
def test_what_was_read_is_said_and_estimates_wear_a_sign(
    read: int, total: int, guessed: bool, said: str, count: str
) -> None:
    shown = view(read, total, guessed=guessed)
    assert shown.scanned == said
    assert shown.patterns[0].count == count


def test_a_bucket_that_was_not_read_is_drawn_like_its_neighbour() -> None:
    heights = [re.findall(r"M(\d)", view(5, total, counts=[4, 0, 2, 0]).patterns[0].trend) for total in (5, 9)]
    assert heights == [["0", "2"], ["0", "1", "2", "3"]]


@pytest.mark.parametrize(
    ("pivot", "stem", "urls", "why"),
    [
        (Pivot(regex="^a$"), "/", ("/logs", "/patterns"), ""),
        (Pivot(literal="a"), "/", ("/logs", "/patterns"), ""),
        (Pivot(), "/", ("", ""), "No search finds just these rows."),
        (Pivot(literal="a"), "", ("", ""), "The search cannot take this pattern."),
    ],
)
def test_a_pattern_without_links_says_why(pivot: Pivot, stem: str, urls: tuple[str, str], why: str) -> None:
    [shown] = view(1, 1, pivot=pivot, stem=stem).patterns
    assert (shown.show_url, shown.hide_url) == urls
    assert shown.why_not == why


def test_placeholders_are_elements_and_what_looks_like_one_is_text() -> None:
    shown = template((("took <num> ", "num"), (" in ", "uuid"), ("", "*"), ("", "")))
    assert shown == (
        'took &lt;num&gt; <i class="mask mask--num">num</i> in '
        '<i class="mask mask--id">uuid</i><i class="mask mask--any">*</i>'
    )
    long = template((("x" * 9000, "num"), ("y", "")))
    assert long == "x" * TEMPLATE_CHARACTERS + '<span class="ctl">…</span>'


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0421, "4.2 %"),
        (1 / 8, "12.5 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (1 / 3000, "<0.1 %"),
        (0.00001, "<0.1 %"),
        (1e-9, "<0.1 %"),
        (0.9999, ">99.9 %"),
        (0.99999, ">99.9 %"),
        (0.999, "99.9 %"),
    ],
)
def test_what_is_there_is_never_nothing_and_what_is_not_all_never_everything(share: float, text: str) -> None:
    assert percent(share) == text
