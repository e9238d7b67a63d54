"""Keys are counted by themselves, too: listing them reads no values. The counting begins anew (see Alembic's 0006)."""

from __future__ import annotations

from webapp.store.tables import Topology, count_keys_alone

VERSION = 6
NAME = "keys"


def statements(topology: Topology) -> list[str]:
    """Return the statements that widen the column ``kind``."""
    return count_keys_alone(topology)
