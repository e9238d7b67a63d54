"""All lines of the shop, window by window."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from operator import attrgetter
from random import Random

from webapp.demo.background import JOBS, Job, Moment
from webapp.demo.fleet import Fleet
from webapp.demo.happenings import deploy_lines, incident_lines
from webapp.demo.incident import Conditions, conditions
from webapp.demo.journeys import browse, fill_cart, look, scan, search, sign_in
from webapp.demo.model import SECOND, Line, dice
from webapp.demo.orders import place_order
from webapp.demo.schedule import Schedule
from webapp.demo.span import Trace

Journey = Callable[[Trace, int], None]

JOURNEYS: tuple[tuple[Journey, int], ...] = (
    (browse, 30),
    (look, 28),
    (search, 16),
    (fill_cart, 9),
    (place_order, 9),
    (sign_in, 6),
    (scan, 2),
)
_WEIGHTS = tuple(accumulate(weight for _, weight in JOURNEYS))
ORDER_SHARE = dict(JOURNEYS)[place_order] / _WEIGHTS[-1]
STAGING_SHARE = 0.02  # of the journeys that buy nothing
RETRY_STORM = 0.5  # of the visitors whose payment fails, try again at once
TIME = attrgetter("timestamp_ns")


class _Recurring:
    """A background job with its period and a beginning of its own."""

    def __init__(self, seed: int, start_ns: int, period_ns: int, run: Job) -> None:
        self.rng = dice(f"{seed}/{run.__name__}")
        self.next_ns = start_ns + int(self.rng.random() * period_ns)
        self.period_ns = period_ns
        self.run = run


class Traffic:
    """The shop from one moment on. The same seed and schedule give the same lines, whatever the windows."""

    def __init__(self, seed: int, schedule: Schedule, start_ns: int, requests_per_s: float) -> None:
        self.schedule = schedule
        self.fleet = Fleet(seed, schedule)
        self._rate = requests_per_s
        self._rng = dice(f"{seed}/requests")
        self._now_ns = start_ns
        self._next_request_ns = start_ns
        self._jobs = [_Recurring(seed, start_ns, period_ns, run) for period_ns, run in JOBS]
        self._unfinished: list[Line] = []  # lines of requests that go on past the window

    def until(self, end_ns: int) -> list[Line]:
        """The lines from where the last window ended up to that moment, in order."""
        end_ns = max(end_ns, self._now_ns)  # a clock that was set back
        lines = self._unfinished
        while self._next_request_ns < end_ns:
            self._serve(self._next_request_ns, lines)
            busyness = self.schedule.busyness(self._next_request_ns)
            self._next_request_ns += int(self._rng.expovariate(self._rate * busyness) * SECOND)
        for job in self._jobs:
            while job.next_ns < end_ns:
                lines += job.run(self._moment(job.next_ns, job.rng))
                job.next_ns += job.period_ns
        for deploy in self.schedule.deploys(self._now_ns, end_ns):
            lines += deploy_lines(deploy, self.fleet)
        for start_ns in self.schedule.incident_starts(self._now_ns, end_ns):
            lines += incident_lines(start_ns, self.fleet)
        lines.sort(key=TIME)
        self._now_ns = end_ns
        place = next((place for place, line in enumerate(lines) if line.timestamp_ns >= end_ns), len(lines))
        self._unfinished = lines[place:]
        return lines[:place]

    def conditions(self, at_ns: int) -> Conditions:
        """The state of the shop at that moment."""
        return conditions(self.schedule, at_ns)

    def _moment(self, at_ns: int, rng: Random) -> Moment:
        orders_per_s = self._rate * self.schedule.busyness(at_ns) * ORDER_SHARE
        return Moment(at_ns, rng, self.fleet, self.conditions(at_ns), orders_per_s)

    def _serve(self, at_ns: int, lines: list[Line]) -> None:
        rng = self._rng
        drawn = rng.random() * _WEIGHTS[-1]
        journey = next(journey for (journey, _), weight in zip(JOURNEYS, _WEIGHTS, strict=True) if drawn < weight)
        staging = journey is not place_order and rng.random() < STAGING_SHARE
        journey(Trace(rng, self.fleet, self.conditions, lines, "staging" if staging else "production"), at_ns)
        if journey is place_order and self.conditions(at_ns).starved and rng.random() < RETRY_STORM:
            place_order(Trace(rng, self.fleet, self.conditions, lines), at_ns + int(rng.uniform(3, 20) * SECOND))
