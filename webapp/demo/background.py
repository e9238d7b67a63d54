"""What the shop logs when nobody asks: health, housekeeping, databases, the old ERP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from webapp.demo.catalogue import pick_product
from webapp.demo.fleet import Fleet
from webapp.demo.incident import POOL_SIZE, Conditions
from webapp.demo.lines import CYAN, DIM, GREEN, RED, RESET, YELLOW, coloured, logfmt
from webapp.demo.model import (
    DEBUG,
    ERROR,
    HOUR,
    INFO,
    MILLISECOND,
    MINUTE,
    SECOND,
    UNSPECIFIED,
    WARN,
    Attributes,
    Instance,
    Line,
)
from webapp.demo.orders import MAIL_QUEUE
from webapp.demo.payments import POOL
from webapp.demo.shop import SERVICES

Body = str | dict[str, object]

REFUNDS_QUERY = "SELECT id, state FROM refunds WHERE state = 'pending' FOR UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a periodic job sees when it runs."""

    at_ns: int
    rng: Random
    fleet: Fleet
    conditions: Conditions
    orders_per_s: float

    def line(
        self,
        source: Instance,
        severity: int,
        body: Body,
        attributes: Attributes | None = None,
        after_ms: float = 0,
        scope: str = "",
    ) -> Line:
        """A line of that instance, a little after the moment if so wanted."""
        if not scope and source.service in SERVICES:
            scope = SERVICES[source.service].scope
        at_ns = self.at_ns + int(after_ms * MILLISECOND)
        return Line(at_ns, source, scope, severity, body, attributes or {})

    def each(self, service: str) -> list[Instance]:
        """The instances of a service that run now."""
        return [self.fleet.instance(service, place, self.at_ns) for place in range(self.fleet.replicas(service))]


Job = Callable[[Moment], list[Line]]


def pool_statistics(moment: Moment) -> list[Line]:
    """The connection pools of payments: the numbers that grow before anything fails."""
    lines = []
    for place, source in enumerate(moment.each("payments")):
        active = min(POOL_SIZE, int(moment.conditions.leaked) + moment.rng.randint(0, 2))
        waiting = moment.rng.randint(2, 9) if moment.conditions.starved else 0
        body: Body = {
            "message": f"{POOL} - Pool stats (total={POOL_SIZE}, active={active}, idle={POOL_SIZE - active}, "
            f"waiting={waiting})"
        }
        numbers = {"pool.active": active, "pool.idle": POOL_SIZE - active, "pool.waiting": waiting}
        lines.append(moment.line(source, DEBUG, body, numbers, place * 140, "com.zaxxer.hikari.pool.HikariPool"))
    return lines


def queue_depth(moment: Moment) -> list[Line]:
    """How much mail about orders waits, and since when."""
    oldest = round(moment.conditions.mail_delay_s)
    depth = int(oldest * moment.orders_per_s) + moment.rng.randint(0, 3)
    severity = ERROR if oldest > 300 else WARN if oldest > 60 else INFO
    text = f"queue {MAIL_QUEUE}: depth={depth} oldest={oldest}s consumers=2"
    numbers = {"messaging.destination.name": MAIL_QUEUE, "queue.depth": depth, "queue.oldest_s": oldest}
    return [moment.line(moment.each("worker-mailer")[0], severity, text, numbers)]


def upstream_health(moment: Moment) -> list[Line]:
    """The gateway asks its upstreams how they are."""
    source = moment.rng.choice(moment.each("api-gateway"))
    names = ("auth", "catalog", "checkout", "inventory", "search")
    text = logfmt(level="debug", logger="health", msg="upstreams checked", healthy=len(names), of=len(names))
    return [moment.line(source, DEBUG, text, {"upstreams.healthy": len(names)})]


def garbage_collection(moment: Moment) -> list[Line]:
    """A pause of the search engine's JVM, long now and then: suspicious, and innocent."""
    source = moment.rng.choice(moment.each("search"))
    pause = 9 + moment.rng.expovariate(1 / 14)
    used = moment.rng.randint(900, 3100)
    text = f"[gc] G1 Evacuation Pause (young) {used}M->{used // 3}M(4096M) {pause:.1f}ms"
    return [
        moment.line(source, WARN if pause > 90 else DEBUG, text, {"jvm.gc.duration_ms": round(pause, 1)}, scope="gc")
    ]


def token_sweep(moment: Moment) -> list[Line]:
    """Auth forgets what has expired."""
    swept = moment.rng.randint(0, 400)
    text = logfmt(level="info", msg="expired sessions swept", count=swept, took=f"{moment.rng.uniform(3, 30):.1f}ms")
    return [moment.line(moment.rng.choice(moment.each("auth")), INFO, text, {"sessions.swept": swept})]


def released_reservations(moment: Moment) -> list[Line]:
    """Stock that was reserved and never paid for: many, some minutes into an incident."""
    conditions = moment.conditions
    stuck = conditions.since_deploy_s > 700 and conditions.leaked > 0
    count = moment.rng.randint(6, 25) if stuck else int(moment.rng.random() * 2)
    if not count:
        return []
    sku = pick_product(moment.rng).sku
    text = f"released {count} reservations that were not paid within 5m0s, first sku={sku}"
    source = moment.rng.choice(moment.each("inventory"))
    return [moment.line(source, WARN if stuck else INFO, text, {"reservations.released": count, "product.sku": sku})]


