"""The outbox is claimed chat by chat: each one's first message stands in front of its others."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What claims by the order of due times finds a chat's earlier messages by ix_outbox_chat_priority.
oldest_code = "0005"

CHATS = [sa.text(column) for column in ("lane", "chat_id", "priority DESC", "id")]


def upgrade() -> None:
    op.create_index(
        "ix_outbox_chats",
        "outbox",
        CHATS,
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        "ix_outbox_urgent_chats",
        "outbox",
        CHATS,
        unique=False,
        postgresql_where=sa.text("status = 'waiting' AND priority > 0"),
    )
    op.drop_index("ix_outbox_chat_order", table_name="outbox")


def downgrade() -> None:
    op.create_index(
        "ix_outbox_chat_order",
        "outbox",
        ["chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.drop_index("ix_outbox_urgent_chats", table_name="outbox")
    op.drop_index("ix_outbox_chats", table_name="outbox")
