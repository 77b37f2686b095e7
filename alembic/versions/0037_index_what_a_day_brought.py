"""Count a day's sales and new users by an index: an operator asks at any time."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.create_index("ix_users_created_at", "users", ["created_at"], unique=False)
    op.create_index(
        "ix_purchases_paid_at",
        "purchases",
        ["paid_at"],
        unique=False,
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_purchases_paid_at", table_name="purchases")
    op.drop_index("ix_users_created_at", table_name="users")
