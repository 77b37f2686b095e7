"""What the tables of the operator's web are paged and filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

# Indexes alone: what older code asks is answered by the same ones.
oldest_code = "0005"

_PARTIAL = (
    ("ix_users_blocked_at", "users", ["blocked_at", "id"], "blocked_at IS NOT NULL"),
    ("ix_users_unreachable_at", "users", ["unreachable_at", "id"], "unreachable_at IS NOT NULL"),
    ("ix_purchases_paid_at_id", "purchases", ["paid_at", "id"], "paid_at IS NOT NULL"),
    ("ix_purchases_refunded_at", "purchases", ["refunded_at", "id"], "refunded_at IS NOT NULL"),
    ("ix_outbox_not_sent", "outbox", ["id"], "status IN ('failed', 'doubtful')"),
)


def upgrade() -> None:
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"], unique=False)
    for name, table, columns, where in _PARTIAL:
        op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(where))
    # Each begins another one now.
    op.drop_index("ix_users_created_at", table_name="users")
    op.drop_index("ix_purchases_paid_at", table_name="purchases")


def downgrade() -> None:
    op.create_index(
        "ix_purchases_paid_at",
        "purchases",
        ["paid_at"],
        unique=False,
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.create_index("ix_users_created_at", "users", ["created_at"], unique=False)
    for name, table, _, _ in _PARTIAL:
        op.drop_index(name, table_name=table)
    op.drop_index("ix_users_created_at_id", table_name="users")
