"""A request's way through the services, on a clock of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

from webapp.demo.fleet import Fleet
from webapp.demo.incident import Conditions
from webapp.demo.model import MILLISECOND, Attributes, Instance, Line
from webapp.demo.shop import SERVICES


class Trace:
    """One request of a visitor and everything that it causes."""

    def __init__(
        self,
        rng: Random,
        fleet: Fleet,
        conditions_at: Callable[[int], Conditions],
        lines: list[Line],
        environment: str = "production",
    ) -> None:
        self.rng = rng
        self.fleet = fleet
        self.conditions_at = conditions_at
        self.lines = lines
        self.environment = environment
        self.trace_id = rng.getrandbits(128) or 1

    def begin(self, service: str, at_ns: int, base: Attributes | None = None) -> Span:
        """The first span of the trace, or one that continues it later."""
        source = self.fleet.pick(service, at_ns, self.environment, self.rng)
        return Span(self, source, at_ns, base or {})


class Span:
    """What one service does for the trace: its time passes by ``spend``, ``call`` and ``join``."""

    __slots__ = ("base", "now_ns", "rng", "scope", "source", "span_id", "started_ns", "trace")

    def __init__(self, trace: Trace, source: Instance, at_ns: int, base: Attributes) -> None:
        self.trace = trace
        self.rng = trace.rng
        self.source = source
        self.scope = SERVICES[source.service].scope
        self.span_id = trace.rng.getrandbits(64) or 1
        self.started_ns = self.now_ns = at_ns
        self.base = base

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the span began."""
        return round((self.now_ns - self.started_ns) / MILLISECOND, 1)

    @property
    def conditions(self) -> Conditions:
        """The state of the shop now; staging has no incidents, because nobody buys there."""
        if self.trace.environment != "production":
            return Conditions()
        return self.trace.conditions_at(self.now_ns)

    def spend(self, median_ms: float, spread: float = 0.4) -> float:
        """Let time pass, log-normally around the median, and say how many milliseconds."""
        spent = median_ms * math.exp(self.rng.gauss(0.0, spread))
        self.now_ns += int(spent * MILLISECOND)
        return round(spent, 1)

    def log(
        self, severity: int, body: str | dict[str, Any], attributes: Attributes | None = None, event_name: str = ""
    ) -> None:
        """Write a line now; writing takes a moment, so that lines of a span keep their order."""
        self.now_ns += 30_000 + int(self.rng.random() * 60_000)
        merged = {**self.base, **attributes} if attributes else dict(self.base)
        self.trace.lines.append(
            Line(
                self.now_ns,
                self.source,
                self.scope,
                severity,
                body,
                merged,
                self.trace.trace_id,
                self.span_id,
                event_name,
            )
        )

    def call(self, service: str, base: Attributes | None = None) -> Span:
        """Begin the span of another service, one network hop from now."""
        self.spend(0.35, 0.3)
        return self.trace.begin(service, self.now_ns, base)

    def join(self, child: Span) -> None:
        """Wait until the other service has answered."""
        self.now_ns = max(self.now_ns, child.now_ns)
        self.spend(0.35, 0.3)
