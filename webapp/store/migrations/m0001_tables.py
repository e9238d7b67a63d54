"""The tables for logs, and the views that fill the counts of their attributes."""

from __future__ import annotations

from webapp.store.tables import TABLES, Topology, create_views

VERSION = 1
NAME = "tables"


def statements(topology: Topology) -> list[str]:
    """Return the statements that create all tables, then the views between them."""
    tables = [statement for table in TABLES.values() for statement in table.create(topology)]
    return tables + create_views(topology)
