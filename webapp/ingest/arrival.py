"""A request on its way into the table, perhaps in an insertion that it shares with others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from webapp.errors import HedgerowError, Unavailable
from webapp.queries.scope import TimeRange

DAY_NS = 86_400_000_000_000
# How long a request is known by: clients give up on one sooner (OTLP exporters after about 5 minutes).
REMEMBERED_NS = 16 * 60 * 1_000_000_000
ANSWER_S = 10.0  # what a client waits for an answer at least
LOOK_UP_S = 0.25

Partition = tuple[int, date]


@dataclass(slots=True, eq=False)
class Arrival:
    """The rows of one request, and what became of them.

    Attributes:
        request_hash: names the request by project and bytes.
        columns: the block of its rows.
    """

    project_id: int
    request_hash: int
    columns: dict[str, list[Any]]
    received_at_ns: int
    _done: threading.Event = field(default_factory=threading.Event)
    _error: Exception | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.columns["timestamp"])

    @property
    def partition(self) -> Partition | None:
        """Return the partition that all of its rows land in; None where they land in several."""
        days = (timestamp // DAY_NS for timestamp in self.columns["timestamp"])
        partitions = set(zip(days, self.columns["expires_on"], strict=True))
        return partitions.pop() if len(partitions) == 1 else None

    @property
    def time(self) -> TimeRange:
        """Where its rows are if it was stored before: rows without a timestamp had that of their first receipt."""
        timestamps = self.columns["timestamp"]
        first_ns = min(timestamps)
        if self.has_undated_rows:
            first_ns = min(first_ns, self.received_at_ns - REMEMBERED_NS)
        return TimeRange(first_ns, max(timestamps), end_inclusive=True)

    @property
    def has_undated_rows(self) -> bool:
        """Whether a row has the time of receipt for its own."""
        return self.received_at_ns in self.columns["timestamp"]

    @property
    def may_be_of_yesterday(self) -> bool:
        """Whether the request may have come before, on another day of UTC."""
        return (self.received_at_ns - REMEMBERED_NS) // DAY_NS < self.received_at_ns // DAY_NS

    @property
    def is_done(self) -> bool:
        """Whether it is known what became of it."""
        return self._done.is_set()

    def finish(self, error: Exception | None = None) -> None:
        """Say what became of it; the first word counts."""
        if not self._done.is_set():
            self._error = error
            self._done.set()

    def wait(self, is_stopping: Callable[[], bool]) -> None:
        """Return when its rows are durable.

        Raises:
            Unavailable: they are not, or nobody knows yet.
        """
        give_up_at = time.monotonic() + ANSWER_S
        while not self._done.wait(LOOK_UP_S):
            if time.monotonic() > give_up_at:
                raise Unavailable("ClickHouse takes very long to store the logs. Send the same request again later.")
            if is_stopping():
                raise Unavailable("Hedgerow is being stopped. Send the same request again in a few seconds.")
        if isinstance(self._error, HedgerowError):
            detail, wait_s = self._error.detail, self._error.retry_after_s
            raise Unavailable(detail, retry_after_s=wait_s) from self._error
        if self._error is not None:
            raise RuntimeError("The insertion failed.") from self._error
