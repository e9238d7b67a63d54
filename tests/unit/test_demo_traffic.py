from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import pytest

from webapp.demo.model import DAY, DEBUG, ERROR, FATAL, HOUR, INFO, MINUTE, SECOND, UNSPECIFIED, WARN, Line
from webapp.demo.schedule import BAD_VERSION, CULPRIT, GOOD_VERSION, ROLLBACK_NS, Schedule
from webapp.demo.shop import MACHINES, SERVICES
from webapp.demo.traffic import Traffic

MIDNIGHT = 20_000 * DAY
INCIDENT_AT = MIDNIGHT + 4 * MINUTE  # the first one of a run without a past
CALL_GRAPH = {
    "storefront": set(),
    "api-gateway": {"storefront"},
    "auth": {"api-gateway"},
    "catalog": {"api-gateway"},
    "search": {"api-gateway"},
    "checkout": {"api-gateway"},
    "inventory": {"catalog", "checkout"},
    "payments": {"checkout", "worker-mailer"},
    "worker-mailer": {"checkout"},
}


def make(seed: int, minutes: int, rate: float = 4.0, window_ns: int = MINUTE) -> list[Line]:
    traffic = Traffic(seed, Schedule(seed, MIDNIGHT, MIDNIGHT), MIDNIGHT, rate)
    end_ns = MIDNIGHT + minutes * MINUTE
    return [line for at in range(MIDNIGHT, end_ns, window_ns) for line in traffic.until(min(at + window_ns, end_ns))]


@cache
def one_hour() -> tuple[Line, ...]:
    return tuple(make(seed=1, minutes=60))


def the_incident() -> list[Line]:
    return [line for line in one_hour() if INCIDENT_AT <= line.timestamp_ns < INCIDENT_AT + 20 * MINUTE]


def calm() -> list[Line]:
    return [line for line in one_hour() if 20 * MINUTE <= line.timestamp_ns - INCIDENT_AT < 39 * MINUTE]


def facts(lines: list[Line]) -> list[object]:
    return [
        (
            line.timestamp_ns,
            line.source.attributes,
            line.severity,
            line.body,
            line.attributes,
            line.trace_id,
            line.span_id,
        )
        for line in lines
    ]


def text(line: Line) -> str:
    return str(line.body)


def is_about_payments(line: Line) -> bool:
    return (
        line.source.service == "payments"
        or line.attributes.get("peer.service") == "payments"
        or line.attributes.get("upstream") == "checkout"
        or "/api/orders" in text(line)
    )


def test_the_same_seed_writes_the_same_lines() -> None:
    assert facts(make(seed=7, minutes=6)) == facts(make(seed=7, minutes=6))


def test_another_seed_writes_other_lines() -> None:
    assert facts(make(seed=7, minutes=2)) != facts(make(seed=8, minutes=2))


def test_windows_do_not_change_what_is_written() -> None:
    whole = make(seed=7, minutes=8, window_ns=8 * MINUTE)
    small = make(seed=7, minutes=8, window_ns=5 * SECOND)
    assert facts(whole) == facts(small)


def test_lines_come_in_the_order_of_their_time() -> None:
    times = [line.timestamp_ns for line in one_hour()]
    assert times == sorted(times)


def test_every_service_speaks() -> None:
    assert {line.source.service for line in one_hour()} == set(SERVICES) | {service for service, _ in MACHINES.values()}


def test_every_line_says_where_it_comes_from() -> None:
    for line in one_hour():
        needed = {"service.name", "service.instance.id", "host.name", "deployment.environment"}
        if line.source.service in SERVICES:
            needed |= {"service.version", "k8s.namespace.name", "k8s.pod.name"}
        assert needed <= line.source.attributes.keys()


def test_services_run_as_several_instances() -> None:
    pods = defaultdict(set)
    for line in calm():
        if line.source.attributes["deployment.environment"] == "production":
            pods[line.source.service].add(line.source.attributes["service.instance.id"])
    assert {service: len(pods[service]) for service in ("payments", "checkout", "auth")} == {
        "payments": 3,
        "checkout": 3,
        "auth": 2,
    }


def test_a_trace_follows_the_call_graph() -> None:
    first_of: dict[int, dict[str, int]] = defaultdict(dict)
    for line in one_hour():
        if line.trace_id:
            first_of[line.trace_id].setdefault(line.source.service, line.timestamp_ns)
    assert len(first_of) > 10_000
    for services in first_of.values():
        for service in services:
            callers = CALL_GRAPH[service]
            assert not callers or callers & services.keys() or services.keys() == {"api-gateway"}


def test_spans_belong_to_one_trace_and_one_instance() -> None:
    owner: dict[int, tuple[int, object]] = {}
    for line in one_hour():
        if line.span_id:
            assert owner.setdefault(line.span_id, (line.trace_id, line.source)) == (line.trace_id, line.source)


def test_who_is_called_answers_before_its_caller_does() -> None:
    last_of: dict[int, dict[str, int]] = defaultdict(dict)
    for line in calm():
        if line.trace_id:
            last_of[line.trace_id][line.source.service] = line.timestamp_ns
    whole = [services for services in last_of.values() if {"storefront", "api-gateway", "catalog"} <= services.keys()]
    assert len(whole) > 1000
    assert all(services["catalog"] < services["api-gateway"] < services["storefront"] for services in whole)


