"""Terms of leadership: their number, and the term in which each lease was taken."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What reads no terms waits for the leases' ends, as it always did.
oldest_code = "0005"

LEASES = {"outbox": "lease_term", "subscriptions": "lease_term", "watches": "card_lease_term"}


def upgrade() -> None:
    op.create_table(
        "leadership_term",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_leadership_term_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leadership_term")),
    )
    for table, column in LEASES.items():
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))


def downgrade() -> None:
    for table, column in LEASES.items():
        op.drop_column(table, column)
    op.drop_table("leadership_term")
