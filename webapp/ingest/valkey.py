"""Redis for work that must not wait for it: while it is away, the caller does without."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

TIMEOUT_S = 1
AWAY_S = 2.0  # how long one that did not answer is left alone

T = TypeVar("T")


class ValkeyAway(Exception):
    """It does not answer, or did not a moment ago."""


class Valkey:
    """One connection pool for a process, and what is known of the other end."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url or "redis://127.0.0.1:6379/0",
            retry=Retry(NoBackoff(), 1),
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
        )
        self._lock = threading.Lock()
        self._is_away = False
        self._again_at = 0.0

    def ask(self, question: Callable[[Redis], T]) -> T:
        """Return the answer. An outage is logged when it begins and when it ends, and not for every request.

        Raises:
            ValkeyAway: there is none.
        """
        if time.monotonic() < self._again_at:
            raise ValkeyAway
        try:
            answer = question(self._redis)
        except RedisError as error:
            self._again_at = time.monotonic() + AWAY_S
            if self._changes_to(away=True):
                log.warning(
                    "Redis does not answer: nothing is limited, and no requests share an insertion",
                    error=type(error).__name__,
                )
            raise ValkeyAway from error
        if self._changes_to(away=False):
            log.info("Redis answers again")
        return answer

    def _changes_to(self, *, away: bool) -> bool:
        with self._lock:
            changed, self._is_away = self._is_away != away, away
        return changed
