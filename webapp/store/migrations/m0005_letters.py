"""An index of runs of letters in place of the one of n-grams: see ``webapp/queries/substrings.py``."""

from __future__ import annotations

from webapp.store.tables import Topology, index_letters

VERSION = 5
NAME = "letters"


def statements(topology: Topology) -> list[str]:
    """Return the statements that replace the index."""
    return index_letters(topology)