def test_calm_is_mostly_chatter_with_a_few_warnings_and_hardly_an_error() -> None:
    counts = Counter(line.severity for line in calm())
    share = {severity: count / counts.total() for severity, count in counts.items()}
    assert share[DEBUG] + share[INFO] > 0.96
    assert share[DEBUG] > 0.3
    assert 0.002 < share[WARN] < 0.03
    assert share.get(ERROR, 0) < 0.002
    assert FATAL not in share
    assert share[UNSPECIFIED] < 0.02


def test_in_calm_no_payment_fails() -> None:
    assert [line for line in calm() if line.severity >= ERROR and is_about_payments(line)] == []
    assert [line for line in calm() if line.severity >= WARN and line.source.service == "payments"] == []


def test_the_first_sign_is_a_warning_of_the_culprit_that_names_the_cause() -> None:
    involved = [
        line
        for line in the_incident()
        if line.severity >= WARN and line.source.service in ("payments", "checkout", "worker-mailer", "inventory")
    ]
    assert involved[0].source.service == CULPRIT
    assert involved[0].source.version == BAD_VERSION
    assert "Connection leak detection triggered" in text(involved[0])
    assert "RefundReconciler.reconcilePending" in text(involved[0])


@pytest.mark.parametrize("seed", range(8))
def test_errors_spread_from_the_culprit_along_the_call_graph(seed: int) -> None:
    first: dict[str, int] = {}
    for line in make(seed, minutes=16, rate=2):
        if line.severity >= ERROR and is_about_payments(line):
            first.setdefault(line.source.service, line.timestamp_ns)
    assert first["payments"] < first["api-gateway"] < first["storefront"]
    assert first["payments"] < min(first["checkout"], first["worker-mailer"])


def test_the_pool_fills_up_before_anything_fails() -> None:
    stats = [
        (line.attributes["pool.active"], line.timestamp_ns)
        for line in the_incident()
        if "pool.active" in line.attributes
    ]
    first_error = next(
        line.timestamp_ns for line in the_incident() if line.severity >= ERROR and "payment" in text(line)
    )
    before = [active for active, at_ns in stats if at_ns < first_error]
    assert before[0] <= 3
    assert before[len(before) // 2] > 6
    assert before[-1] >= 17


def test_the_incident_shows_everywhere_that_depends_on_payments_and_nowhere_else() -> None:
    errors = Counter(line.source.service for line in the_incident() if line.severity >= ERROR)
    assert {"payments", "checkout", "api-gateway", "storefront", "worker-mailer", "postgres"} <= errors.keys()
    assert errors["catalog"] == errors["auth"] == 0
    delays = [line.attributes["queue.oldest_s"] for line in the_incident() if "queue.oldest_s" in line.attributes]
    assert delays[0] == delays[-1] == 0
    assert max(delays) > 300


def test_the_rollback_ends_it() -> None:
    rollback = [line for line in the_incident() if text(line).startswith("Rolling back payments 2.15.0 → 2.14.0")]
    assert [line.timestamp_ns for line in rollback] == [INCIDENT_AT + ROLLBACK_NS]
    later = [
        line
        for line in one_hour()
        if INCIDENT_AT + ROLLBACK_NS + 3 * MINUTE < line.timestamp_ns < INCIDENT_AT + 30 * MINUTE
    ]
    assert {line.source.version for line in later if line.source.service == CULPRIT} == {GOOD_VERSION}
    assert [line for line in later if line.severity >= ERROR and line.source.service in ("payments", "checkout")] == []


def test_a_deploy_changes_version_and_instances_one_by_one() -> None:
    seen: dict[object, int] = {}
    for line in the_incident():
        if line.source.service == CULPRIT and line.source.version == BAD_VERSION:
            seen.setdefault(line.source.attributes["k8s.pod.name"], line.timestamp_ns - INCIDENT_AT)
    assert [at_ns // (20 * SECOND) for at_ns in sorted(seen.values())] == [0, 1, 2]


def test_lines_have_the_shapes_of_the_wild() -> None:
    lines = one_hour()
    bodies = [text(line) for line in lines]
    assert any("\x1b[32m[ OK ]\x1b[0m" in body for body in bodies)
    assert any(body.startswith('level=info msg="token issued"') for body in bodies)
    assert any(body.startswith('{"level":"info","logger":"proxy"') for body in bodies)
    assert any(isinstance(line.body, dict) for line in lines)
    assert any("\n\tat shop." in body for body in bodies)
    assert any("Traceback (most recent call last):" in body for body in bodies)
    assert any("\n    at submitOrder (" in body for body in bodies)
    assert any("抹茶" in body for body in bodies)


def test_a_day_follows_the_rhythm() -> None:
    schedule = Schedule(3, MIDNIGHT, MIDNIGHT + DAY)
    traffic = Traffic(3, schedule, MIDNIGHT, 0.5)
    counts = [len(traffic.until(MIDNIGHT + (hour + 1) * HOUR)) for hour in range(24)]
    night, morning, lunch, evening = sum(counts[2:5]), sum(counts[8:11]), sum(counts[12:15]), sum(counts[19:22])
    assert evening > lunch > morning > night
    assert evening > 2 * night
