"""Within a chat and a lane, what is urgent goes first."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "outbox", sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "ix_outbox_chat_priority",
        "outbox",
        ["chat_id", "priority", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_chat_priority", table_name="outbox")
    op.drop_column("outbox", "priority")
