"""An order's copies, the deleting of invoices, and wrong tries of promo codes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

oldest_code = "0005"

# Until now a refund gave a code back by being no use that counts; from now on it removes the use.
FORGET_REFUNDED_USES = """
DELETE FROM promo_uses USING purchases
WHERE purchases.id = promo_uses.purchase_id AND purchases.status = 'refunded'
"""


def upgrade() -> None:
    op.add_column("purchases", sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("purchases", sa.Column("original_id", sa.Uuid(), nullable=True))
    op.add_column(
        "purchases", sa.Column("invoice_deleted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_purchases_invoice_to_delete",
        "purchases",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text(
            "status = 'cancelled' AND invoice_id IS NOT NULL AND invoice_deleted_at IS NULL"
        ),
    )
    op.create_table(
        "promo_tries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_promo_tries_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_tries")),
    )
    op.create_index(
        "ix_promo_tries_user_id", "promo_tries", ["user_id", "created_at"], unique=False
    )
    op.create_index("ix_promo_tries_created_at", "promo_tries", ["created_at"], unique=False)
    op.execute(FORGET_REFUNDED_USES)


def downgrade() -> None:
    op.drop_table("promo_tries")
    op.drop_index("ix_purchases_invoice_to_delete", table_name="purchases")
    for column in ("invoice_deleted_at", "original_id", "chosen_at"):
        op.drop_column("purchases", column)
