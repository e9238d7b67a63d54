"""The time of receipt comes from the server, where whoever inserts leaves it out."""

from __future__ import annotations

from webapp.store.tables import Topology, observe_on_server

VERSION = 3
NAME = "observed"


def statements(topology: Topology) -> list[str]:
    """Return the statements that give the column its default."""
    return observe_on_server(topology)
