"""Rows carry the trace of a purchase across the commits on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0067"
branch_labels = None
depends_on = None

# Code that knows no traces leaves them empty.
oldest_code = "0005"

_TABLES = ("subscriptions", "outbox")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("trace_parent", sa.String(55), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "trace_parent")
