"""Find failed updates by their age and by their sender: an erasure and retention read all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

oldest_code = "0005"

SENDER_ID = (
    "COALESCE(body #>> '{message,from,id}', body #>> '{edited_message,from,id}',"
    " body #>> '{callback_query,from,id}', body #>> '{my_chat_member,from,id}')"
)


def upgrade() -> None:
    op.create_index("ix_failed_updates_created_at", "failed_updates", ["created_at"], unique=False)
    op.create_index(
        "ix_failed_updates_sender", "failed_updates", [sa.text(f"({SENDER_ID})")], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_failed_updates_sender", table_name="failed_updates")
    op.drop_index("ix_failed_updates_created_at", table_name="failed_updates")
