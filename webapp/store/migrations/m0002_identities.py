"""The columns that name a row's request and insertion, for requests that share an insertion with others."""

from __future__ import annotations

from webapp.store.tables import Topology, add_identity_columns

VERSION = 2
NAME = "identities"


def statements(topology: Topology) -> list[str]:
    """Return the statements that add the columns."""
    return add_identity_columns(topology)
