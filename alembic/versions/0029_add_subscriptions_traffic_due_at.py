"""When the panel is asked next about an access's used traffic, and what was reported of it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# What does not know the columns asks about nobody; what it sells is due from the start.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "subscriptions",
        sa.Column(
            "traffic_due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
        ),
    )
    op.add_column(
        "subscriptions", sa.Column("traffic_notified_percent", sa.BigInteger(), nullable=True)
    )
    op.create_index(
        "ix_subscriptions_traffic",
        "subscriptions",
        ["traffic_due_at"],
        unique=False,
        postgresql_where=sa.text(
            "activation_status = 'active' AND traffic_limit_bytes > 0 AND NOT is_trial"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_traffic", table_name="subscriptions")
    op.drop_column("subscriptions", "traffic_notified_percent")
    op.drop_column("subscriptions", "traffic_due_at")
