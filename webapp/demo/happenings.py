"""What happens once: a deploy with its restarts, and the turns of the incident."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from webapp.demo import incident
from webapp.demo.fleet import ROLL_STEP_NS, Fleet
from webapp.demo.incident import POOL_SIZE, moment_ns
from webapp.demo.lines import LEAK_FRAMES, java_trace
from webapp.demo.model import FATAL, INFO, MILLISECOND, SECOND, WARN, Attributes, Instance, Line, dice
from webapp.demo.payments import POOL
from webapp.demo.schedule import CULPRIT, Deploy
from webapp.demo.shop import SERVICES

CHANGES = (
    "Cache collection pages for 60 s",
    "Bump dependencies",
    "Log the user agent",
    "Translate checkout to Polish",
    "Faster facet counts",
    "Fix a typo in the receipt",
    "Retry SMTP on disconnect",
)
CULPRIT_CHANGE = "Reconcile pending refunds while capturing"


def deploy_lines(deploy: Deploy, fleet: Fleet) -> Iterator[Line]:
    """A deploy: announced, rolled out instance by instance, and done."""
    rng = dice(f"{deploy.service}/{deploy.version}/{deploy.at_ns}")
    change = CULPRIT_CHANGE if deploy.service == CULPRIT else rng.choice(CHANGES)
    about: Attributes = {
        "deployment.service": deploy.service,
        "deployment.version": deploy.version,
        "deployment.version_before": deploy.before,
        "vcs.ref.head.revision": f"{rng.getrandbits(28):07x}",
    }
    what = f"{deploy.service} {deploy.before} → {deploy.version}"
    opening = f"Rolling back {what}: requested by on-call" if deploy.rollback else f"Deploying {what}: “{change}”"
    yield _by(fleet, "deployments", deploy.at_ns, INFO, opening, about, "deployment.started")
    count = SERVICES[deploy.service].replicas
    for place in range(count):
        at_ns = deploy.at_ns + place * ROLL_STEP_NS
        yield from _restart(fleet, deploy, place, at_ns, rng)
    done_ns = deploy.at_ns + count * ROLL_STEP_NS
    closing = f"Deployed {what}: {count} of {count} instances ready"
    yield _by(fleet, "deployments", done_ns, INFO, closing, about, "deployment.finished")


def _restart(fleet: Fleet, deploy: Deploy, place: int, at_ns: int, rng: Random) -> Iterator[Line]:
    """One instance goes and its successor comes."""
    before = fleet.instance(deploy.service, place, at_ns - 1)
    after = fleet.instance(deploy.service, place, at_ns)
    scope = SERVICES[deploy.service].scope
    pod: Attributes = {"k8s.pod.name": after.attributes["k8s.pod.name"]}
    yield _by(fleet, "kubelet", at_ns, INFO, f"Created container {deploy.service}", pod)
    yield Line(at_ns + SECOND, after, scope, INFO, f"Starting {deploy.service} {deploy.version}")
    ready_ns = at_ns + int(rng.uniform(4, 11) * SECOND)
    if deploy.service == CULPRIT:
        body = {"message": f"{POOL} - Start completed.", "pool.size": POOL_SIZE}
        yield Line(ready_ns - 300 * MILLISECOND, after, "com.zaxxer.hikari.HikariDataSource", INFO, body)
    took = (ready_ns - at_ns) / SECOND
    yield Line(ready_ns, after, scope, INFO, f"{deploy.service} {deploy.version} is ready after {took:.1f} s")
    yield Line(ready_ns + SECOND, before, scope, INFO, "Received SIGTERM, finishing open requests")
    yield Line(ready_ns + 3 * SECOND, before, scope, INFO, f"{deploy.service} {deploy.before} stopped")


def incident_lines(start_ns: int, fleet: Fleet) -> Iterator[Line]:
    """The turns of one incident that are not part of a request."""
    rng = dice(f"incident/{start_ns}")
    yield from _leak_warnings(start_ns, fleet, rng)
    yield from _failing_probes(start_ns, fleet, rng)
    yield from _breaker_changes(start_ns, fleet, rng)
    yield from _scaling(start_ns, fleet)
    called_ns = moment_ns(start_ns, incident.CALLED_S)
    text = "Notification sent: “checkout error budget burns at 40×” to on-call"
    yield _by(fleet, "deployments", called_ns, WARN, text, {"alert.name": "checkout-error-budget"}, "alert.notified")


def _leak_warnings(start_ns: int, fleet: Fleet, rng: Random) -> Iterator[Line]:
    """The pool names who did not give its connection back: the first sign, and the cause."""
    since_s: float = incident.FIRST_SIGN_S
    while since_s < incident.ROLLBACK_S:
        at_ns = moment_ns(start_ns, since_s)
        source = fleet.instance(CULPRIT, rng.randrange(SERVICES[CULPRIT].replicas), at_ns)
        error = (
            f"Connection leak detection triggered for org.postgresql.jdbc.PgConnection@{rng.getrandbits(28):07x} "
            f"on thread http-nio-8080-exec-{rng.randint(1, 40)}, stack trace follows"
        )
        body = {
            "message": error,
            "stack": java_trace("java.lang.Exception: Apparent connection leak detected", LEAK_FRAMES),
        }
        attributes: Attributes = {"db.client.connection.pool.name": POOL, "code.function.name": "reconcilePending"}
        yield Line(at_ns, source, "com.zaxxer.hikari.pool.ProxyLeakTask", WARN, body, attributes)
        since_s += rng.uniform(12, 45)


def _failing_probes(start_ns: int, fleet: Fleet, rng: Random) -> Iterator[Line]:
    since_s: float = incident.STARVED_S + 25
    while since_s < incident.ROLLBACK_S:
        at_ns = moment_ns(start_ns, since_s)
        source = fleet.instance(CULPRIT, rng.randrange(SERVICES[CULPRIT].replicas), at_ns)
        pod = source.attributes["k8s.pod.name"]
        text = f"Readiness probe failed for {pod}: HTTP probe failed with statuscode: 503"
        yield _by(fleet, "kubelet", at_ns, WARN, text, {"k8s.pod.name": pod, "reason": "Unhealthy"})
        since_s += rng.uniform(18, 50)


def _breaker_changes(start_ns: int, fleet: Fleet, rng: Random) -> Iterator[Line]:
    def change(since_s: float, before: str, after: str) -> Line:
        at_ns = moment_ns(start_ns, since_s)
        source = fleet.instance("checkout", rng.randrange(SERVICES["checkout"].replicas), at_ns)
        text = f"CircuitBreaker 'payments' changed state from {before} to {after}"
        severity = INFO if after == "CLOSED" else WARN
        attributes: Attributes = {"peer.service": CULPRIT, "circuit_breaker.state": after.lower()}
        return Line(at_ns, source, "io.github.resilience4j.circuitbreaker", severity, text, attributes)

    since_s = incident.BREAKER_OPENS_S
    before = "CLOSED"
    while since_s < incident.RECOVERED_S:
        yield change(since_s, before, "OPEN")
        if since_s + 30 < incident.RECOVERED_S:
            yield change(since_s + 30, "OPEN", "HALF_OPEN")
        before, since_s = "HALF_OPEN", since_s + 40
    yield change(incident.RECOVERED_S, "HALF_OPEN", "CLOSED")


def _scaling(start_ns: int, fleet: Fleet) -> Iterator[Line]:
    """The autoscaler means well: one more pool is one too many for the database."""
    at_ns = moment_ns(start_ns, incident.SCALED_S)
    text = "Scaled payments from 3 to 4 instances: requests in flight above target"
    yield _by(fleet, "kubelet", at_ns, INFO, text, {"deployment.service": CULPRIT, "reason": "SuccessfulRescale"})
    database = fleet.machine("postgres-payments-0")
    attributes: Attributes = {"db.namespace": CULPRIT, "db.response.status_code": "53300"}
    text = "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute"
    for place in range(5):
        yield Line(at_ns + (9 + 7 * place) * SECOND, database, "", FATAL, text, attributes)


def _by(
    fleet: Fleet, service: str, at_ns: int, severity: int, body: str, attributes: Attributes, event_name: str = ""
) -> Line:
    source: Instance = fleet.instance(service, 0, at_ns)
    return Line(at_ns, source, SERVICES[service].scope, severity, body, attributes, event_name=event_name)
