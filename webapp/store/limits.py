"""What one statement may cost: policies that become ClickHouse settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from webapp.settings import Settings

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits of a question; a person then narrows it, and the others are not kept waiting."""

    timeout_s: int
    memory_bytes: int
    threads: int
    result_rows: int = 1_000_000
    result_mib: int = 256  # a process takes five times as much for an answer

    @classmethod
    def from_settings(cls, settings: Settings) -> ReadLimits:
        """Return the limits of explorer questions."""
        return cls(settings.query_timeout_s, settings.query_memory_bytes, settings.query_threads)

    @property
    def socket_timeout_s(self) -> int:
        """How long a silent server is waited for: it reports progress ten times a second, and stops at its timeout."""
        return self.timeout_s + 5

    def as_settings(self, timeout_s: float | None = None) -> dict[str, Any]:
        """Return the limits as ClickHouse takes them, with less time if a caller has less."""
        return {
            "max_execution_time": self.timeout_s if timeout_s is None else min(self.timeout_s, max(timeout_s, 1)),
            "timeout_overflow_mode": "throw",
            "max_memory_usage": self.memory_bytes,
            "max_threads": self.threads,
            "max_result_rows": self.result_rows,
            "max_result_bytes": self.result_mib * 1024**2,
            "result_overflow_mode": "throw",
            # A piece of a word of two letters is looked up in the index, too.
            "text_index_like_min_pattern_length": 2,
            # Look into the indexes before anything is opened: an absent word takes 24 ms of a week instead of 33.
            "use_skip_indexes_on_data_read": 0,
            # Of what is looked at again, blocks need not be decompressed again; large scans go past the cache.
            "use_uncompressed_cache": 1,
            # Repeated questions skip the blocks that had nothing for the same filter.
            "use_query_condition_cache": 1,
        }

    @property
    def memory_text(self) -> str:
        """The memory limit for people."""
        return f"{self.memory_bytes / GIB:.1f} GiB"


# Set here although most are defaults, because the defaults of an operator's server may be others.
INSERT_SETTINGS: dict[str, Any] = {
    "async_insert": 0,  # the answer must mean that the rows are stored
    "insert_deduplicate": 1,
    # Nobody reads them.
    "send_profile_events": 0,
    # What is inserted into the counts is summed already.
    "optimize_on_insert": 0,
    "distributed_foreground_insert": 1,
    # A backfill may hold any number of days, each of which is a partition.
    "max_partitions_per_insert_block": 0,
}
INSERT_TIMEOUT_S = 60
INSERT_SOCKET_TIMEOUT_S = 90

# A part of few rows is read whole as fast as its bloom filters, and soon merged into one that has them; not so the text
# index, without which a question about a word would read the part by other rules.
SMALL_BLOCK_ROWS = 10_000
SMALL_BLOCK_SETTINGS: dict[str, Any] = {
    "exclude_materialize_skip_indexes_on_insert": "body_letters,attribute_pairs,trace_ids",
}
