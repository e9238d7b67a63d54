"""What a filter of the Logs API means, read off the table of its operators: the measure that the API is held to.

It knows nothing of filter trees: ``tests/support/evaluate.py`` holds SQL to those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from tests.support.evaluate import read_moment_ns, read_number
from tests.support.logs import DAY_NS, MINUTE_NS, SECOND_NS, Log
from webapp.language.regex import compile_regex

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
NEGATIONS = {
    "is_not": "exact",
    "not_in": "in",
    "not_icontains": "icontains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_regex": "regex",
    "is_not_set": "is_set",
}
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def passes(group: Any, log: Log) -> bool:
    """Whether a log passes a filter group: a list of which all must hold, or groups in groups."""
    if isinstance(group, list):
        return all(passes(item, log) for item in group)
    if "values" not in group:
        return _holds(group, log)
    said = [item for item in group["values"] if _says_something(item)]
    return not said or (all if group["type"] == "AND" else any)(passes(item, log) for item in said)


def _says_something(item: dict[str, Any]) -> bool:
    return "values" not in item or any(map(_says_something, item["values"]))


def _holds(asked: dict[str, Any], log: Log) -> bool:
    operator, values = asked["operator"], asked.get("value")
    if values == []:
        return True
    if operator in NEGATIONS:
        return not _holds({**asked, "operator": NEGATIONS[operator]}, log)
    shown, is_set = _value(asked["type"], asked["key"], log)
    listed = [text if isinstance(text, str) else json.dumps(text) for text in _as_list(values)]
    if operator in ("exact", "in"):
        return (is_set or asked["type"] == "log") and shown in listed
    column = asked["key"] if asked["type"] == "log" else ""
    if operator == "not_between":
        return not is_set or _orders(lt, shown, listed[0], column) or _orders(gt, shown, listed[1], column)
    return is_set and _compares(operator, shown, listed, column)


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _value(kind: str, key: str, log: Log) -> tuple[str, bool]:
    """Return the text that is compared with, and whether there is any."""
    if kind != "log":
        found = (log.attributes if kind == "log_attribute" else log.resource_attributes).get(key)
        return found or "", found is not None
    scope = f"{log.scope_name}@{log.scope_version}" if log.scope_name or log.scope_version else ""
    columns = {
        "message": log.body,
        "body": log.body,
        "severity_level": log.severity_text,
        "instrumentation_scope": scope,
    }
    text = str(columns[key] if key in columns else getattr(log, key))
    return text, text.strip("0") != "" if key in ("trace_id", "span_id") else text != ""


def _compares(operator: str, shown: str, listed: list[str], column: str) -> bool:
    if operator == "is_set":
        return True
    if operator == "between":
        return _compares("gte", shown, listed[:1], column) and _compares("lte", shown, listed[1:], column)
    if operator in ORDERINGS:
        return _orders(ORDERINGS[operator], shown, listed[0], column)
    if operator.startswith("is_date_"):
        return _is_date(operator, shown, listed[0])
    is_folded = column in ("message", "body", "trace_id", "span_id")
    tests: dict[str, Callable[[str], bool]] = {
        "icontains": lambda wanted: wanted.lower() in shown.lower(),
        "starts_with": shown.startswith,
        "ends_with": shown.endswith,
        "regex": lambda wanted: compile_regex(wanted, ignore_case=is_folded).search(shown) is not None,
    }
    return any(map(tests[operator], listed))


def _orders(holds: Callable[[Any, Any], bool], shown: str, wanted: str, column: str) -> bool:
    if column in ("severity_level", "severity_text"):
        return holds(LEVELS.index(shown), LEVELS.index(wanted))
    if not NUMBER.fullmatch(wanted):
        return holds(shown.encode(), wanted.encode())
    number = read_number(shown)
    return number is not None and holds(number, float(wanted))


def _is_date(operator: str, shown: str, wanted: str) -> bool:
    """Compare with a whole day, or with a moment that is meant to the minute or the second."""
    moment_ns, start_ns = read_moment_ns(shown), read_moment_ns(wanted)
    assert start_ns is not None
    if moment_ns is None:
        return False
    if operator == "is_date_before":
        return moment_ns < start_ns
    length_ns = DAY_NS if len(wanted) == 10 else MINUTE_NS if len(wanted) == 16 else SECOND_NS
    if operator == "is_date_exact":
        return start_ns <= moment_ns < start_ns + length_ns
    return moment_ns >= start_ns + DAY_NS if length_ns == DAY_NS else moment_ns > start_ns
