"""What ingestion in one process shares between its requests."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ingest.budget import Budget
from webapp.ingest.rates import Rates
from webapp.ingest.valkey import Valkey
from webapp.ingest.writer import Writer
from webapp.settings import Settings
from webapp.store.store import Store


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Who stores, and what is let in.

    Attributes:
        valkey: shared with whatever else must not wait for Redis, so that an outage is noticed and logged once.
    """

    valkey: Valkey
    writer: Writer
    budget: Budget
    rates: Rates

    @classmethod
    def from_settings(cls, settings: Settings, store: Store) -> Ingestion:
        """Return the parts, connected to nothing."""
        valkey = Valkey(settings.redis_url)
        return cls(
            valkey,
            Writer(store, valkey),
            Budget(settings.ingest_memory_bytes),
            Rates(valkey, settings.project_bytes_per_s),
        )
