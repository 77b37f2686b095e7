"""Broadcasts, a row for each of their recipients, and which users want none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

oldest_code = "0005"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("broadcasts_off_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("source_message_id", sa.BigInteger(), nullable=False),
        sa.Column("content", _enum("content", "text", "media"), nullable=False),
        sa.Column("buttons", JSONB(), nullable=False),
        sa.Column(
            "segment_kind",
            _enum(
                "segment_kind",
                *("all", "active", "trial", "ended", "never_bought", "plan", "source"),
                "promo_code",
            ),
            nullable=False,
        ),
        sa.Column("segment_value", sa.String(32), server_default=sa.text("''"), nullable=False),
        sa.Column("segment_language", sa.String(2), nullable=True),
        sa.Column(
            "state",
            _enum("state", "draft", "scheduled", "running", "paused", "done", "cancelled"),
            nullable=False,
        ),
        sa.Column("wakes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        *map(_count, ("total", "sent", "unreachable", "doubtful", "failed", "skipped")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index(
        "ix_broadcasts_wakes_at",
        "broadcasts",
        ["wakes_at"],
        postgresql_where=sa.text("wakes_at IS NOT NULL"),
    )
    op.create_index("ix_broadcasts_created_at", "broadcasts", ["created_at"])
    _create_recipients()


def _create_recipients() -> None:
    op.create_table(
        "broadcast_recipients",
        sa.Column("broadcast_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            _enum("state", "waiting", "sent", "unreachable", "doubtful", "failed", "skipped"),
            nullable=False,
        ),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_term", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (leased_until IS NULL)",
            name=op.f("ck_broadcast_recipients_lease"),
        ),
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcasts.id"],
            name=op.f("fk_broadcast_recipients_broadcast_id_broadcasts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_recipients")),
        sa.UniqueConstraint(
            "user_id", "broadcast_id", name=op.f("uq_broadcast_recipients_user_id_broadcast_id")
        ),
    )
    op.create_index(
        "ix_broadcast_recipients_waiting",
        "broadcast_recipients",
        ["broadcast_id", "due_at", "id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_broadcast_recipients_broadcast_id", "broadcast_recipients", ["broadcast_id", "id"]
    )


def downgrade() -> None:
    op.drop_table("broadcast_recipients")
    op.drop_table("broadcasts")
    op.drop_column("users", "broadcasts_off_at")
