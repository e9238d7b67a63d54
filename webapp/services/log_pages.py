"""Pages that are cut short where their rows are too large to be held in memory together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from webapp.errors import QueryTooLarge
from webapp.extensions import settings
from webapp.queries.query import Query
from webapp.settings import MIB

Page = TypeVar("Page")

# A process takes five times as much for a page: 300 bodies of 1.7 MB took 1.5 GB. Any answer may have 256 MiB, into
# which two rows of the largest requests fit.
PAGE_BYTES = 64 * MIB
SHRINK = 8


def read_page(read: Callable[[int, bool], Page], limit: int) -> Page:
    """Read a page of at most so many rows; of fewer, if these are too large.

    Args:
        read: reads a page of so many rows, and is told whether its bytes are limited: those of a single row are not.

    Raises:
        QueryTooLarge: ClickHouse has not enough memory for one row, or time for another attempt.
    """
    begun_at = time.perf_counter()
    while True:
        try:
            return read(limit, limit > 1)
        except QueryTooLarge:
            if limit == 1 or time.perf_counter() - begun_at > settings.query_timeout_s / 2:
                raise
            limit = max(limit // SHRINK, 1)


def sized(query: Query, *, is_limited: bool) -> Query:
    """Return the query with a limit on the bytes of its answer, or as it is."""
    if not is_limited:
        return query
    return replace(query, settings={**query.settings, "max_result_bytes": PAGE_BYTES})
