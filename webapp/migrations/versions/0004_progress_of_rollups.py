"""How far the counts of attributes have come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rollup_progress",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("counted_until_ns", sa.BigInteger(), nullable=False),
        sa.Column("planned_until_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rollup_progress")),
    )


def downgrade() -> None:
    op.drop_table("rollup_progress")
