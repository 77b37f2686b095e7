"""Take the length from columns that hold values from outside: nobody promised us one."""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# It only widens.
oldest_code = "0005"

_COLUMNS = (
    ("external_events", "external_id", 255),
    ("external_events", "event_type", 64),
    ("purchases", "invoice_id", 64),
    ("purchases", "payment_id", 255),
    ("ledger_entries", "reason", 256),
)


def upgrade() -> None:
    """Neither a table nor an index is written anew for it."""
    for table, column, length in _COLUMNS:
        op.alter_column(table, column, existing_type=sa.String(length), type_=sa.String())


def downgrade() -> None:
    for table, column, length in _COLUMNS:
        op.alter_column(
            table,
            column,
            existing_type=sa.String(),
            type_=sa.String(length),
            postgresql_using=f"left({column}, {length})",
        )
