"""More traffic and more devices for a subscription that runs, as things to buy."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

# What does not know the columns leaves the money of an order for an extra, paid after a roll-back,
# on the balance; what was bought before is kept, and extra devices stay until code that knows them.
oldest_code = "0005"

_RUNNING = "activation_status IN ('pending', 'active', 'needs_attention')"


def upgrade() -> None:
    op.create_table(
        "extras",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('traffic', 'devices')", name=op.f("ck_extras_kind")),
        sa.CheckConstraint("amount > 0 AND price_minor > 0", name=op.f("ck_extras_price")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_extras_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extras")),
    )
    op.create_index(
        "uq_extras_amount",
        "extras",
        [sa.text("coalesce(plan_id, 0)"), "kind", "amount"],
        unique=True,
    )
    op.add_column("purchases", sa.Column("extra_id", sa.BigInteger(), nullable=True))
    none = sa.text("0")
    for column in ("extra_traffic_bytes", "extra_devices"):
        op.add_column(
            "subscriptions",
            sa.Column(column, sa.BigInteger(), server_default=none, nullable=False),
        )
    op.add_column(
        "subscriptions",
        sa.Column("extra_devices_until", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        "ix_subscriptions_extra_devices",
        "subscriptions",
        ["extra_devices_until"],
        postgresql_where=sa.text(f"extra_devices_until IS NOT NULL AND {_RUNNING}"),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_extra_devices", table_name="subscriptions")
    for column in ("extra_devices_until", "extra_devices", "extra_traffic_bytes"):
        op.drop_column("subscriptions", column)
    op.drop_column("purchases", "extra_id")
    op.drop_table("extras")
