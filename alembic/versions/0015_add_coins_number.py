"""A position of its own for coins that came in, beside the one of tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# What knows one position reads coins by that of tokens, as it always did.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column("chain_states", sa.Column("coins_number", sa.BigInteger(), nullable=True))
    op.execute("UPDATE chain_states SET coins_number = logs_number")


def downgrade() -> None:
    op.drop_column("chain_states", "coins_number")
