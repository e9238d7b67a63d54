"""The tables for logs, and for the counts of their attributes."""

from __future__ import annotations

from webapp.store.tables import TABLES, Topology

VERSION = 1
NAME = "tables"


def statements(topology: Topology) -> list[str]:
    """Return the statements that create all tables."""
    return [statement for table in TABLES.values() for statement in table.create(topology)]
