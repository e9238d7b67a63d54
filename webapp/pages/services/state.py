"""The state of the page of services, which is its address: ``?name=…&t=…&tz=…&by=errors&sort=asc``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from webapp.pages.logs.state import DEFAULT_TIME, Reading, read_address

# What the table can be sorted by, and how it begins: names from a to z, numbers from the largest down.
ORDERS = {"name": "asc", "logs": "desc", "errors": "desc", "rate": "desc"}
USUAL_ORDER = "logs"
NAME_CHARACTERS = 200


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What the page shows; time and zone are read as the explorer reads them."""

    name: str
    by: str
    sort: str
    reading: Reading

    @property
    def time_text(self) -> str:
        """The text of the time box."""
        return self.reading.state.time_text

    @property
    def is_turned(self) -> bool:
        """Whether the table is sorted the other way than it begins."""
        return self.sort != ORDERS[self.by]

    def query_string(self, **changes: str) -> str:
        """Return the query string with these keys changed; what is as usual is left out."""
        explorer = self.reading.state
        values = {"name": self.name, "t": explorer.time_text, "tz": explorer.zone_text, "by": self.by}
        values |= {"sort": self.sort, **changes}
        if values["t"] == DEFAULT_TIME:
            del values["t"]
        if values["sort"] == ORDERS[values["by"]]:
            del values["sort"]
        if values["by"] == USUAL_ORDER:
            del values["by"]
        return urlencode([(key, value) for key, value in values.items() if value], quote_via=quote, safe="/:,.*@")


def read_state(args: Mapping[str, str], now: datetime, project_zone: str) -> State:
    """Read the state from an address; what cannot be used in it is as if it were not there."""
    reading = read_address({key: args[key] for key in ("t", "tz") if key in args}, now, project_zone)
    by = args.get("by", "")
    by = by if by in ORDERS else USUAL_ORDER
    sort = args.get("sort", "")
    return State(
        name=args.get("name", "").strip()[:NAME_CHARACTERS],
        by=by,
        sort=sort if sort in ("asc", "desc") else ORDERS[by],
        reading=reading,
    )