def postgres_checkpoint(moment: Moment) -> list[Line]:
    """The databases write what they hold."""
    source = moment.fleet.machine(moment.rng.choice(("postgres-shop-0", "postgres-payments-0")))
    buffers = moment.rng.randint(40, 4000)
    took = moment.rng.uniform(3, 60)
    return [
        moment.line(source, INFO, "LOG:  checkpoint starting: time"),
        moment.line(
            source,
            INFO,
            f"LOG:  checkpoint complete: wrote {buffers} buffers ({buffers / 1638.4:.1f}%); 0 WAL file(s) added, "
            f"0 removed, {buffers // 900} recycled; write={took:.3f} s, sync=0.011 s, total={took + 0.03:.3f} s",
            {"buffers": buffers},
            took * 1000,
        ),
    ]


def postgres_slow(moment: Moment) -> list[Line]:
    """A query over the limit for slow queries; the payments database also shows what keeps its connections."""
    if moment.conditions.leaked > 12:
        idle = int(moment.conditions.leaked) * 3
        text = f"LOG:  {idle} backends idle in transaction for more than 60 s, oldest query: {REFUNDS_QUERY}"
        source = moment.fleet.machine("postgres-payments-0")
        return [moment.line(source, WARN, text, {"db.namespace": "payments", "backends.idle_in_transaction": idle})]
    took = moment.rng.uniform(510, 2400)
    name = f"S_{moment.rng.randint(1, 60)}"
    text = f"LOG:  duration: {took:.3f} ms  execute {name}: REFRESH MATERIALIZED VIEW CONCURRENTLY bestsellers"
    numbers: Attributes = {"db.namespace": "shop", "duration_ms": round(took, 1)}
    return [moment.line(moment.fleet.machine("postgres-shop-0"), INFO, text, numbers)]


def redis_save(moment: Moment) -> list[Line]:
    """Redis writes its snapshot; its lines carry their own time and no level."""
    source = moment.fleet.machine("redis-cache-0")
    when = datetime.fromtimestamp(moment.at_ns // SECOND, UTC).strftime("%d %b %Y %H:%M:%S")
    child = moment.rng.randint(2000, 60000)
    return [
        moment.line(source, UNSPECIFIED, f"1:M {when}.101 * 100 changes in 300 seconds. Saving..."),
        moment.line(source, UNSPECIFIED, f"1:M {when}.104 * Background saving started by pid {child}", after_ms=3),
        moment.line(source, UNSPECIFIED, f"{child}:C {when}.288 * DB saved on disk", after_ms=187),
        moment.line(source, UNSPECIFIED, f"1:M {when}.304 * Background saving terminated with success", after_ms=203),
    ]


def erp_sync(moment: Moment) -> list[Line]:
    """The old ERP fetches orders, in colours, without levels, and fails in its own ways."""
    source = moment.fleet.machine("erp01.office.shop.example")
    batch = moment.rng.randint(10000, 99999)
    count = moment.rng.randint(0, 9)
    lines = [moment.line(source, UNSPECIFIED, coloured(CYAN, "SYNC", f"batch {batch}: fetching orders"))]
    if moment.rng.random() < 0.02:
        text = coloured(RED, "FAIL", f"batch {batch}: ORA-00060: deadlock detected while waiting for resource")
        return [*lines, moment.line(source, UNSPECIFIED, text, after_ms=1900)]
    if moment.rng.random() < 0.06:
        text = coloured(YELLOW, "WARN", f"batch {batch}: customer name “Łukasz” does not fit code page 850, replaced")
        lines.append(moment.line(source, UNSPECIFIED, text, after_ms=600))
    done = coloured(GREEN, " OK ", f"batch {batch}: {count} orders written")
    text = f"{done} {DIM}({moment.rng.randint(90, 2000)} ms){RESET}"
    return [*lines, moment.line(source, UNSPECIFIED, text, after_ms=1400)]


def certificate(moment: Moment) -> list[Line]:
    """A warning that everyone has got used to."""
    text = logfmt(level="warn", logger="tls", msg="certificate expires in 12 days", host="cdn.shop.example")
    return [moment.line(moment.each("api-gateway")[0], WARN, text, {"server.address": "cdn.shop.example"})]


JOBS: tuple[tuple[int, Job], ...] = (
    (30 * SECOND, pool_statistics),
    (30 * SECOND, queue_depth),
    (10 * SECOND, upstream_health),
    (20 * SECOND, garbage_collection),
    (5 * MINUTE, token_sweep),
    (45 * SECOND, released_reservations),
    (150 * SECOND, postgres_checkpoint),
    (2 * MINUTE, postgres_slow),
    (5 * MINUTE, redis_save),
    (MINUTE, erp_sync),
    (HOUR, certificate),
)
