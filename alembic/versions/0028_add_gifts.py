"""A plan that a user buys for another one, and codes of plans that operators give away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# What does not know the column takes an order for a gift, paid after a roll-back, as one for its
# buyer: nothing is lost, and no row is one that it cannot read.
oldest_code = "0005"

SOLD = (
    "status NOT IN ('paid', 'refunded') OR (paid_at IS NOT NULL AND (kind = 'top_up'{gift}"
    " OR (subscription_id IS NOT NULL AND subscription_revision IS NOT NULL"
    " AND covers_until IS NOT NULL)))"
)


def upgrade() -> None:
    op.add_column(
        "purchases",
        sa.Column("is_gift", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    check_sold(" OR is_gift")
    op.create_table(
        "gifts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=True),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("titles", postgresql.JSONB(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=True),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("traffic_limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("device_limit", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purchase_id IS NULL) <> (batch IS NULL)", name=op.f("ck_gifts_origin")
        ),
        sa.CheckConstraint(
            "(redemption_id IS NULL) = (redeemed_at IS NULL)", name=op.f("ck_gifts_redeemed")
        ),
        sa.CheckConstraint(
            "redeemed_at IS NULL OR voided_at IS NULL", name=op.f("ck_gifts_end")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_gifts_plan_id_plans")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_gifts_purchase_id_purchases")
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["purchases.id"], name=op.f("fk_gifts_redemption_id_purchases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gifts")),
        sa.UniqueConstraint("code", name=op.f("uq_gifts_code")),
        sa.UniqueConstraint("purchase_id", name=op.f("uq_gifts_purchase_id")),
        sa.UniqueConstraint("redemption_id", name=op.f("uq_gifts_redemption_id")),
    )
    op.create_index(
        "ix_gifts_batch", "gifts", ["batch"], postgresql_where=sa.text("batch IS NOT NULL")
    )
    op.create_index(
        "ix_gifts_over",
        "gifts",
        [sa.text("coalesce(voided_at, ends_at)")],
        postgresql_where=sa.text("batch IS NOT NULL AND redeemed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("gifts")
    # Refused where gifts were sold: the constraint of before knows no sale without access.
    check_sold("")
    op.drop_column("purchases", "is_gift")


def check_sold(gift: str) -> None:
    op.drop_constraint(op.f("ck_purchases_paid"), "purchases", type_="check")
    op.create_check_constraint(op.f("ck_purchases_paid"), "purchases", SOLD.format(gift=gift))
