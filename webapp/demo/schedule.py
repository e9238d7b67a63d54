"""When things happen: the rhythm of the day, deploys, and incidents."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.demo.model import DAY, HOUR, MINUTE, SECOND, dice
from webapp.demo.shop import SERVICES

LIVE_PERIOD_NS = 40 * MINUTE  # someone who watches sees a whole incident, and the calm after it
LIVE_FIRST_NS = 4 * MINUTE
LIVE_DEPLOY_NS = 30 * MINUTE  # after the beginning of each period, in the calm
INCIDENT_LENGTH_NS = 20 * MINUTE
INCIDENT_HOURS = (12.6, 19.8)  # just as the peaks begin
LATEST_INCIDENT_NS = 75 * MINUTE  # the past always holds one that the last hours show
ROUTINE_DEPLOY_NS = 3 * HOUR
ROUTINE_SERVICES = ("catalog", "storefront", "search", "auth", "inventory", "api-gateway", "worker-mailer")

CULPRIT = "payments"
GOOD_VERSION, BAD_VERSION = "2.14.0", "2.15.0"
ROLLBACK_NS = 13 * MINUTE


@dataclass(frozen=True, slots=True)
class Deploy:
    """A version of a service replaces another."""

    at_ns: int
    service: str
    version: str
    before: str
    rollback: bool = False


def rhythm(hour: float) -> float:
    """How busy the shop is at that hour of the day: 1 in the evening peak, about a quarter of that at night."""

    def bump(middle: float, width: float) -> float:
        distance = abs(hour - middle) % 24
        return math.exp(-0.5 * (min(distance, 24 - distance) / width) ** 2)

    return 0.2 + 0.33 * bump(12.7, 1.3) + 0.35 * bump(15.5, 3.6) + 0.62 * bump(20.3, 1.9)


class Schedule:
    """The story of one run, fixed by its seed, its beginning and the moment when it goes live.

    Before ``live_ns`` incidents come when shops have them, at the beginning of the busy hours; from then on every
    40 minutes, for those who watch.
    """

    def __init__(self, seed: int, start_ns: int, live_ns: int, utc_offset_s: int = 0) -> None:
        self._seed = seed
        self._start_ns = start_ns
        self._live_ns = live_ns
        self._offset_ns = utc_offset_s * SECOND
        self._past_incidents = self._choose_past_incidents()
        self._deploys: list[Deploy] = []
        self._moments: dict[str, tuple[list[int], list[str]]] = {}
        self._known_until_ns = start_ns
        self._next_routine = 0

    def hour(self, at_ns: int) -> float:
        """The hour of the day in the shop's time zone."""
        return (at_ns + self._offset_ns) % DAY / HOUR

    def busyness(self, at_ns: int) -> float:
        """The day's rhythm with a little weather, at most about 1.2; without a past there is no day to show."""
        minutes = at_ns / MINUTE
        weather = 0.08 * math.sin(minutes / 7.3) + 0.06 * math.sin(minutes / 2.9 + 1) + 0.05 * math.sin(minutes / 31)
        return (1 + weather) * (rhythm(self.hour(at_ns)) if self._start_ns < self._live_ns else 1)

    def incident_start(self, at_ns: int) -> int | None:
        """The beginning of the incident that is under way at that moment, if any."""
        if at_ns >= self._live_ns + LIVE_FIRST_NS:
            start = at_ns - (at_ns - self._live_ns - LIVE_FIRST_NS) % LIVE_PERIOD_NS
            return start if at_ns - start < INCIDENT_LENGTH_NS else None
        place = bisect_right(self._past_incidents, at_ns)
        if place and at_ns - self._past_incidents[place - 1] < INCIDENT_LENGTH_NS:
            return self._past_incidents[place - 1]
        return None

    def incident_starts(self, start_ns: int, end_ns: int) -> Iterator[int]:
        """The incidents that begin in that span."""
        yield from (start for start in self._past_incidents if start_ns <= start < end_ns)
        first = self._live_ns + LIVE_FIRST_NS
        passed = max(0, -(-(start_ns - first) // LIVE_PERIOD_NS))
        yield from range(first + passed * LIVE_PERIOD_NS, end_ns, LIVE_PERIOD_NS)

    def deploys(self, start_ns: int, end_ns: int) -> list[Deploy]:
        """The deploys of that span, in order."""
        self._extend(end_ns)
        return [deploy for deploy in self._deploys if start_ns <= deploy.at_ns < end_ns]

    def version(self, service: str, base: str, at_ns: int) -> str:
        """The version of a service that a deploy has made current at that moment."""
        self._extend(at_ns)
        if service not in self._moments:
            return base
        moments, versions = self._moments[service]
        place = bisect_right(moments, at_ns)
        return versions[place - 1] if place else base

    def _choose_past_incidents(self) -> list[int]:
        rng = dice(f"{self._seed}/incidents")
        latest = self._live_ns - LATEST_INCIDENT_NS
        chosen = [latest] if latest > self._start_ns else []
        midnight = self._start_ns - (self._start_ns + self._offset_ns) % DAY
        for day in range(midnight, self._live_ns, DAY):
            for hour in INCIDENT_HOURS:
                start = day + int((hour + rng.uniform(0, 0.5)) * HOUR)
                if self._start_ns < start < latest - 2 * HOUR:
                    chosen.append(start)
        return sorted(chosen)

    def _extend(self, until_ns: int) -> None:
        """Decide the deploys up to that moment; asked for in any order, decided in one."""
        while self._known_until_ns <= until_ns:
            begin, end = self._known_until_ns, self._known_until_ns + HOUR
            fresh = [*self._routine_deploys(begin, end), *self._incident_deploys(begin, end)]
            for deploy in sorted(fresh, key=lambda deploy: deploy.at_ns):
                self._deploys.append(deploy)
                moments, versions = self._moments.setdefault(deploy.service, ([], []))
                moments.append(deploy.at_ns)
                versions.append(deploy.version)
            self._known_until_ns = end

    def _incident_deploys(self, begin: int, end: int) -> Iterator[Deploy]:
        for start in self.incident_starts(begin, end):
            yield Deploy(start, CULPRIT, BAD_VERSION, GOOD_VERSION)
        for start in self.incident_starts(begin - ROLLBACK_NS, end - ROLLBACK_NS):
            yield Deploy(start + ROLLBACK_NS, CULPRIT, GOOD_VERSION, BAD_VERSION, rollback=True)

    def _routine_deploys(self, begin: int, end: int) -> Iterator[Deploy]:
        for at_ns in self._routine_moments(begin, end):
            service = ROUTINE_SERVICES[self._next_routine % len(ROUTINE_SERVICES)]
            done = self._next_routine // len(ROUTINE_SERVICES)
            self._next_routine += 1
            yield Deploy(at_ns, service, _release(service, done + 1), _release(service, done))

    def _routine_moments(self, begin: int, end: int) -> Iterator[int]:
        first = self._live_ns + LIVE_DEPLOY_NS
        for at_ns in range(self._start_ns + ROUTINE_DEPLOY_NS // 2, min(end, self._live_ns), ROUTINE_DEPLOY_NS):
            if at_ns >= begin and self.incident_start(at_ns) is None:
                yield at_ns
        passed = max(0, -(-(begin - first) // LIVE_PERIOD_NS))
        yield from range(first + passed * LIVE_PERIOD_NS, end, LIVE_PERIOD_NS)


def _release(service: str, number: int) -> str:
    """The version of a service after that many deploys."""
    major, minor, patch = SERVICES[service].version.split(".")
    return f"{major}.{minor}.{int(patch) + number}"
