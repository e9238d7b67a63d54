"""How often a personal API key may ask, counted in Redis for all processes together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from webapp.errors import Throttled
from webapp.ingest.valkey import Valkey, ValkeyAway
from webapp.models import PersonalApiKey
from webapp.settings import Settings

WINDOWS_S = {"minute": 60, "hour": 3600}

# A request that is refused counts in no window, so a program that goes on asking is let in as soon as one that waits.
# Returns the milliseconds until all windows that are full have ended.
_COUNT = """
local wait = 0
for index, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * index - 1]) then
    wait = math.max(wait, redis.call('PTTL', key))
  end
end
if wait > 0 then return wait end
for index, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * index]) end
end
return 0
"""


@dataclass(frozen=True, slots=True)
class KeyRates:
    """The requests that each key may make within windows that begin with the first one counted."""

    valkey: Valkey
    limits: dict[str, int]

    @classmethod
    def from_settings(cls, settings: Settings, valkey: Valkey) -> KeyRates:
        """Return the limits that are set; 0 is none."""
        limits = {"minute": settings.key_requests_per_minute, "hour": settings.key_requests_per_hour}
        return cls(valkey, {window: times for window, times in limits.items() if times})

    def admit(self, key: PersonalApiKey) -> None:
        """Count a request. While Redis is away everything is let in, and ``Valkey`` logs that once.

        Raises:
            Throttled: the key has used up a window; ``retry_after_s`` says when it ends.
        """
        if not self.limits:
            return
        names = [f"hedgerow:key:{{{key.id}}}:{window}" for window in self.limits]  # braces: one slot of a cluster
        arguments = [str(part) for window, times in self.limits.items() for part in (times, WINDOWS_S[window])]
        try:
            wait_ms = self.valkey.ask(lambda redis: int(redis.eval(_COUNT, len(names), *names, *arguments)))
        except ValkeyAway:
            return
        if wait_ms:
            wait_s = math.ceil(wait_ms / 1000)
            allowed = " and ".join(f"{times:,} requests in one {window}" for window, times in self.limits.items())
            raise Throttled(f"This personal API key may make {allowed}. Try again in {wait_s} s.", retry_after_s=wait_s)
