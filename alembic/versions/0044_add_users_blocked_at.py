"""Since when a user is blocked by the shop, also one who has erased their data."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# What knows no blocking serves blocked users.
oldest_code = "0005"


def upgrade() -> None:
    for table in ("users", "erased_users"):
        op.add_column(table, sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in ("erased_users", "users"):
        op.drop_column(table, "blocked_at")
