"""The histogram's geometry."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.tree import LEVELS
from webapp.pages.logs.chart import BAR, HEIGHT, LEAST, Plot, plot
from webapp.services.logs import Bucket, Histogram, Stats

START_NS = 1_795_442_400 * 10**9  # 2026-11-23 14:00 UTC
BAR_PATH = re.compile(r"M([\d.]+) ([\d.]+)h[\d.]+V([\d.]+)h-[\d.]+z")

counts = st.dictionaries(st.sampled_from(LEVELS), st.integers(1, 10**9))


def laid_out(
    buckets: list[dict[str, int]],
    interval_s: int = 60,
    zone: tzinfo = UTC,
    start_ns: int = START_NS,
    before: list[int] | None = None,
    sign: str = "",
) -> Plot:
    def histogram(counts: list[dict[str, int]]) -> Histogram:
        made = [Bucket(start_ns + index * interval_s * 10**9, each) for index, each in enumerate(counts)]
        totals: dict[str, int] = {level: sum(each.get(level, 0) for each in counts) for level in LEVELS}
        return Histogram(start_ns, interval_s, made, totals, Stats(0.0, 0, 0))

    ghost = None if before is None else histogram([{"info": total} if total else {} for total in before])
    return plot(histogram(buckets), zone, lambda start, end: f"{start}..{end}", before=ghost, sign=sign)


@given(buckets=st.lists(counts, min_size=1, max_size=20))
def test_bars_stand_on_each_other_within_the_chart(buckets: list[dict[str, int]]) -> None:
    stacks: dict[str, list[tuple[float, float]]] = {}
    for path in laid_out(buckets).paths:
        for x, top, base in BAR_PATH.findall(path.d):
            stacks.setdefault(x, []).append((float(top), float(base)))
    assert len(stacks) == sum(1 for each in buckets if each)
    for stack in stacks.values():
        assert stack[0][1] == HEIGHT
        for (top, _), (_, base) in itertools.pairwise(stack):
            assert base == top
        assert min(top for top, _ in stack) >= 0


def test_one_fatal_row_among_a_million_is_seen_and_stands_at_the_base() -> None:
    paths = {path.key: path.d for path in laid_out([{"info": 1_000_000, "fatal": 1}]).paths}
    found = BAR_PATH.match(paths["fatal"])
    assert found is not None
    top, base = float(found[2]), float(found[3])
    assert base == HEIGHT
    assert base - top >= 2


@given(
    buckets=st.lists(st.tuples(counts, st.integers(0, 10**9)), min_size=1, max_size=20),
)
def test_the_period_before_has_the_scale_of_the_bars(buckets: list[tuple[dict[str, int], int]]) -> None:
    shown = laid_out([now for now, _ in buckets], before=[before for _, before in buckets])
    steps = [(HEIGHT - float(top), float(length)) for top, length in re.findall(r"V([\d.]+)h([\d.]+)", shown.ghost)]
    totals = [before for _, before in buckets]
    highest = max(*totals, *(sum(now.values()) for now, _ in buckets), 1)
    assert bool(steps) == any(totals)
    for (height, length), total in zip(steps, totals, strict=bool(steps)):
        assert length == BAR
        assert height == pytest.approx(max(total / highest * HEIGHT, LEAST if total else 0), abs=0.06)
    assert [bar.before for bar in shown.bars] == [f"{total:,}" if total else "" for total in totals]


def test_a_bar_says_how_many_there_were_before_and_what_is_estimated() -> None:
    [bar] = laid_out([{"error": 1200, "info": 3}], before=[40], sign="~").bars
    assert bar.title.endswith("\n1,203 rows, before 40: error ~1,200, info ~3")
    assert (bar.total, bar.before, bar.counts) == ("1,203", "40", ["", "~1,200", "", "~3", "", ""])


def test_a_bar_says_its_time_its_rows_and_leads_to_its_range() -> None:
    bar = laid_out([{"error": 1200, "info": 3}]).bars[0]
    assert bar.title == "Mon 23 Nov 14:00 – 14:01\n1,203 rows: error 1,200, info 3"
    assert bar.url == f"{START_NS}..{START_NS + 60 * 10**9}"
    assert (bar.x, BAR) == (0, 10)


@given(count=st.integers(1, 120), interval_s=st.sampled_from([1, 10, 60, 300, 3600, 43200, 86400, 30 * 86400]))
def test_there_are_few_ticks_and_all_are_on_the_chart(count: int, interval_s: int) -> None:
    ticks = laid_out([{}] * count, interval_s).ticks
    assert len(ticks) <= 8
    assert all(0 <= tick.x <= 100 for tick in ticks)
    assert [tick.x for tick in ticks] == sorted({tick.x for tick in ticks})


def test_ticks_of_years_name_the_year() -> None:
    ticks = laid_out([{}] * 120, 30 * 86400, start_ns=0).ticks
    assert len(ticks) <= 8
    assert all(re.fullmatch(r"[A-Z][a-z]{2} \d{4}", tick.label) for tick in ticks)


@pytest.mark.parametrize("buckets", [18, 36, 72])
def test_no_tick_stands_at_an_hour_that_the_clocks_left_out(buckets: int) -> None:
    before = 1_774_738_800 * 10**9  # 2026-03-29 00:00 in Berlin, where 02:00 is followed by 03:00
    ticks = laid_out([{}] * buckets, 600, ZoneInfo("Europe/Berlin"), before).ticks
    assert [tick.x for tick in ticks] == sorted({tick.x for tick in ticks})
    assert not any(tick.label.startswith("02:") for tick in ticks)


@pytest.mark.parametrize(
    ("zone", "labels"),
    [(UTC, ["14:00", "16:00", "18:00", "20:00"]), (ZoneInfo("Asia/Kolkata"), ["20:00", "22:00", "24 Nov", "02:00"])],
)
def test_ticks_are_round_in_the_zone_that_is_shown(zone: tzinfo, labels: list[str]) -> None:
    ticks = laid_out([{}] * 72, 600, zone).ticks
    assert [tick.label for tick in ticks][: len(labels)] == labels
