"""Passwords, invitations, the rotation of ingestion tokens, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("password_hash", sa.String(length=200), nullable=True))
        users.add_column(sa.Column("session_version", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("ingestion_tokens") as tokens:
        for name in ("rotated_at", "expires_at", "last_used_at"):
            tokens.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _create_invitations()
    _create_audit_entries()


def _create_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitations_email_lower_case")),
        sa.CheckConstraint("role IN ('viewer', 'member', 'admin')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_invitations_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["users.id"], name=op.f("fk_invitations_invited_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    for column in ("project_id", "email", "invited_by_id"):
        op.create_index(op.f(f"ix_invitations_{column}"), "invitations", [column])


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=500), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("object", sa.String(length=500), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("tally_key", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'key', 'operator', 'system', 'anyone')",
            name=op.f("ck_audit_entries_actor_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("tally_key", name=op.f("uq_audit_entries_tally_key")),
    )
    op.create_index(op.f("ix_audit_entries_project_id_id"), "audit_entries", ["project_id", "id"])


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_table("invitations")
    # Never rebuilt, so that their constraints and SQLite's counters of ids stay as they are.
    with op.batch_alter_table("ingestion_tokens", recreate="never") as tokens:
        for name in ("last_used_at", "expires_at", "rotated_at"):
            tokens.drop_column(name)
    with op.batch_alter_table("users", recreate="never") as users:
        users.drop_column("session_version")
        users.drop_column("password_hash")
