"""Which panel a new subscription is put on: by the plan's choice, and by how full each is."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# What does not know the columns puts every new subscription on the environment's panel.
oldest_code = "0005"


def upgrade() -> None:
    count, groups = sa.text("0"), sa.text("'{}'")
    op.add_column("panels", sa.Column("load", sa.BigInteger(), server_default=count, nullable=False))
    op.add_column("plans", sa.Column("panel_group", sa.String(length=32), nullable=True))
    op.add_column(
        "plans",
        sa.Column("access_groups", sa.ARRAY(sa.String()), server_default=groups, nullable=False),
    )
    op.add_column(
        "subscriptions",
        sa.Column("awaits_panel", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("subscriptions", sa.Column("access_groups", sa.ARRAY(sa.String()), nullable=True))
    op.create_index(
        "ix_subscriptions_on_panel",
        "subscriptions",
        ["panel_id", "id"],
        postgresql_where=sa.text("activation_status IN ('pending', 'active', 'needs_attention')"),
    )
    op.create_index(
        "ix_subscriptions_awaits_panel",
        "subscriptions",
        ["id"],
        postgresql_where=sa.text("awaits_panel"),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_awaits_panel", table_name="subscriptions")
    op.drop_index("ix_subscriptions_on_panel", table_name="subscriptions")
    op.drop_column("subscriptions", "access_groups")
    op.drop_column("subscriptions", "awaits_panel")
    op.drop_column("plans", "access_groups")
    op.drop_column("plans", "panel_group")
    op.drop_column("panels", "load")
