"""The topic of a forum that a card and a notification belong to; none is its General."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What knows no topics writes into General, as it always did.
oldest_code = "0005"

TABLES = ("outbox", "watches")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("thread_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "thread_id")
