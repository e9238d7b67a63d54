"""The filters of the API, from the request to the rows."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.support.api import Api, attributes

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def shop(api: Api) -> Api:
    """Four logs of a shop, two of them of one trace."""
    for body, service, number, ids, values in (
        ("GET /cart 200", "web", 9, {}, {"status": "200", "ms": "7.5", "due": "2026-11-23", "sessionId": "s1"}),
        (
            "GET /cart 503",
            "web",
            17,
            {"traceId": TRACE},
            {"status": "503", "ms": "1200", "due": "2026-11-24T09:30:00Z"},
        ),
        (
            "Payment declined",
            "api",
            13,
            {"traceId": TRACE, "spanId": "b7ad6b7169203331"},
            {"status": "n/a", "ok": "false"},
        ),
        ("nightly job", "", 9, {"eventName": "job.done"}, {"sessionId": "s2"}),
    ):
        resource = {"host.name": f"{service or 'cron'}-1"} | ({"service.name": service} if service else {})
        api.send({"body": body, "severityNumber": number, "attributes": attributes(values), **ids}, resource=resource)
    return api


CART_200, CART_503, PAYMENT, JOB = "GET /cart 200", "GET /cart 503", "Payment declined", "nightly job"


def ask(key: str, operator: str, value: Any = None, kind: str = "log_attribute") -> dict[str, Any]:
    return {"key": key, "type": kind, "operator": operator, "value": value}


def log(key: str, operator: str, value: Any = None) -> dict[str, Any]:
    return ask(key, operator, value, "log")


FOUND: list[tuple[dict[str, Any], set[str]]] = [
    (ask("status", "exact", 503), {CART_503}),
    (ask("status", "exact", ["200", "503"]), {CART_200, CART_503}),
    (ask("status", "is_not", "200"), {CART_503, PAYMENT, JOB}),
    (ask("status", "in", [200]), {CART_200}),
    (ask("status", "not_in", ["200", "n/a"]), {CART_503, JOB}),
    (ask("status", "exact", []), {CART_200, CART_503, PAYMENT, JOB}),
    (ask("ok", "exact", False), {PAYMENT}),
    (ask("status", "gte", 500), {CART_503}),
    (ask("ms", "lt", "100"), {CART_200}),
    (ask("ms", "between", [7.5, 1200]), {CART_200, CART_503}),
    (ask("ms", "not_between", [8, 9999]), {CART_200, PAYMENT, JOB}),
    (ask("status", "between", [300, "n/a"]), {CART_503, PAYMENT}),  # not two numbers: as text
    (ask("status", "between", ["n/a", 300]), set()),
    (ask("status", "between", [200, "2x"]), {CART_200}),
    (ask("status", "between", ["+", 503]), {CART_200, CART_503}),
    (ask("status", "not_between", ["+", 503]), {PAYMENT, JOB}),
    (ask("status", "not_between", [300, 600]), {CART_200, JOB}),  # n/a is no number, and on neither side
    (ask("status", "gt", "m"), {PAYMENT}),
    (ask("status", "is_set"), {CART_200, CART_503, PAYMENT}),
    (ask("status", "is_not_set"), {JOB}),
    (ask("status", "regex", "^[25]0.$"), {CART_200, CART_503}),
    (ask("status", "not_regex", "^5"), {CART_200, PAYMENT, JOB}),
    (ask("due", "is_date_exact", "2026-11-23"), {CART_200}),
    (ask("due", "is_date_after", "2026-11-23"), {CART_503}),
    (ask("due", "is_date_before", "2026-11-24T09:30:01Z"), {CART_200, CART_503}),
    (ask("due", "is_date_after", "-900y"), {CART_200, CART_503}),
    (ask("host.name", "starts_with", ["api", "cron"], "log_resource_attribute"), {PAYMENT, JOB}),
    (ask("host.name", "not_ends_with", "b-1", "log_resource_attribute"), {PAYMENT, JOB}),
    (log("message", "icontains", "get /CART"), {CART_200, CART_503}),
    (log("body", "not_icontains", ["get", "job"]), {PAYMENT}),
    (log("message", "regex", "payment|JOB$"), {PAYMENT, JOB}),
    (log("message", "starts_with", "get"), set()),
    (log("message", "ends_with", "200"), {CART_200}),
    (log("severity_level", "gte", "warn"), {CART_503, PAYMENT}),
    (log("severity_text", "is_not", "info"), {CART_503, PAYMENT}),
    (log("service_name", "exact", "web"), {CART_200, CART_503}),
    (log("service_name", "is_not_set"), {JOB}),
    (log("service_name", "not_starts_with", "w"), {PAYMENT, JOB}),
    (log("event_name", "exact", "job.done"), {JOB}),
    (log("instrumentation_scope", "exact", "shop.cart@1.2"), {CART_200, CART_503, PAYMENT, JOB}),
    (log("instrumentation_scope", "regex", "@2"), set()),
    (log("trace_id", "exact", TRACE.upper()), {CART_503, PAYMENT}),
    (log("trace_id", "in", [base64.b64encode(bytes.fromhex(TRACE)).decode()]), {CART_503, PAYMENT}),
    (log("trace_id", "starts_with", "0AF76519"), {CART_503, PAYMENT}),
    (log("span_id", "is_set"), {PAYMENT}),
    (log("span_id", "is_not", "B7AD6B7169203331"), {CART_200, CART_503, JOB}),
]


def test_a_filter_finds_its_rows(shop: Api, subtests: pytest.Subtests) -> None:
    for asked, bodies in FOUND:
        with subtests.test(asked=asked):
            assert set(shop.bodies(filterGroup=[asked])) == bodies
            assert shop.count(filterGroup=[asked]) == len(bodies)


def test_groups_mean_what_they_say(shop: Api) -> None:
    web, slow, api = log("service_name", "exact", "web"), ask("ms", "gt", 100), log("service_name", "exact", "api")
    either = {"type": "OR", "values": [slow, api]}
    assert set(shop.bodies(filterGroup=[web, slow])) == {CART_503}
    assert set(shop.bodies(filterGroup=either)) == {CART_503, PAYMENT}
    assert set(shop.bodies(filterGroup={"type": "AND", "values": [{"type": "AND", "values": [web, either]}]})) == {
        CART_503
    }
    mixed = {"type": "OR", "values": [{"type": "AND", "values": [web, either]}, log("event_name", "is_set")]}
    assert set(shop.bodies(filterGroup=mixed)) == {CART_503, JOB}
    assert set(shop.bodies(filterGroup=mixed, severityLevels=["info"], q="nightly")) == {JOB}


def test_session_and_resource(shop: Api) -> None:
    assert shop.bodies(sessionId="s1") == [CART_200]
    assert shop.bodies(sessionId="S1") == []
    (row,) = shop.rows(searchTerm="payment")
    assert shop.bodies(resourceFingerprint=row["resource_fingerprint"]) == [PAYMENT]
    assert shop.bodies(resourceFingerprint="0" + row["resource_fingerprint"][:18]) == []
    assert shop.count(resourceFingerprint="", sessionId="") == 4


def test_a_refusal_names_the_filter(shop: Api) -> None:
    group = {"type": "AND", "values": [log("message", "exact", "x"), log("message", "regex", "(")]}
    response = shop.post("query/", {"query": {"filterGroup": group}})
    assert response.status_code == 400
    assert response.json["attr"] == "query__filterGroup__values__1__value"
    assert response.json["detail"].startswith("This is not a regular expression: missing ): (.")
    assert shop.post("count/", {"query": {"filterGroup": group}}).json == response.json


def test_the_largest_filter_group_is_answered(shop: Api, subtests: pytest.Subtests) -> None:
    wanted = [f"größer {at} als nötig: {at} " for at in range(998)]
    for operator, values in (("icontains", 256), ("regex", 256), ("ends_with", 256), ("exact", 998)):
        with subtests.test(operator=operator):
            filters = [log("message", operator, wanted[:values]), log("message", "exact", JOB)]
            deep: Any = {"type": "OR", "values": filters}
            for _ in range(14):
                deep = {"type": "AND", "values": [deep]}
            query = {"filterGroup": deep, "q": " ".join(f"-absent{at}" for at in range(127))}
            assert shop.bodies(**query) == [JOB]
    many = [log("message", "not_icontains", text) for text in wanted[:255]]
    assert shop.count(filterGroup=many) == 4


def test_what_is_no_group_is_refused_although_it_is_empty(shop: Api, subtests: pytest.Subtests) -> None:
    for value in ("", 0, False):
        with subtests.test(value=value):
            refused = shop.post("count/", {"query": {"filterGroup": value}})
            assert (refused.status_code, refused.json["attr"]) == (400, "query__filterGroup")
    nothing: list[Any] = [None, [], {}]
    for group in nothing:
        with subtests.test(group=group):
            assert shop.post("count/", {"query": {"filterGroup": group}}).status_code == 200
