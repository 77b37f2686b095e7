"""The operator's addresses that buyers pay to."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

# What does not know the table shows no address.
oldest_code = "0005"


def upgrade() -> None:
    op.create_table(
        "onchain_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(32), nullable=False),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.CheckConstraint("family IN ('evm', 'tron')", name=op.f("ck_onchain_addresses_family")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onchain_addresses")),
    )
    op.create_index(
        "ix_onchain_addresses_effective", "onchain_addresses", ["family", "effective_at"]
    )


def downgrade() -> None:
    op.drop_table("onchain_addresses")
