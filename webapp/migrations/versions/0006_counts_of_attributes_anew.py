"""The counts of attributes are made anew: those of an older version lack the keys by themselves.

A worker that finds no progress empties the table and counts from the first row on.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM rollup_progress WHERE name = 'attributes'")


def downgrade() -> None:
    op.execute("DELETE FROM rollup_progress WHERE name = 'attributes'")
