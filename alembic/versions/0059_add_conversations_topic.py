"""Topics of a forum for users' conversations with support."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

# What does not know the columns sends questions to the operators' own chats.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("topic_chat_id", sa.BigInteger(), nullable=True))
    op.add_column("conversations", sa.Column("topic_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "conversations",
        sa.Column("is_topic_closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_conversations_topic",
        "conversations",
        ["topic_chat_id", "topic_id"],
        unique=False,
        postgresql_where=sa.text("topic_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_topic", table_name="conversations")
    op.drop_column("conversations", "is_topic_closed")
    op.drop_column("conversations", "topic_id")
    op.drop_column("conversations", "topic_chat_id")
