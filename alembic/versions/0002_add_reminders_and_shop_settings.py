"""Add the last reminder that was sent, withdrawn notifications, and the operator's settings."""

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD = "'waiting', 'sent', 'unreachable', 'doubtful', 'failed'"


def upgrade() -> None:
    op.create_table(
        "shop_settings",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_shop_settings")),
    )
    op.add_column("subscriptions", sa.Column("reminded_hours", sa.BigInteger(), nullable=True))
    set_states(f"{OLD}, 'withdrawn'")


def downgrade() -> None:
    op.execute("UPDATE outbox SET status = 'doubtful' WHERE status = 'withdrawn'")
    set_states(OLD)
    op.drop_column("subscriptions", "reminded_hours")
    op.drop_table("shop_settings")


def set_states(states: str) -> None:
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_status")
    # NOT VALID and then VALIDATE: writers wait for a moment only, not for a scan of the table.
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_status CHECK (status IN ({states})) NOT VALID"
    )
    op.execute("ALTER TABLE outbox VALIDATE CONSTRAINT ck_outbox_status")
