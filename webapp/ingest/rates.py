"""How much a project may send: a token bucket in Redis, the same one for every web process."""

from __future__ import annotations

import math

from webapp.errors import Throttled
from webapp.ingest.valkey import Valkey, ValkeyAway

BURST_S = 10  # a project that was silent may send this many seconds' worth at once
MAX_RETRY_AFTER_S = 60

# Redis's own clock, so that those of the web servers need not agree. A request is let in while anything is left in the
# bucket and may leave it in debt: else one larger than the bucket would never be let in. Returns the debt.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(state[1]) or burst
left = math.min(burst, left + math.max(0, now - (tonumber(state[2]) or now)) * rate)
local debt = 0
if left > 0 then left = left - cost else debt = 1 - left end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - left) / rate * 1000) + 1000)
return math.ceil(debt)
"""


class Rates:
    """The bytes per second that each project may send."""

    def __init__(self, valkey: Valkey, bytes_per_s: int) -> None:
        self._valkey = valkey
        self._bytes_per_s = bytes_per_s

    def admit(self, project_id: int, size_bytes: int) -> None:
        """Count a request of an inflated size. While Redis is away everything is let in.

        Raises:
            Throttled: the project has used up its rate; nothing was counted.
        """
        if not self._bytes_per_s:
            return
        arguments = (self._bytes_per_s, self._bytes_per_s * BURST_S, size_bytes)
        try:
            debt_bytes = self._valkey.ask(
                lambda redis: int(redis.eval(_TAKE, 1, f"hedgerow:rate:{project_id}", *map(str, arguments)))
            )
        except ValkeyAway:
            return
        if debt_bytes:
            wait_s = min(MAX_RETRY_AFTER_S, math.ceil(debt_bytes / self._bytes_per_s))
            raise Throttled(
                f"This project may send {self._bytes_per_s:,} bytes a second, and has sent more than that. "
                f"Send the same request again in {wait_s} s.",
                retry_after_s=wait_s,
            )
