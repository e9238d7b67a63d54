"""What ``./hedgerow bench queries`` asks: requests of the API, and what each is to take."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bench.data import RARE_WORD, UNCOMMON_WORD, Sample

Json = dict[str, Any]

PATTERN = r"upstream call \w+ /api/\w+/\d+ status=50[03]"
PAGE = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is asked about an hour, a day and a week.

    Attributes:
        path: the endpoint; those in ``READ_BY_GET`` take the question in their address.
        asked: the question but for its time.
        aim: milliseconds over an hour, a day and a week, as far as they were set. What begins with ≤ is a limit; all
            else is what a first design had measured for single statements, without HTTP, on other data of this size.
        at_cursor: from the middle of the time on.
    """

    name: str
    path: str
    asked: Json = field(default_factory=dict)
    aim: str = ""
    at_cursor: bool = False

    def request(self, first_ns: int, stop_ns: int) -> tuple[str, str, bytes | None]:
        """Return method, path and body of the request about a time."""
        time = {"date_from": iso(first_ns), "date_to": iso(stop_ns)}
        if self.path in READ_BY_GET:
            query = urlencode({**self.asked, "dateRange": json.dumps(time)})
            return "GET", f"{self.path}?{query}", None
        asked = {**self.asked, "dateRange": time}
        if self.at_cursor:
            cursor = {"timestamp": iso((first_ns + stop_ns) // 2), "uuid": "00000000-0000-0000-0000-000000000000"}
            asked["after"] = base64.b64encode(json.dumps(cursor).encode()).decode()
        return "POST", self.path, json.dumps({"query": asked}).encode()


READ_BY_GET = {"attributes/", "values/"}


def iso(moment_ns: int) -> str:
    """Write whole seconds as ISO 8601."""
    return datetime.fromtimestamp(moment_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def equals(key: str, value: str) -> Json:
    """Return the filter for an attribute's whole value."""
    return {"filterGroup": [{"key": key, "type": "log_attribute", "operator": "exact", "value": value}]}


def questions(sample: Sample) -> Iterator[Question]:
    """Return what is measured, in the order of the table."""
    service = {"severityLevels": ["error"], "serviceNames": ["checkout"]}
    word, rare_word = {"searchTerm": "upstream"}, {"searchTerm": RARE_WORD}
    trace = {"filterGroup": [{"key": "trace_id", "type": "log", "operator": "exact", "value": sample.trace_id}]}
    pattern = {"filterGroup": [{"key": "message", "type": "log", "operator": "regex", "value": PATTERN}]}
    request, tier = equals("request.id", sample.request_id), equals("customer.tier", "pro")

    def latest(name: str, asked: Json, aim: str = "", *, at_cursor: bool = False) -> Question:
        return Question(f"latest {PAGE}{name}", "query/", {**asked, "limit": PAGE}, aim, at_cursor)

    yield latest("", {}, "16, 18, 27")
    yield latest(" at a cursor", {}, ", , 23", at_cursor=True)
    yield latest(", level and service", service, ", 42, 80")
    yield latest(", common word", word, ", , 32")
    yield latest(", rare word", rare_word, ", , 50")
    yield latest(", absent word", {"searchTerm": "zyxwvut"}, ", , 12")
    yield latest(", part of a rare word", {"searchTerm": RARE_WORD[2:-2]}, ", , 60")
    yield latest(", part of a common word", {"searchTerm": "pstrea"}, ", , 67")
    yield latest(", word in 50,000", {"searchTerm": UNCOMMON_WORD})
    yield latest(", phrase with an id", {"searchTerm": sample.phrase})
    yield latest(", a user in the body", {"searchTerm": sample.user_id})
    yield latest(", rare attribute value", request, ", , 90")
    yield latest(", attribute value in 200,000", equals("user.id", sample.user_id))
    yield latest(", common attribute value", tier, ", 32,")
    yield latest(", trace id", trace)
    yield Question("count", "count/")
    yield Question("count, level and service", "count/", service)
    yield Question("count, common word", "count/", word)
    yield Question("count, rare attribute value", "count/", request)
    yield Question("count, common attribute value", "count/", tier)
    yield Question("count, regular expression", "count/", pattern, "14, 107,")
    yield Question("sparkline", "sparkline/", aim="4, 12, 33")
    yield Question("sparkline, level and service", "sparkline/", service)
    yield Question("sparkline, common word", "sparkline/", word, ", 25,")
    yield Question("where the logs are", "count-ranges/", {"targetBuckets": 50})
    yield Question("keys", "attributes/", aim=", 30,")
    yield Question("keys with a piece", "attributes/", {"search": "http"}, ", ≤50,")
    yield Question("keys and values with a piece", "attributes/", {"search": "checkout", "search_values": "true"})
    yield Question("values by a piece", "values/", {"key": "http.route", "value": "/api/o"}, ", 6,")
    yield Question("values of many", "values/", {"key": "client.address", "value": "10.1"}, ", ≤50,")
    yield Question("values that are ids", "values/", {"key": "request.id", "value": "c0ffe", "limit": "10"})
    yield from facets(service, word)
    yield Question("services", "services/", aim=", ≤60,")
    yield Question("groups of one key", "group-by/", {"groupBys": [{"key": "http.route", "source": "log"}]}, ", ≤400,")
    two = [{"key": "http.route", "source": "log"}, {"key": "service_name", "source": "column"}]
    yield Question("groups of two keys", "group-by/", {"groupBys": two})
    yield Question("patterns", "patterns/", aim="≤2000, ≤2000, ≤2000")
    yield Question("patterns, common word", "patterns/", word, "≤2000, ≤2000, ≤2000")


def facets(service: Json, word: Json) -> Iterator[Question]:
    """Return the questions for values beside each other."""
    of_logs = ["customer.tier", "http.route", "http.status_code", "feature.flag"]
    five = {"facetAttributes": of_logs, "facetResourceAttributes": ["host.name"]}
    twelve = {
        "facetFields": ["severity_text", "service_name"],
        "facetAttributes": [*of_logs, "http.method", "code.line"],
        "facetResourceAttributes": ["host.name", "cloud.region", "k8s.pod.name", "deployment.environment"],
    }
    yield Question("5 facets", "facet_values/", five, "33, 295–530,")
    yield Question("5 facets, level and service", "facet_values/", {**five, **service})
    yield Question("5 facets, common word", "facet_values/", {**five, **word})
    yield Question("12 facets", "facet_values/", twelve, ", ≤400,")
