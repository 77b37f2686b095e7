"""Find answered conversations that have been silent for long."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.create_index(
        "ix_conversations_answered",
        "conversations",
        ["last_message_at"],
        unique=False,
        postgresql_where=sa.text("state = 'answered'"),
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_answered", table_name="conversations")
