"""Find what retention, exports and erasures look for without reading what stays for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

oldest_code = "0005"

OVER = "status IN ('sent', 'withdrawn', 'unreachable')"
KEPT = "attention|delayed|event-failed|new-key|question|removal"


def upgrade() -> None:
    op.create_index("ix_audit_actor", "audit", ["actor"], unique=False)
    op.create_index("ix_promo_uses_user_id", "promo_uses", ["user_id"], unique=False)
    op.create_index(
        "ix_purchases_drafts",
        "purchases",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('expired', 'cancelled') AND provider IS NULL"),
    )
    op.create_index(
        "ix_outbox_person",
        "outbox",
        [sa.literal_column("(values ->> 'person')")],
        unique=False,
        postgresql_where=sa.text("(values ->> 'person') IS NOT NULL"),
    )
    index_over(f"{OVER} AND key !~ '^({KEPT}):'")


def downgrade() -> None:
    index_over(OVER)
    op.drop_index("ix_outbox_person", table_name="outbox")
    op.drop_index("ix_purchases_drafts", table_name="purchases")
    op.drop_index("ix_promo_uses_user_id", table_name="promo_uses")
    op.drop_index("ix_audit_actor", table_name="audit")


def index_over(condition: str) -> None:
    op.drop_index("ix_outbox_over", table_name="outbox")
    op.create_index(
        "ix_outbox_over",
        "outbox",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text(condition),
    )
