"""Find the subscriptions that are on the default panel from before it had a row."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

# An index alone.
oldest_code = "0005"


def upgrade() -> None:
    op.create_index(
        "ix_subscriptions_on_no_row",
        "subscriptions",
        ["id"],
        postgresql_where=sa.text(
            "panel_id IS NULL AND activation_status IN ('pending', 'active', 'needs_attention')"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_subscriptions_on_no_row", table_name="subscriptions")
