"""The one function that decides what a check does to an alert.

Production, simulation and the preview of the form call it, so they cannot disagree. It reads nothing but its
arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from webapp.alerting.states import Notification, State, ThresholdOperator

MAX_FAILURES = 5  # in a row; then the alert is broken until somebody resets it
_SIGNS = {ThresholdOperator.ABOVE: (">", "≤"), ThresholdOperator.BELOW: ("<", "≥")}
_WITHHELD = " (notification withheld by cooldown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When an alert fires: ``datapoints_to_alarm`` of the last ``evaluation_periods`` counts breach the threshold."""

    threshold_count: int
    threshold_operator: ThresholdOperator = ThresholdOperator.ABOVE
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    cooldown_minutes: int = 0

    def breaches(self, count: int) -> bool:
        """Whether the count of one window is past the threshold."""
        if self.threshold_operator is ThresholdOperator.ABOVE:
            return count > self.threshold_count
        return count < self.threshold_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a decision depends on beside the rule, as it stands before the check."""

    state: State = State.NOT_FIRING
    snooze_until: datetime | None = None
    last_notified_at: datetime | None = None
    consecutive_failures: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """A check that succeeded: rows in each window, the newest window first, one at least."""

    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that cannot be made as the alert is: its filters cannot be read, or its query takes too much."""

    error: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A check that says nothing about the alert: ClickHouse was away, or busy, or the query was cancelled."""

    error: str


Result: TypeAlias = Counted | Failed | Interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of the alert.

    Attributes:
        after: the snapshot to store.
        notification: what to tell people; none also when a cooldown withholds it.
        reason: one line in plain words, never empty.
        breached: whether the newest window breached the threshold; none without a count.
        withheld: the notification that a cooldown keeps back.
        judged: whether the check counts as made; one that was interrupted is made again.
    """

    after: Snapshot
    notification: Notification | None
    reason: str
    breached: bool | None = None
    withheld: Notification | None = None
    judged: bool = True


def decide(rule: Rule, before: Snapshot, result: Result, now: datetime) -> Decision:
    """Return what a check does to an alert at this moment."""
    if before.state is State.BROKEN:
        return Decision(after=before, notification=None, reason="broken until it is reset")
    if before.state is State.SNOOZED and before.snooze_until is not None and before.snooze_until > now:
        return Decision(
            after=before, notification=None, reason=f"snoozed until {before.snooze_until:%Y-%m-%d %H:%M} UTC"
        )
    if isinstance(result, Interrupted):
        reason = f"check interrupted, to be made again: {result.error}"
        return Decision(after=before, notification=None, reason=reason, judged=False)
    if isinstance(result, Failed):
        return _after_failure(before, result)
    return _after_counts(rule, before, result.counts, now)


def _after_failure(before: Snapshot, result: Failed) -> Decision:
    failures = before.consecutive_failures + 1
    if failures >= MAX_FAILURES:
        return Decision(
            after=_changed(before, state=State.BROKEN, failures=failures),
            notification=Notification.BROKEN,
            reason=f"check failed {failures} times in a row, no more checks until it is reset: {result.error}",
        )
    return Decision(
        after=_changed(before, state=before.state, failures=failures),
        notification=Notification.ERROR if before.consecutive_failures == 0 else None,
        reason=f"check failed ({failures} of {MAX_FAILURES} in a row): {result.error}",
    )


def _after_counts(rule: Rule, before: Snapshot, counts: Sequence[int], now: datetime) -> Decision:
    judged = counts[: rule.evaluation_periods]
    breaches = [rule.breaches(count) for count in judged]
    alarm = sum(breaches) >= rule.datapoints_to_alarm
    was_firing = before.state in (State.FIRING, State.PENDING_RESOLVE)
    notification: Notification | None = None
    if alarm:
        state, outcome = State.FIRING, "still firing"
        if not was_firing:
            notification, outcome = Notification.FIRE, "fired"
    else:
        state, outcome = State.NOT_FIRING, "waiting" if any(breaches) else "not firing"
        if was_firing:
            notification, outcome = Notification.RESOLVE, "resolved"
    withheld = None
    if notification is not None and _cools_down(rule, before, now):
        notification, withheld = None, notification
    return Decision(
        after=Snapshot(
            state=state,
            snooze_until=None if before.state is State.SNOOZED else before.snooze_until,
            last_notified_at=now if notification is not None else before.last_notified_at,
            consecutive_failures=0,
        ),
        notification=notification,
        reason=f"{_finding(rule, judged, breaches)}: {outcome}{_WITHHELD if withheld else ''}",
        breached=breaches[0],
        withheld=withheld,
    )


def _cools_down(rule: Rule, before: Snapshot, now: datetime) -> bool:
    last = before.last_notified_at
    return last is not None and now < last + timedelta(minutes=rule.cooldown_minutes)


def _finding(rule: Rule, counts: Sequence[int], breaches: Sequence[bool]) -> str:
    if rule.evaluation_periods == 1:
        past, within = _SIGNS[rule.threshold_operator]
        return f"{counts[0]} {past if breaches[0] else within} {rule.threshold_count}"
    need = f"need {rule.datapoints_to_alarm} of {rule.evaluation_periods}"
    return f"{sum(breaches)} of last {len(counts)} checks breached ({need})"


def _changed(before: Snapshot, *, state: State, failures: int) -> Snapshot:
    return Snapshot(
        state=state,
        snooze_until=before.snooze_until,
        last_notified_at=before.last_notified_at,
        consecutive_failures=failures,
    )
