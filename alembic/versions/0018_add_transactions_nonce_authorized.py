"""The nonce of a transaction may be used by an authorization (EIP-7702), which replaces nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What does not know the column says that another transaction took its place.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "transactions",
        sa.Column("nonce_authorized", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("transactions", "nonce_authorized")
