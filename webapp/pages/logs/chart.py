"""The histogram as SVG numbers: levels or values stacked in a fixed order, with the period before as a ghost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from webapp.language.tree import LEVELS
from webapp.pages.formats import interval, number
from webapp.pages.logs.times import at, clock, day_name
from webapp.services.logs import Bucket, Histogram

BAR = 10.0  # units of the viewBox per bucket
GAP = 1.2
HEIGHT = 100.0
LEAST = 2.5  # a single error among a million rows is still a visible line
MOST_TICKS = 7
TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
DAY_S = 86400
HALF_YEAR_S = 180 * DAY_S
ORDER = tuple(reversed(LEVELS))


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for: the key of its counts, which is also its class, and its name in tooltips."""

    key: str
    name: str


LEVEL_SERIES = tuple(Series(level, level) for level in ORDER)


@dataclass(frozen=True, slots=True)
class Path:
    """All bars of one series."""

    key: str
    d: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: where it stands, what it says and where a click leads; its numbers in the order of the series."""

    x: float
    total: str
    before: str
    counts: list[str]
    label: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time axis; ``x`` in percent."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the chart's template draws but the legend; ``ghost`` is the outline of the period before, if any."""

    start_ns: int
    step_ns: int
    width: float
    step_label: str
    series: Sequence[Series]
    paths: list[Path]
    ghost: str
    bars: list[Bar]
    ticks: list[Tick]


def plot(
    histogram: Histogram,
    zone: tzinfo,
    zoom_url: Callable[[int, int], str],
    *,
    series: Sequence[Series] = LEVEL_SERIES,
    before: Histogram | None = None,
    sign: str = "",
) -> Plot:
    """Lay out the chart.

    Args:
        zoom_url: makes the address of the time range between two nanoseconds.
        series: what is stacked, from the base on.
        before: the period before, in as many buckets; both have one scale.
        sign: stands before the numbers of series, if they are estimates.
    """
    step_ns = histogram.interval_s * 1_000_000_000
    buckets = histogram.buckets
    ghosts = [sum(bucket.counts.values()) for bucket in before.buckets] if before else []
    highest = max((*(sum(bucket.counts.values()) for bucket in buckets), *ghosts), default=0)
    words = _Words(series, sign, step_ns, zone)
    return Plot(
        start_ns=histogram.start_ns,
        step_ns=step_ns,
        width=BAR * len(buckets),
        step_label=interval(histogram.interval_s),
        series=series,
        paths=_paths(buckets, highest, series),
        ghost=_ghost(ghosts, highest),
        bars=[
            words.bar(index, bucket, ghosts[index] if ghosts else None, zoom_url)
            for index, bucket in enumerate(buckets)
        ],
        ticks=list(_ticks(histogram.start_ns, step_ns * len(buckets), zone)),
    )


def _paths(buckets: list[Bucket], highest: int, series: Sequence[Series]) -> list[Path]:
    drawn: dict[str, list[str]] = {each.key: [] for each in series}
    for index, bucket in enumerate(buckets):
        heights = {key: bucket.counts[key] / highest * HEIGHT for key in drawn if bucket.counts.get(key)}
        heights = {key: max(height, LEAST) for key, height in heights.items()}
        over = max(sum(heights.values()) / HEIGHT, 1.0)
        base = HEIGHT
        for key, height in heights.items():
            top = base - height / over
            drawn[key].append(
                f"M{_short(index * BAR + GAP / 2)} {_short(top)}h{BAR - GAP}V{_short(base)}h-{BAR - GAP}z"
            )
            base = top
    return [Path(key, "".join(parts)) for key, parts in drawn.items() if parts]


def _ghost(totals: Sequence[int], highest: int) -> str:
    """Return the outline over all buckets, from the left end of the base to its right end."""
    if not any(totals):
        return ""
    heights = (max(total / highest * HEIGHT, LEAST) if total else 0 for total in totals)
    steps = (f"V{_short(HEIGHT - height)}h{_short(BAR)}" for height in heights)
    return f"M0 {_short(HEIGHT)}{''.join(steps)}V{_short(HEIGHT)}"


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class _Words:
    series: Sequence[Series]
    sign: str
    step_ns: int
    zone: tzinfo

    def bar(self, index: int, bucket: Bucket, before: int | None, zoom_url: Callable[[int, int], str]) -> Bar:
        end_ns = bucket.start_ns + self.step_ns
        start, end = at(bucket.start_ns, self.zone), at(end_ns, self.zone)
        label = f"{day_name(start)} {clock(start, self.step_ns)}"
        counts = [bucket.counts.get(each.key, 0) for each in self.series]
        named = zip(self.series, counts, strict=True)
        parts = ", ".join(f"{each.name} {self.sign}{number(count)}" for each, count in named if count)
        total = sum(bucket.counts.values())
        title = f"{label} – {clock(end, self.step_ns)}\n{number(total)} {'row' if total == 1 else 'rows'}"
        if before is not None:
            title += f", before {number(before)}"
        return Bar(
            x=index * BAR,
            total=number(total) if total else "",
            before=number(before) if before else "",
            counts=[f"{self.sign}{number(count)}" if count else "" for count in counts],
            label=label,
            title=f"{title}: {parts}" if parts else title,
            url=zoom_url(bucket.start_ns, end_ns),
        )


def _ticks(start_ns: int, span_ns: int, zone: tzinfo) -> Iterator[Tick]:
    if span_ns <= 0:
        return
    span_s = span_ns / 1e9
    step_s = next(
        (step for step in TICKS_S if span_s / step <= MOST_TICKS), -int(-span_s // (MOST_TICKS * DAY_S)) * DAY_S
    )
    first = at(start_ns, zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    since_s = (first - midnight).total_seconds()
    moment = midnight + timedelta(seconds=-(-since_s // step_s) * step_s)
    while True:
        x = (moment.timestamp() - start_ns / 1e9) / span_s * 100
        if x > 100:
            return
        if x >= 0 and _exists(moment):
            yield Tick(round(x, 2), _tick_label(moment, step_s), "start" if x < 3 else "end" if x > 97 else "middle")
        moment += timedelta(seconds=step_s)


def _exists(moment: datetime) -> bool:
    """Whether clocks showed this time: in spring an hour is left out."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(fold=moment.fold) == moment


def _tick_label(moment: datetime, step_s: int) -> str:
    if step_s >= HALF_YEAR_S:
        return f"{moment:%b} {moment.year}"
    if step_s >= DAY_S or (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M:%S}" if step_s < 60 else f"{moment:%H:%M}"
