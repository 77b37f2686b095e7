"""Since when the bot may not write in a group; null: it may, as far as is known."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What does not know it takes lack of rights for a failure, as it always did.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "group_chats", sa.Column("restricted_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("group_chats", "restricted_at")
