"""Early events are removed too: the index of those that are over holds them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

oldest_code = "0005"

OLD = "outcome IN ('settled', 'repeated', 'ignored')"
NEW = "outcome IN ('received', 'settled', 'repeated', 'ignored')"


def upgrade() -> None:
    replace("ix_external_events_handled", "ix_external_events_removable", NEW)


def downgrade() -> None:
    replace("ix_external_events_removable", "ix_external_events_handled", OLD)


def replace(old: str, new: str, condition: str) -> None:
    op.drop_index(old, table_name="external_events")
    op.create_index(
        new, "external_events", ["received_at"], unique=False, postgresql_where=sa.text(condition)
    )
