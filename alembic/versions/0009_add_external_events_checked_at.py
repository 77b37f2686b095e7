"""Add external_events.checked_at: when a payment was looked up in its provider's own books."""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "external_events", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_external_events_unchecked",
        "external_events",
        ["received_at"],
        postgresql_where=sa.text(
            "provider = 'stars' AND event_type = 'invoice_paid' AND checked_at IS NULL"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_external_events_unchecked", table_name="external_events")
    op.drop_column("external_events", "checked_at")
