"""Until when a transaction of TRON can be put into a block."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "transactions", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("transactions", "expires_at")
