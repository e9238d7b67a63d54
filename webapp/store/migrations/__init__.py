"""The migrations, oldest first: modules ``m0001_…`` with ``VERSION``, ``NAME`` and ``statements(topology)``.

A new one is added to the end and never changed after a release. Its statements say IF NOT EXISTS, IF EXISTS, or
otherwise do no harm when they run again or twice at once. The definitions in ``webapp/store/tables.py`` are always the
newest: the first migration creates the tables of today, and later ones change the tables of yesterday.
"""

from __future__ import annotations

from webapp.store.migrations import (
    m0001_tables,
    m0002_identities,
    m0003_observed,
    m0004_counting,
    m0005_indexes,
    m0006_keys,
)

MIGRATIONS = (m0001_tables, m0002_identities, m0003_observed, m0004_counting, m0005_indexes, m0006_keys)
