"""What people may set of an alert: defaults, limits, and what is said of a value that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.alerting.schedule import ScheduleError, blocked_of
from webapp.alerting.states import ThresholdOperator
from webapp.errors import ValidationFailed
from webapp.services.alert_filters import REQUIRED, check_filters, filters_nothing

UNTITLED = "Untitled alert"
MAX_NAME = 255
WINDOWS = (5, 10, 15, 30, 60)  # minutes
MAX_PERIODS = 10
MAX_INTERVAL_MINUTES = 60
MAX_COUNT = 2**53 - 1  # what JSON numbers hold exactly
MAX_COOLDOWN_MINUTES = 525_600  # a year
DEFAULTS: dict[str, Any] = {
    "name": UNTITLED,
    "enabled": True,
    "filters": None,
    "threshold_count": 100,
    "threshold_operator": ThresholdOperator.ABOVE,
    "window_minutes": 5,
    "evaluation_periods": 1,
    "datapoints_to_alarm": 1,
    "cooldown_minutes": 0,
    "snooze_until": None,
    "schedule_restriction": None,
    "check_interval_minutes": 5,
}
RULE = ("threshold_count", "threshold_operator", "filters", "evaluation_periods", "datapoints_to_alarm")
PACE = ("window_minutes", "check_interval_minutes")
_NUMBERS = {
    "threshold_count": (0, MAX_COUNT),
    "evaluation_periods": (1, MAX_PERIODS),
    "datapoints_to_alarm": (1, MAX_PERIODS),
    "cooldown_minutes": (0, MAX_COOLDOWN_MINUTES),
    "check_interval_minutes": (1, MAX_INTERVAL_MINUTES),
}


def check_values(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the given values as they are stored, each checked by itself; what is unknown is left out.

    Raises:
        ValidationFailed: a value cannot be used; ``attr`` names it.
    """
    checked = {key: values[key] for key in DEFAULTS if key in values}
    if "name" in checked:
        checked["name"] = _name(checked["name"])
    if not isinstance(checked.get("enabled", True), bool):
        raise ValidationFailed("Must be true or false.", attr="enabled")
    if "filters" in checked:
        checked["filters"] = check_filters(checked["filters"], now)
    for key, (least, most) in _NUMBERS.items():
        if key in checked:
            _check_number(checked[key], key, least, most)
    if "threshold_operator" in checked:
        checked["threshold_operator"] = _operator(checked["threshold_operator"])
    if "window_minutes" in checked and checked["window_minutes"] not in WINDOWS:
        raise ValidationFailed(f"Must be one of {list(WINDOWS)}.", attr="window_minutes", code="invalid_choice")
    if checked.get("snooze_until") is not None:
        _check_snooze(checked["snooze_until"], now)
    if "schedule_restriction" in checked:
        checked["schedule_restriction"] = _restriction(checked["schedule_restriction"])
    return checked


def check_together(values: Mapping[str, Any], now: datetime) -> None:
    """Check what all of an alert's values must be together.

    Raises:
        ValidationFailed: they do not fit each other; ``attr`` names the one to change.
    """
    needed, periods = values["datapoints_to_alarm"], values["evaluation_periods"]
    if needed > periods:
        detail = f"Cannot exceed evaluation_periods ({needed} > {periods})."
        raise ValidationFailed(detail, attr="datapoints_to_alarm")
    if values["enabled"] and filters_nothing(values["filters"], now):
        raise ValidationFailed(REQUIRED, attr="filters")


def _name(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise ValidationFailed("Must be a text.", attr="name")
    name = (value or "").strip()
    if len(name) > MAX_NAME:
        raise ValidationFailed(f"Must be at most {MAX_NAME} characters.", attr="name", code="max_length")
    if "\0" in name:
        raise ValidationFailed("A name is made of letters, not of control characters.", attr="name")
    return name or UNTITLED


def _check_number(value: Any, key: str, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationFailed("Must be a whole number.", attr=key)
    if value < least:
        raise ValidationFailed(f"Must be at least {least:,}.", attr=key, code="min_value")
    if value > most:
        raise ValidationFailed(f"Must be at most {most:,}.", attr=key, code="max_value")


def _operator(value: Any) -> ThresholdOperator:
    try:
        return ThresholdOperator(value)
    except ValueError:
        choices = " or ".join(ThresholdOperator)
        raise ValidationFailed(f"Must be {choices}.", attr="threshold_operator", code="invalid_choice") from None


def _check_snooze(value: Any, now: datetime) -> None:
    if not isinstance(value, datetime) or value.tzinfo is None or value <= now:
        raise ValidationFailed("Must be a future datetime.", attr="snooze_until")


def _restriction(value: Any) -> dict[str, Any] | None:
    try:
        blocked = blocked_of(value)
    except ScheduleError as error:
        path = "__".join(part for part in ("schedule_restriction", error.path) if part)
        raise ValidationFailed(error.detail, attr=path) from None
    if not blocked:
        return None
    return {
        "blocked_windows": [{"start": window["start"], "end": window["end"]} for window in value["blocked_windows"]]
    }
