"""Pages of lists, as the API has them everywhere: ``limit`` and ``offset``, and addresses of the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

T = TypeVar("T")

MAX_LIMIT = 1000
MAX_OFFSET = 2**31 - 1  # larger numbers are no longer offsets to every database


@dataclass(frozen=True, slots=True)
class Page:
    """Which entries of a list are asked for."""

    limit: int
    offset: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", min(self.limit, MAX_LIMIT))
        object.__setattr__(self, "offset", min(self.offset, MAX_OFFSET))

    def cut(self, entries: Sequence[T]) -> Sequence[T]:
        """Return the page of a list that is there as a whole."""
        return entries[self.offset : self.offset + self.limit]

    def of(self, results: list[dict[str, Any]], count: int) -> dict[str, Any]:
        """Return the page as JSON; ``count`` is that of the whole list."""
        end = self.offset + self.limit
        after = replace(self, offset=end) if end < count else None
        before = replace(self, offset=max(0, self.offset - self.limit)) if self.offset > 0 else None
        return {
            "count": count,
            "next": after.address if after is not None else None,
            "previous": before.address if before is not None else None,
            "results": results,
        }

    @property
    def address(self) -> str:
        """The address of this page of the list that the present request asks for."""
        asked = {**request.args.to_dict(), "limit": self.limit, "offset": self.offset}
        return f"{request.base_url}?{urlencode(asked)}"
