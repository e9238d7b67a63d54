"""Finer indexes: one of runs of letters in place of that of n-grams (see ``webapp/queries/substrings.py``)."""

from __future__ import annotations

from webapp.store.tables import Topology, renew_indexes

VERSION = 5
NAME = "indexes"


def statements(topology: Topology) -> list[str]:
    """Return the statements that replace the indexes."""
    return renew_indexes(topology)
