"""The histogram as SVG numbers: severities stacked in a fixed order, the gravest at the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
class Path:
    """All bars of one level."""

    level: str
    d: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: where it stands, what it says and where a click leads."""

    x: float
    total: int
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
    """Everything the chart's template draws but the legend."""

    start_ns: int
    step_ns: int
    width: float
    step_label: str
    paths: list[Path]
    bars: list[Bar]
    ticks: list[Tick]


def plot(histogram: Histogram, zone: tzinfo, zoom_url: Callable[[int, int], str]) -> Plot:
    """Lay out the chart; ``zoom_url`` makes the address of the time range between two nanoseconds."""
    step_ns = histogram.interval_s * 1_000_000_000
    buckets = histogram.buckets
    highest = max((sum(bucket.counts.values()) for bucket in buckets), default=0)
    return Plot(
        start_ns=histogram.start_ns,
        step_ns=step_ns,
        width=BAR * len(buckets),
        step_label=interval(histogram.interval_s),
        paths=_paths(buckets, highest),
        bars=[_bar(index, bucket, step_ns, zone, zoom_url) for index, bucket in enumerate(buckets)],
        ticks=list(_ticks(histogram.start_ns, step_ns * len(buckets), zone)),
    )


def _paths(buckets: list[Bucket], highest: int) -> list[Path]:
    drawn: dict[str, list[str]] = {level: [] for level in ORDER}
    for index, bucket in enumerate(buckets):
        heights = {level: bucket.counts.get(level, 0) / highest * HEIGHT for level in ORDER if bucket.counts.get(level)}
        heights = {level: max(height, LEAST) for level, height in heights.items()}
        over = max(sum(heights.values()) / HEIGHT, 1.0)
        base = HEIGHT
        for level, height in heights.items():
            top = base - height / over
            drawn[level].append(
                f"M{_short(index * BAR + GAP / 2)} {_short(top)}h{BAR - GAP}V{_short(base)}h-{BAR - GAP}z"
            )
            base = top
    return [Path(level, "".join(parts)) for level, parts in drawn.items() if parts]


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _bar(index: int, bucket: Bucket, step_ns: int, zone: tzinfo, zoom_url: Callable[[int, int], str]) -> Bar:
    start, end = at(bucket.start_ns, zone), at(bucket.start_ns + step_ns, zone)
    label = f"{day_name(start)} {clock(start, step_ns)}"
    parts = ", ".join(f"{level} {number(bucket.counts[level])}" for level in ORDER if bucket.counts.get(level))
    total = sum(bucket.counts.values())
    title = f"{label} – {clock(end, step_ns)}\n{number(total)} {'row' if total == 1 else 'rows'}"
    url = zoom_url(bucket.start_ns, bucket.start_ns + step_ns)
    return Bar(index * BAR, total, label, f"{title}: {parts}" if parts else title, url)


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
