"""The column that names a row's request, for requests that share an insertion with others."""

from __future__ import annotations

from webapp.store.tables import Topology, add_request_hash

VERSION = 2
NAME = "identities"


def statements(topology: Topology) -> list[str]:
    """Return the statements that add the column."""
    return add_request_hash(topology)
