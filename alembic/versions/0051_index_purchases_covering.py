"""Find what gave access within some weeks."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.create_index(
        "ix_purchases_covering",
        "purchases",
        ["covers_until"],
        unique=False,
        postgresql_where=sa.text("status = 'paid' AND covers_until IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_purchases_covering", table_name="purchases")
