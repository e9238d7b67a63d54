"""How often something may be tried: counted in Redis for all processes, or in this process while Redis is away."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp.errors import Throttled
from webapp.extensions import settings

log = structlog.get_logger(__name__)

PATIENCE_S = 1.0  # for a Redis that does not answer; somebody waits for a page


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a window that begins with the first of them."""

    name: str
    times: int
    window_s: int


@dataclass
class LocalCounts:
    """Counts of this process alone. Past ``size`` subjects, those that are new share one count: it never grows on."""

    size: int = 10_000
    counts: dict[str, tuple[int, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, key: str, amount: int, window_s: int) -> tuple[int, int]:
        """Count and return the count with the seconds until it begins anew."""
        now = time.monotonic()
        with self.lock:
            if key not in self.counts and len(self.counts) >= self.size:
                self.counts = {name: kept for name, kept in self.counts.items() if kept[1] > now}
                if len(self.counts) >= self.size:
                    key = "everybody else"
            spent, ends_at = self.counts.get(key, (0, 0.0))
            if ends_at <= now:
                spent, ends_at = 0, now + window_s
            spent = max(0, spent + amount)
            self.counts[key] = (spent, ends_at)
            return spent, math.ceil(ends_at - now)

    def drop(self, key: str) -> None:
        """Begin anew."""
        with self.lock:
            self.counts.pop(key, None)


@dataclass
class Counters:
    """Where one application counts."""

    shared: Redis
    local: LocalCounts = field(default_factory=LocalCounts)


def spend(limit: Limit, subject: str) -> None:
    """Count one attempt before it is made, so that attempts at the same time cannot pass together.

    Raises:
        Throttled: it is one too many; ``retry_after_s`` says when the window ends.
    """
    key = _key(limit, subject)
    counters = _counters()
    try:
        with counters.shared.pipeline() as pipe:
            pipe.set(key, 0, ex=limit.window_s, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
            _, spent, left_s = pipe.execute()
    except RedisError as error:
        log.warning("attempts are counted in this process alone: Redis is away", limit=limit.name, error=repr(error))
        spent, left_s = counters.local.add(key, 1, limit.window_s)
    if spent > limit.times:
        log.warning("too many attempts", limit=limit.name, attempts=spent)
        minutes = math.ceil(max(left_s, 1) / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        raise Throttled(f"Too many attempts. Try again in {wait}.", retry_after_s=max(left_s, 1))


def refund(limit: Limit, subject: str) -> None:
    """Take back an attempt that turned out to be good."""
    key = _key(limit, subject)
    counters = _counters()
    try:
        if counters.shared.exists(key):  # otherwise a count below zero would be left for ever
            counters.shared.decr(key)
    except RedisError:
        counters.local.add(key, -1, limit.window_s)


def forget(limit: Limit, subject: str) -> None:
    """Forget all attempts of a subject that has proved itself."""
    key = _key(limit, subject)
    counters = _counters()
    counters.local.drop(key)
    with suppress(RedisError):  # it forgets by itself at the end of the window
        counters.shared.delete(key)


def network_of(address: str) -> str:
    """Return whom an address stands for: with IPv6 everybody has a /64 of them, and could use a new one each time."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((int(parsed), 64), strict=False))


def _key(limit: Limit, subject: str) -> str:
    """Name the count; only a hash of an address is in Redis, where anybody's passing key would show it."""
    return f"hedgerow:limit:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


def _counters() -> Counters:
    known: Counters | None = current_app.extensions.get("hedgerow_limits")
    if known is None:
        client = Redis.from_url(
            settings.redis_url or "redis://127.0.0.1:6379/0",
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
        )
        known = current_app.extensions.setdefault("hedgerow_limits", Counters(client))
    return known
