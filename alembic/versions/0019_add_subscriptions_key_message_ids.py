"""Which messages show a subscription's key: a new key takes its place in them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What does not know the column leaves the old key where it was shown, as it always did.
oldest_code = "0005"


def upgrade() -> None:
    op.add_column(
        "subscriptions", sa.Column("key_message_ids", sa.ARRAY(sa.BigInteger()), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("subscriptions", "key_message_ids")
