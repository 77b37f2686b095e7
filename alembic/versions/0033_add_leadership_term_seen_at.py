"""When an instance was last seen at work, so that a gap is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# What does not know the column leaves it as it was: a later version takes its time for a gap.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "leadership_term", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("leadership_term", "seen_at")
