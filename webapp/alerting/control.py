"""What a person's change does to the state of an alert: switching, snoozing, another threshold, a reset.

As with checks, one pure function decides. Several changes at once count in this order: enabled, snooze, rule, window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from webapp.alerting.state_machine import Snapshot
from webapp.alerting.states import EventKind, State


class Snooze(Enum):
    """That a change says nothing of the snooze; otherwise it is a moment, or None for its end."""

    UNCHANGED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is changed.

    Attributes:
        enabled: the new value if it is another one than before.
        snooze_until: a moment to come, or None: no longer snoozed.
        rule: whether threshold, operator, filters, N or M are other ones now.
        pace: whether the window or the interval is another one now.
    """

    enabled: bool | None = None
    snooze_until: datetime | Snooze | None = Snooze.UNCHANGED
    rule: bool = False
    pace: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One entry for the history."""

    kind: EventKind
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the alert; ``recheck``: whatever check is planned or under way is void, it is due at once."""

    after: Snapshot
    steps: tuple[Step, ...]
    recheck: bool


def apply(before: Snapshot, change: Change) -> Outcome:
    """Return the state after a change. A broken alert stays broken, whatever is changed, until it is reset."""
    now, steps = before, []

    def go(kind: EventKind, after: Snapshot) -> None:
        nonlocal now
        if now.state is State.BROKEN:
            after = replace(after, state=State.BROKEN, consecutive_failures=now.consecutive_failures)
        steps.append(Step(kind, now.state, after.state))
        now = after

    if change.enabled is True:
        go(EventKind.ENABLE, replace(now, state=State.NOT_FIRING, snooze_until=None, consecutive_failures=0))
    elif change.enabled is False:
        go(EventKind.DISABLE, replace(now, state=State.NOT_FIRING, snooze_until=None))
    if isinstance(change.snooze_until, datetime):
        go(EventKind.SNOOZE, replace(now, state=State.SNOOZED, snooze_until=change.snooze_until))
    elif change.snooze_until is None and (now.snooze_until is not None or now.state is State.SNOOZED):
        go(EventKind.UNSNOOZE, replace(now, state=State.NOT_FIRING, snooze_until=None))
    if change.rule:
        state = State.SNOOZED if now.state is State.SNOOZED else State.NOT_FIRING
        go(EventKind.THRESHOLD_CHANGE, replace(now, state=state, consecutive_failures=0))
    return Outcome(now, tuple(steps), bool(steps) or change.pace)


def reset(before: Snapshot) -> Outcome | None:
    """Return the state of a broken alert once it is reset; None for any other."""
    if before.state is not State.BROKEN:
        return None
    after = replace(before, state=State.NOT_FIRING, snooze_until=None, consecutive_failures=0)
    return Outcome(after, (Step(EventKind.RESET, State.BROKEN, after.state),), recheck=True)
