"""Users are found by their names, and by the invoices and payments of their orders."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What knows no such time leaves it empty: the user counts as seen when they came.
oldest_code = "0005"

OF_PURCHASES = ("invoice_id", "payment_id")


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("username_seen_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_users_username", "users", [sa.text("lower(username)")], unique=False)
    for column in OF_PURCHASES:
        op.create_index(
            f"ix_purchases_{column}",
            "purchases",
            [column],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    for column in OF_PURCHASES:
        op.drop_index(f"ix_purchases_{column}", table_name="purchases")
    op.drop_index("ix_users_username", table_name="users")
    op.drop_column("users", "username_seen_at")
