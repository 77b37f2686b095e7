"""Offers to bring users back whose access has ended, and promo codes of one user's own."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

# What does not know the column would let anybody use a code that is one user's: such codes are
# long, drawn by lot, and shown to that user alone.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "win_backs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_held_out", sa.Boolean(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_win_backs_subscription_id_subscriptions"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_win_backs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_win_backs")),
        sa.UniqueConstraint(
            "subscription_id", "ended_at", name=op.f("uq_win_backs_subscription_id_ended_at")
        ),
    )
    op.create_index(
        "ix_win_backs_due_at",
        "win_backs",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_win_backs_user_id", "win_backs", ["user_id"])
    op.create_index("ix_win_backs_ended_at", "win_backs", ["ended_at"])
    op.add_column("promo_codes", sa.Column("user_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_promo_codes_user_id",
        "promo_codes",
        ["user_id"],
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_column("promo_codes", "user_id")
    op.drop_table("win_backs")
