"""The incident as a function of time: what the culprit's connection pool and those behind it look like.

A release of payments leaks one database connection in every so many captures. Nothing shows for a while; then
captures wait for a connection, then they time out, then everything that needs a payment fails, until the release
is rolled back. All figures are seconds after the deploy.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.demo.model import SECOND
from webapp.demo.schedule import ROLLBACK_NS, Schedule

POOL_SIZE = 20
LEAK_BEGINS_S = 60
FIRST_SIGN_S = 170  # the pool's leak detection speaks: the first warning, and it names the cause
STARVED_S = 400  # no connection is left on most instances
BREAKER_OPENS_S = 520
SCALED_S = 610  # the autoscaler adds an instance, which takes the database's last connections
CALLED_S = 690  # someone is called
ROLLBACK_S = ROLLBACK_NS // SECOND
RECOVERED_S = ROLLBACK_S + 75
DRAINED_S = RECOVERED_S + 240  # the queue is empty again


@dataclass(frozen=True, slots=True)
class Conditions:
    """The state of the shop at one moment of an incident, or in calm."""

    since_deploy_s: float = -1.0
    leaked: float = 0.0
    breaker: str = "closed"
    mail_delay_s: float = 0.0

    @property
    def free_connections(self) -> float:
        """Connections of one payments instance that a capture can get."""
        return POOL_SIZE - self.leaked

    @property
    def starved(self) -> bool:
        """Whether most captures find no connection."""
        return self.free_connections < 1.0


CALM = Conditions()


def conditions(schedule: Schedule, at_ns: int) -> Conditions:
    """The state at that moment."""
    start_ns = schedule.incident_start(at_ns)
    if start_ns is None:
        return CALM
    since_s = (at_ns - start_ns) / SECOND
    return Conditions(since_s, _leaked(since_s), _breaker(since_s), _mail_delay(since_s))


def _leaked(since_s: float) -> float:
    if since_s < LEAK_BEGINS_S:
        return 0.0
    if since_s < ROLLBACK_S:
        return min(POOL_SIZE, POOL_SIZE * (since_s - LEAK_BEGINS_S) / (STARVED_S - LEAK_BEGINS_S))
    # The old release comes back one instance after the other.
    return max(0.0, POOL_SIZE * (1 - (since_s - ROLLBACK_S) / (RECOVERED_S - ROLLBACK_S)))


def _breaker(since_s: float) -> str:
    """The circuit breaker of checkout opens for 30 seconds, lets a few calls try for 10, and so on."""
    if not BREAKER_OPENS_S <= since_s < RECOVERED_S:
        return "closed"
    return "open" if (since_s - BREAKER_OPENS_S) % 40 < 30 else "half_open"


def _mail_delay(since_s: float) -> float:
    """How long mail about orders waits in its queue: its consumers hang on payments, and catch up afterwards."""
    if since_s < STARVED_S:
        return 0.0
    if since_s < RECOVERED_S:
        return since_s - STARVED_S
    return max(0.0, (RECOVERED_S - STARVED_S) * (1 - (since_s - RECOVERED_S) / (DRAINED_S - RECOVERED_S)))


def moment_ns(start_ns: int, since_s: float) -> int:
    """The moment that many seconds after the deploy."""
    return start_ns + int(since_s * SECOND)
