"""Attributes are counted by a job, no longer by views: see ``webapp/services/attribute_counts.py``."""

from __future__ import annotations

from webapp.store.tables import Topology, drop_views

VERSION = 4
NAME = "counting"


def statements(topology: Topology) -> list[str]:
    """Return the statements that remove the views."""
    return drop_views(topology)
