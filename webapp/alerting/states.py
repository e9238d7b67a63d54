"""The words of alerting that everything else uses."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What an alert is in. Two are known because clients of the Logs API know them; no check produces them."""

    NOT_FIRING = "not_firing"
    FIRING = "firing"
    PENDING_RESOLVE = "pending_resolve"
    ERRORED = "errored"
    SNOOZED = "snoozed"
    BROKEN = "broken"


class ThresholdOperator(StrEnum):
    """On which side of the threshold a count breaches it; the threshold itself never does."""

    ABOVE = "above"
    BELOW = "below"


class Notification(StrEnum):
    """What people are told."""

    FIRE = "fire"
    RESOLVE = "resolve"
    ERROR = "error"
    BROKEN = "broken"


class EventKind(StrEnum):
    """Why an entry is in the history of an alert."""

    CHECK = "check"
    RESET = "reset"
    ENABLE = "enable"
    DISABLE = "disable"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
    THRESHOLD_CHANGE = "threshold_change"
    BROKEN_CONFIG = "broken_config"
