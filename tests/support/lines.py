"""Log lines as a test of the pages writes them down, and their way in by OTLP."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
NUMBERS = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; what a test does not care about has a default. ``at_ns`` 0 is half a second ago."""

    body: str
    at_ns: int = 0
    level: str = "info"
    service: str = "api"
    trace_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    resource: Mapping[str, str] = field(default_factory=dict)


def send_lines(url: str, token: str, lines: Iterable[Line]) -> None:
    """Send lines to an instance in one request; they are stored when this returns."""
    body = {"resourceLogs": [_resource_logs(line) for line in lines]}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/logs", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        assert json.loads(response.read()) == {}, "a line was not taken"


def _resource_logs(line: Line) -> dict[str, Any]:
    record = {
        "timeUnixNano": str(line.at_ns or time.time_ns() - SECOND_NS // 2),
        "severityNumber": NUMBERS[line.level],
        "body": {"stringValue": line.body},
        "attributes": _pairs(line.attributes),
        **({"traceId": line.trace_id} if line.trace_id else {}),
    }
    resource = {"attributes": _pairs({"service.name": line.service, **line.resource})}
    return {"resource": resource, "scopeLogs": [{"logRecords": [record]}]}


def _pairs(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]
